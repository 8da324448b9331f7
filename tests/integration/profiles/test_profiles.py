"""A profile's life over HTTP, and what its topic tells of it."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest

from services.chassis.commit import unit_of_work
from services.chassis.commit.commands import Commands
from services.chassis.commit.committer import Committer
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.model.caller import Caller
from services.chassis.model.preconditions import IfMatch
from services.chassis.model.refusals import NotFound
from services.chassis.model.topic_names import TopicNames
from services.chassis.ops.health import Heartbeat
from services.profiles import usecases
from services.profiles.domain.members import MAX_MEMBERS, MemberRecord
from services.profiles.store import ROSTERS
from services.profiles.usecases import census
from tests.support.profiles import created, entry, korean
from tests.support.services import Running
from tests.support.waiting import eventually


async def test_from_draft_to_erasure_each_write_tells_one_event(profiles: Running) -> None:
    """Bare until published and again when withdrawn; the whole public state in between; a tombstone at the end."""
    hanbit = profiles.client("hanbit")
    draft = await created(profiles)
    url = f"/v1/profiles/{draft['profile_id']}"
    assert draft["state"] == "draft" and draft["revision"] == 1
    changed = korean(languages=["ko"])
    assert (await hanbit.put(url, json=changed, headers={"If-Match": '"1"'})).headers["ETag"] == '"2"'
    assert (await hanbit.post(f"{url}/publish")).json()["state"] == "published"
    assert (await hanbit.post(f"{url}/publish")).headers["ETag"] == '"3"'
    assert (await hanbit.put(url, json=korean(), headers={"If-Match": '"3"'})).status_code == 200
    assert (await hanbit.put(url, json=korean(), headers={"If-Match": '"4"'})).headers["ETag"] == '"4"'
    assert (await hanbit.post(f"{url}/withdraw")).json()["state"] == "withdrawn"
    assert (await hanbit.post(f"{url}/withdraw")).status_code == 200
    assert (await hanbit.delete(url)).status_code == 204
    assert (await hanbit.get(url)).status_code == 404
    records = await profiles.records("profiles")
    headers = [dict(r.headers) for r in records]
    names = ["created", "updated", "published", "updated", "withdrawn", "erased"]
    assert [h["ce_type"].decode().rpartition(".")[2] for h in headers] == names
    assert [int(h["ce_sequence"]) for h in headers] == [1, 2, 3, 4, 5, 6]
    events = await profiles.events("profiles")
    assert [e and e.offers is not None for e in events] == [False, False, True, True, False, None]
    assert "라이다" in (records[2].value or b"").decode()


async def test_a_draft_is_private_and_a_published_profile_is_not(profiles: Running) -> None:
    draft = await created(profiles)
    url = f"/v1/profiles/{draft['profile_id']}"
    hanbit, stranger = profiles.client("hanbit"), profiles.client("somebody", role="reader")
    assert (await stranger.get(url)).status_code == 404
    assert (await profiles.client("kic", role="organiser").get(url)).status_code == 200
    await hanbit.post(f"{url}/publish")
    assert (await stranger.get(url)).json()["organisation"]["names"]["ko"] == "한빛센서"
    assert (await stranger.get("/v1/profiles")).json()["items"][0]["profile_id"] == draft["profile_id"]


async def test_the_value_of_a_business_id_stays_with_its_owner(profiles: Running) -> None:
    organisation = korean()["organisation"] | {"business_id": {"scheme": "kr-brn", "value": "１２４-81-00998"}}
    draft = await created(profiles, organisation=organisation)
    url = f"/v1/profiles/{draft['profile_id']}"
    hanbit, stranger = profiles.client("hanbit"), profiles.client("somebody")
    await hanbit.post(f"{url}/publish")
    mine = (await hanbit.get(url)).json()["organisation"]["business_id"]
    assert mine == {"scheme": "kr-brn", "value": "1248100998", "verdict": "checksum_ok"}
    assert (await stranger.get(url)).json()["organisation"]["business_id"] == {
        "scheme": "kr-brn",
        "verdict": "checksum_ok",
    }
    assert not any(b"1248100998" in (r.value or b"") for r in await profiles.records("profiles"))


async def test_refusals_in_their_order_lose_and_half_write_nothing(profiles: Running) -> None:
    """401, 413, 422, 404, 428, 412, 409; each leaves everything as it was."""
    draft = await created(profiles)
    url = f"/v1/profiles/{draft['profile_id']}"
    hanbit, other = profiles.client("hanbit"), profiles.client("other")
    tag = {"If-Match": '"1"'}
    huge = korean(offers=[entry("technology", "가" * 300_000)])
    unknown = korean(colour="blue")
    for client, body, headers, status in (
        (profiles.client(None), huge, {}, 401),
        (hanbit, huge, tag, 413),
        (other, unknown, tag, 422),
        (other, korean(), tag, 404),
        (hanbit, korean(), {}, 428),
        (hanbit, korean(), {"If-Match": '"7"'}, 412),
        (hanbit, korean(), {"If-Match": 'W/"1"'}, 412),
        (hanbit, korean(), {"If-Match": '"01"'}, 412),
    ):
        answer = await client.put(url, json=body, headers=headers)
        assert answer.status_code == status, (status, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == status and problem["type"].startswith("https://") and problem["detail"]
    assert (await hanbit.get(url)).headers["ETag"] == '"1"'
    assert (await hanbit.put(url, json=korean(), headers={"If-Match": '"9", "1"'})).status_code == 200
    assert len(await profiles.records("profiles")) == 1


def broken(path: str, value: Any) -> dict[str, Any]:
    body: Any = copy.deepcopy(korean())
    here = [int(step) if step.isdigit() else step for step in path.strip("/").split("/")]
    place = body
    for step in here[:-1]:
        place = place[step]
    place[here[-1]] = value
    return dict(body)


@pytest.mark.parametrize(
    ("pointer", "body"),
    [
        ("/offers/0/text/text", broken("/offers/0/text/text", "문의는 hong@example.com 으로")),
        ("/needs/0/text/text", broken("/needs/0/text/text", "전화 010-1234-5678 주세요")),
        ("/organisation/names/ko", broken("/organisation/names/ko", "한빛 +82 10 1234 5678")),
        ("/organisation/legal_name", broken("/organisation/legal_name", "제어\u0000문자")),
        ("/organisation/website", broken("/organisation/website", "https://user:pw@example.com")),
        ("/organisation/country", broken("/organisation/country", "JP")),
        ("/colour", korean(colour="blue")),
        ("/offers/0/price", broken("/offers/0/price", 5)),
        ("/offers", korean(offers=[entry("product", "같은 말"), entry("product", "같은 말")])),
        (
            "/organisation/business_id",
            broken("/organisation/business_id", {"scheme": "kr-crn", "value": "900101-1234567"}),
        ),
        ("/offers/0/expires_at", broken("/offers/0/expires_at", 1800000000)),
        ("/owner", korean(owner="somebody-else")),
    ],
)
async def test_a_refused_field_is_named_and_never_repeated(
    pointer: str, body: dict[str, Any], profiles: Running
) -> None:
    answer = await profiles.client("hanbit").post("/v1/profiles", json=body)
    assert answer.status_code == 422
    assert [e["pointer"] for e in answer.json()["errors"]] == [pointer]
    for secret in ("hong", "1234-5678", "900101", "user:pw", "1234 5678"):
        assert secret not in answer.text


@pytest.mark.parametrize(
    "raw", [b"{", b"\xff\xfe", b'{"a": NaN}', b'"\\ud800"', b"[1]", b"", b'{"owner": 1e999}', b"9" * 5000]
)
async def test_what_is_no_json_is_refused(raw: bytes, profiles: Running) -> None:
    headers = {"content-type": "application/json"}
    answer = await profiles.client("hanbit").post("/v1/profiles", content=raw, headers=headers)
    assert answer.status_code == 422 and "9" * 50 not in answer.text


async def test_an_idempotency_key_makes_one_profile(profiles: Running) -> None:
    hanbit, key = profiles.client("hanbit"), {"Idempotency-Key": "one"}
    answers = await asyncio.gather(*(hanbit.post("/v1/profiles", json=korean(), headers=key) for _ in range(20)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["profile_id"] for a in answers}) == 1
    other_body = await hanbit.post("/v1/profiles", json=korean(languages=["en"]), headers=key)
    assert other_body.status_code == 422 and "idempotency" in other_body.json()["type"]
    other_org = await profiles.client("other").post("/v1/profiles", json=korean(), headers=key)
    assert other_org.json()["profile_id"] != answers[0].json()["profile_id"]
    refused = await hanbit.post("/v1/profiles", json=korean(colour=1), headers={"Idempotency-Key": "two"})
    retried = await hanbit.post("/v1/profiles", json=korean(), headers={"Idempotency-Key": "two"})
    assert (refused.status_code, retried.status_code) == (422, 201)


async def test_an_erasure_takes_no_answers_key_away(profiles: Running) -> None:
    """A retry after a colleague's erasure makes no second profile: bodies are forgotten, and made again where what they
    were about is still there."""
    hanbit, key = profiles.client("hanbit", sub="kim-1"), {"Idempotency-Key": "key-1"}
    first = await hanbit.post("/v1/profiles", json=korean(), headers=key)
    url = f"/v1/profiles/{first.json()['profile_id']}"
    lee = profiles.client("hanbit", sub="lee-1")
    for person, client in (("kim-1", hanbit), ("lee-1", lee)):
        assert (await client.put(f"{url}/members/{person}", json=MEMBER, headers=key)).status_code == 201
    assert (await lee.delete(f"{url}/members/lee-1", headers=key)).status_code == 204
    answers = profiles.service.database.db.answers

    async def bodies() -> int:
        return await answers.count_documents({"body": {"$ne": b""}})

    async def forgotten() -> bool:
        return await bodies() == 0

    await eventually(forgotten, "no body of an answer is left")
    retried = await hanbit.post("/v1/profiles", json=korean(), headers=key)
    assert (retried.status_code, retried.headers["Location"]) == (201, url)
    assert retried.headers["ETag"] == first.headers["ETag"] and retried.json() == first.json()
    assert (await hanbit.post("/v1/profiles", json=korean(languages=["ko"]), headers=key)).status_code == 422
    mine = await hanbit.put(f"{url}/members/kim-1", json=MEMBER, headers=key)
    assert (mine.status_code, mine.json()["email"]) == (201, MEMBER["email"])
    gone = await lee.put(f"{url}/members/lee-1", json=MEMBER, headers=key)
    assert (gone.status_code, "gone since" in gone.text) == (404, True), "done, and erased: it is not stored once more"
    assert (await lee.delete(f"{url}/members/lee-1", headers=key)).status_code == 204
    assert await bodies() == 0 and await profiles.service.database.db.profiles.count_documents({}) == 1
    assert (await hanbit.delete(url)).status_code == 204
    assert (await hanbit.post("/v1/profiles", json=korean(), headers=key)).status_code == 404


async def test_of_two_writes_on_one_revision_one_wins(profiles: Running) -> None:
    draft = await created(profiles)
    hanbit, url = profiles.client("hanbit"), f"/v1/profiles/{draft['profile_id']}"
    writes = [hanbit.put(url, json=korean(languages=[x]), headers={"If-Match": '"1"'}) for x in ("ko", "en")]
    assert sorted(a.status_code for a in await asyncio.gather(*writes)) == [200, 412]


async def test_the_number_of_profiles_is_a_rule(profiles: Running) -> None:
    answers = await asyncio.gather(*(profiles.client("hanbit").post("/v1/profiles", json=korean()) for _ in range(6)))
    assert sorted(a.status_code for a in answers) == [201, 201, 201, 409, 409, 409]


MEMBER = {
    "name": {"family": "김", "given": "서연", "full_native": "김서연", "script": "Hang", "latin": "Kim Seo-yeon"},
    "email": "marked.person@example.com",
    "phone": "+82 10-9876-5432",
    "languages": ["ko"],
}


async def test_a_member_is_private_and_leaves_no_trace(profiles: Running) -> None:
    """Only its own sub reads it; no topic hears of it; an erasure takes it, and the kept answers, along."""
    draft = await created(profiles)
    url = f"/v1/profiles/{draft['profile_id']}/members/kim-1"
    kim = profiles.client("hanbit", sub="kim-1")
    key = {"Idempotency-Key": "m"}
    assert (await kim.put(url, json=MEMBER, headers=key)).status_code == 201
    assert (await kim.put(url, json=MEMBER)).status_code == 200
    assert (await kim.get(url)).json()["email"] == MEMBER["email"]
    for client in (profiles.client("hanbit", sub="lee-1"), profiles.client("kic", role="organiser", sub="kim-1")):
        assert (await client.get(url)).status_code == 404
    assert (await kim.put(url, json=MEMBER | {"email": "no mail"})).status_code == 422
    await kim.post(f"/v1/profiles/{draft['profile_id']}/publish", headers={"Idempotency-Key": "p"})
    assert (await kim.delete(f"/v1/profiles/{draft['profile_id']}")).status_code == 204
    records = await profiles.records("profiles")
    assert not any(b"marked.person" in (r.value or b"") or b"9876" in (r.value or b"") for r in records)
    db = profiles.service.database.db

    async def nothing_left() -> bool:
        for name in await db.list_collection_names():
            async for doc in db[name].find():
                if "marked.person" in repr(doc) or "라이다" in repr(doc):
                    return False
        return True

    await eventually(nothing_left, "no trace of member or texts")
    assert (await kim.get(url)).status_code == 404


async def test_a_member_who_has_left_can_still_be_erased_and_by_no_stranger(profiles: Running) -> None:
    """A colleague or an operator erases it without seeing it: the answer does not say whether there was a record."""
    draft = await created(profiles)
    url = f"/v1/profiles/{draft['profile_id']}/members"
    kim, lee = profiles.client("hanbit", sub="kim-1"), profiles.client("hanbit", sub="lee-1")
    key = {"Idempotency-Key": "m"}
    operator = profiles.client("platform", role="operator", sub="ops-1")
    database = profiles.service.database
    for eraser in (lee, operator, kim):
        assert (await kim.put(f"{url}/kim-1", json=MEMBER)).status_code == 201
        for stranger in (profiles.client("newfirm", sub="kim-1"), profiles.client("other", sub="lee-1")):
            assert (await stranger.delete(f"{url}/kim-1")).status_code == 404
        for role in ("organiser", "reader"):
            assert (await profiles.client("kic", role=role, sub="kim-1").delete(f"{url}/kim-1")).status_code == 403
        assert (await kim.get(f"{url}/kim-1")).status_code == 200, "a stranger has taken nothing away"
        there, absent = [await eraser.delete(f"{url}/{id}", headers=key) for id in ("kim-1", "never-there")]
        assert (there.status_code, there.content) == (absent.status_code, absent.content) == (204, b"")
        for reader in (kim, lee, operator):
            assert (await reader.get(f"{url}/kim-1")).status_code == 404
        key = {"Idempotency-Key": f"{eraser is lee}"}
    assert (await operator.put(f"{url}/ops-1", json=MEMBER)).status_code == 403
    assert (await lee.put(f"{url}/kim-1", json=MEMBER)).status_code == 404, "erasing is all that a colleague may do"
    roster = await database.one(ROSTERS, draft["profile_id"])
    assert roster is not None and roster.member_ids == []


async def test_a_full_roster_can_be_emptied(profiles: Running) -> None:
    draft = await created(profiles)
    url = f"/v1/profiles/{draft['profile_id']}/members"
    for n in range(MAX_MEMBERS):
        assert (await profiles.client("hanbit", sub=f"m-{n}").put(f"{url}/m-{n}", json=MEMBER)).status_code == 201
    kim = profiles.client("hanbit", sub="kim-1")
    assert (await kim.put(f"{url}/kim-1", json=MEMBER)).status_code == 409
    assert (await kim.delete(f"{url}/m-7")).status_code == 204
    assert (await kim.put(f"{url}/kim-1", json=MEMBER)).status_code == 201


async def test_a_record_that_crosses_an_erasure_is_not_left_behind(profiles: Running) -> None:
    """On another replica: the profile is there when the member decides, and gone when it commits."""
    draft = await created(profiles)
    url, database = f"/v1/profiles/{draft['profile_id']}", profiles.service.database
    kim, record = Caller("kim-1", "hanbit", frozenset({"participant"})), MemberRecord.model_validate(MEMBER)
    replica = Commands(Committer(database, TopicNames("unused"), 64), heartbeat=Heartbeat("replica"))
    serving = asyncio.create_task(replica.serve())
    answers: list[Any] = []

    async def crossed(uow: UnitOfWork) -> None:
        await usecases.save_member(
            uow, caller=kim, profile_id=draft["profile_id"], member_id="kim-1", record=record, if_match=IfMatch(None)
        )
        if not answers:
            answers.append(await profiles.client("hanbit").delete(url))

    with pytest.raises(NotFound):
        await replica.run(crossed)
    replica.stop()
    await serving
    assert [a.status_code for a in answers] == [204]
    assert await database.db.members.find_one({"gone": {"$ne": True}}) is None


@pytest.mark.parametrize("guarded", [True, False])
async def test_an_erasure_that_crosses_a_first_record_takes_it_along(
    profiles: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """On another replica: there is no roster when the profile is erased, and a record of a person when that commits."""
    if not guarded:
        names = ("_id", "revision")
        monkeypatch.setattr(unit_of_work, "as_read", lambda before: {name: before[name] for name in names})
    draft = await created(profiles)
    url, database = f"/v1/profiles/{draft['profile_id']}", profiles.service.database
    kim = Caller("kim-1", "hanbit", frozenset({"participant"}))
    replica = Commands(Committer(database, TopicNames("unused"), 64), heartbeat=Heartbeat("replica"))
    serving = asyncio.create_task(replica.serve())
    answers: list[Any] = []

    async def crossed(uow: UnitOfWork) -> None:
        await usecases.erase_profile(uow, caller=kim, profile_id=draft["profile_id"], if_match=IfMatch(None))
        if not answers:
            answers.append(await profiles.client("hanbit", sub="kim-1").put(f"{url}/members/kim-1", json=MEMBER))

    await replica.run(crossed)
    replica.stop()
    await serving
    assert [a.status_code for a in answers] == [201]
    left = await database.db.members.find_one({"gone": {"$ne": True}})
    assert (left is None) is guarded


async def test_an_expired_certificate_is_shown_as_expired(profiles: Running) -> None:
    certificates = [{"scheme": "벤처기업 확인", "valid_until": "2020-01-01"}, {"scheme": "이노비즈"}]
    draft = await created(profiles, organisation=korean()["organisation"] | {"certifications": certificates})
    url = f"/v1/profiles/{draft['profile_id']}"
    await profiles.client("hanbit").post(f"{url}/publish")
    shown = (await profiles.client("reader", role="reader").get(url)).json()["organisation"]["certifications"]
    assert [c["expired"] for c in shown] == [True, False]
    event = (await profiles.events("profiles", draft["profile_id"]))[-1]
    assert [c.valid_until for c in event.certifications] == ["2020-01-01", None]


async def test_what_there_is_can_be_watched(profiles: Running) -> None:
    identifier = {"scheme": "cn-uscc", "value": "91350100M0001TGQXM"}
    await created(profiles, organisation=korean()["organisation"] | {"business_id": identifier})
    await census.count(profiles.service.database)
    shown = (await profiles.operations().get("/metrics")).text
    assert 'magpie_profiles{country="KR",state="draft"} 1.0' in shown
    assert "magpie_profiles_identifiers_to_review 1.0" in shown
    assert (await profiles.client(None).get("/metrics")).status_code == 404, "not on the port of the API"
