"""Personal data never touches a topic or a log; what is erased is gone everywhere."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.services import free_base
from deploy.local.system import Servers
from schemas.common import Text, text_id
from tests.support.days import FIRST_DAY
from tests.support.profiles import chinese, korean
from tests.support.two_sides import HALL, Forum, a_recipient, ok
from tests.support.waiting import eventually
from tests.support.whole import Whole, a_system, whole

FAMILY, GIVEN, LATIN, TITLE = "남궁표식", "도깨비", "Namgung Doggaebi-Mark", "특임표식이사"
NAMES = (FAMILY, GIVEN, LATIN, TITLE)
MAIL, PHONE, MINE, IDENTIFIER = "planted.mark@people.example", "010-7391-4862", "own.mark@people.example", "1248100998"
PHONE_FORMS = (PHONE, "01073914862", "+82 10 7391 4862")


@pytest.fixture
async def system(servers: Servers, run_id: str, tmp_path: Path) -> AsyncIterator[Whole]:
    plenty = {"MAGPIE_RATE_PER_SECOND": "1000", "MAGPIE_RATE_BURST": "1000"}
    async with whole(a_system(tmp_path, servers, run_id, free_base(), **plenty), run_id) as found:
        yield found


def leaves(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a body holds text."""
    if isinstance(body, str):
        yield path
    elif isinstance(body, dict):
        for name, value in body.items():
            yield from leaves(value, (*path, name))
    elif isinstance(body, list):
        for n, value in enumerate(body):
            yield from leaves(value, (*path, n))


def planted(body: Any, path: tuple[Any, ...], said: str) -> Any:
    changed = copy.deepcopy(body)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = f"{place[path[-1]]} {said}"
    return changed


def a_profile() -> dict[str, Any]:
    """With every field that takes text."""
    body = korean()
    body["owner"] = "hanbit"
    body["organisation"] |= {
        "names": {"ko": "한빛센서", "zh": "韩光传感", "en": "Hanbit Sensor"},
        "group": "hanbit-group",
        "website": "https://hanbit.example/",
        "business_id": {"scheme": "kr-brn", "value": "124-81-00998"},
        "certifications": [
            {
                "scheme": "벤처기업 확인",
                "tier": "일반",
                "authority": "벤처기업확인기관",
                "region": "서울",
                "issued": "2024-03-02",
                "valid_until": FIRST_DAY,
                "evidence_url": "https://hanbit.example/certificate",
            }
        ],
    }
    for side in ("offers", "needs"):
        body[side][0]["expires_at"] = f"{FIRST_DAY}T00:00:00Z"
    return body


A_MEMBER = {
    "name": {
        "family": FAMILY,
        "given": GIVEN,
        "full_native": FAMILY + GIVEN,
        "script": "Hang",
        "order": "family_first",
        "latin": LATIN,
    },
    "email": MINE,
    "phone": PHONE,
    "languages": ["ko"],
    "title": TITLE,
}


async def test_no_personal_data_on_a_topic_or_in_a_log(system: Whole) -> None:
    """Names where names belong; a mail address and a phone number in every field that takes text, wherever it is."""
    forum = Forum(system)
    kr = await forum.publish(forum.kr, a_profile())
    await ok(forum.kr["profiles"].put(f"/v1/profiles/{kr}/members/kim-1", json=A_MEMBER), 201)
    await forum.registered(kr, forum.kr["notifications"], "kim-1", mail=MINE)
    cn = await forum.publish(forum.cn, chinese())
    match_id = await forum.agreed(kr)
    meeting_id = await forum.requested(match_id)
    text = Text(**a_profile()["offers"][0]["text"])
    public: list[tuple[Any, str, str, Any]] = [
        (forum.kr["profiles"], "POST", "/v1/profiles", a_profile()),
        (forum.kr["profiles"], "PUT", f"/v1/profiles/{kr}", a_profile()),
        (forum.kr["matching"], "POST", "/v1/matches", {"profile_id": kr, "partner_id": cn}),
        (forum.kr["matching"], "POST", f"/v1/matches/{match_id}/decline", {"reason": "other"}),
        (
            forum.kr["matching"],
            "POST",
            "/v1/meetings",
            {"match_id": match_id, "start": f"{FIRST_DAY}T01:00:00Z", "venue": HALL},
        ),
        (
            forum.kr["matching"],
            "POST",
            f"/v1/meetings/{meeting_id}/confirm",
            {"venue": {"kind": "online", "url": "https://meet.example/1"}},
        ),
        (
            forum.kr["matching"],
            "POST",
            f"/v1/meetings/{meeting_id}/reschedule",
            {"start": f"{FIRST_DAY}T01:00:00Z", "venue": HALL},
        ),
        (forum.organiser, "PUT", f"/v1/texts/{text_id(text)}/zh", {"text": "转让车载激光雷达的信号处理技术"}),
        (
            forum.organiser,
            "PUT",
            "/v1/glossary",
            {"id": "mark", "ko": "표식", "zh": "标记", "en": "mark", "topic": "test"},
        ),
    ]
    private: list[tuple[Any, str, str, Any]] = [
        (forum.kr["profiles"], "PUT", f"/v1/profiles/{kr}/members/kim-1", A_MEMBER),
        (forum.kr["notifications"], "PUT", "/v1/recipients/kim-1", a_recipient(kr, mail=MINE)),
        (
            forum.kr["matching"],
            "PUT",
            f"/v1/profiles/{kr}/exclusions",
            {"profiles": ["x"], "groups": ["y"], "topics": ["z"]},
        ),
        (
            forum.kr["matching"],
            "PUT",
            "/v1/members/kim-1/busy",
            {"busy": [{"start": f"{FIRST_DAY}T01:00:00Z", "end": f"{FIRST_DAY}T02:00:00Z"}]},
        ),
    ]
    tried = 0
    for client, method, path, body in (*public, *private):
        for leaf in leaves(body):
            for said in (MAIL, *PHONE_FORMS):
                answer = await client.request(method, path, json=planted(body, leaf, said))
                tried += 1
                assert answer.status_code < 500, (path, leaf)
                if (client, method, path, body) in public:
                    assert answer.status_code in (404, 422), (path, leaf, said, answer.text)
                assert MAIL not in answer.text or answer.status_code < 300, "a refusal does not repeat what it refuses"
        broken = f'{{"text": "{MAIL} {PHONE}", '.encode()
        headers = {"Idempotency-Key": MAIL, "If-Match": f'"{PHONE}"', "content-type": "application/json"}
        assert (await client.request(method, path, content=broken, headers=headers)).status_code in (400, 412, 422)
        await client.get(f"{path}/{MAIL}", params={"q": PHONE, "cursor": MAIL, "profile_id": MAIL})
    assert tried > 150
    await ok(forum.cn["matching"].post(f"/v1/meetings/{meeting_id}/confirm"), 200)
    await forum.inbox(forum.kr["notifications"], "kim-1", "meeting.booked")
    marks = (*NAMES, MAIL, MINE, *PHONE_FORMS, IDENTIFIER, "124-81-00998")
    assert set(system.in_databases(*marks)) == {
        f"{system.prefix}_profiles.members",
        f"{system.prefix}_profiles.profiles",
        f"{system.prefix}_notifications.recipients",
    }
    assert await system.on_topics(*marks) == {}
    assert system.in_logs(*marks) == {}
    assert len(system.in_logs("started")) == 4, "all four services have written a log"


def earlier(body: dict[str, Any]) -> dict[str, Any]:
    """The same profile, as it was before: its text is of no present revision."""
    before: dict[str, Any] = planted(body, ("offers", 0, "text", "text"), "먼저한말입니다.")
    return before


def elsewhere(body: dict[str, Any]) -> dict[str, Any]:
    """Another profile of the organisation, which is taken back."""
    other: dict[str, Any] = planted(body, ("needs", 0, "text", "text"), "거둔말입니다.")
    return other


async def test_what_is_erased_is_gone_from_every_database_and_every_topic(system: Whole) -> None:
    forum = Forum(system)
    body = a_profile()
    body["organisation"]["names"]["ko"] = "지워질까치표식"
    body["organisation"]["legal_name"] = "주식회사 지워질까치표식"
    body["organisation"]["certifications"][0]["authority"] = "지워질인증표식"
    body["offers"][0]["text"]["text"] += " 지워질글표식입니다."
    body["needs"][0]["topics"] = ["erased-topic-mark"]
    kr = await forum.publish(forum.kr, earlier(body))
    await forum.replace(kr, body)
    withdrawn = await forum.publish(forum.kr, elsewhere(body))
    await ok(forum.kr["profiles"].post(f"/v1/profiles/{withdrawn}/withdraw"), 200)
    await ok(forum.kr["profiles"].put(f"/v1/profiles/{kr}/members/kim-1", json=A_MEMBER), 201)
    await forum.registered(kr, forum.kr["notifications"], "kim-1", mail=MINE)
    await forum.excluded(kr, {"groups": ["erased-exclusion-mark"]})
    cn = await forum.publish(forum.cn, chinese())
    await forum.registered(cn, forum.cn["notifications"], "wang-1", lang="zh", zone="Asia/Shanghai", mail="w@b.example")
    match_id = await forum.agreed(kr)
    meeting_id = await forum.requested(match_id)
    await ok(forum.cn["matching"].post(f"/v1/meetings/{meeting_id}/confirm"), 200)
    correction = {"text": "将被删除的标记：转让车载激光雷达的信号处理技术"}
    text = text_id(Text(**body["offers"][0]["text"]))

    async def corrected() -> bool:
        return (await forum.organiser.put(f"/v1/texts/{text}/zh", json=correction)).status_code == 200

    await eventually(corrected, "a person's translation")
    await forum.inbox(forum.cn["notifications"], "wang-1", "meeting.booked")
    marks = (
        *NAMES,
        MINE,
        IDENTIFIER,
        "지워질",
        "먼저한말",
        "거둔말",
        "erased-topic-mark",
        "erased-exclusion-mark",
        "hanbit.example",
        "将被删除的标记",
    )
    assert {mark for found in system.in_databases(*marks).values() for mark in found} == set(marks)
    assert await system.on_topics("지워질", "将被删除的标记")

    for id in (kr, withdrawn):
        erased = await forum.kr["profiles"].delete(f"/v1/profiles/{id}")
        assert erased.status_code == 204, erased.text
    await eventually(lambda: system.in_databases(*marks) == {}, "gone from every database", 60)
    cancelled = await forum.inbox(forum.cn["notifications"], "wang-1", "meeting.cancelled")
    assert "지워질" not in str(cancelled)
    stands = await ok(forum.cn["matching"].get(f"/v1/meetings/{meeting_id}"), 200)
    assert (stands["state"], stands["reason"]) == ("cancelled", "profile_erased")
    assert (await forum.kr["notifications"].get("/v1/recipients/kim-1")).status_code == 404
    vectors = await ok(forum.cn["matching"].get("/v1/matches", params={"profile_id": cn}), 200)
    assert [match["state"] for match in vectors["items"]] == ["withdrawn"]

    async def gone() -> bool:
        await system.compact()
        return await system.on_topics(*marks) == {}

    await eventually(gone, "gone from every topic after compaction", 90)
