"""A person's things belong to a member of an organisation, and a member may follow several of its profiles."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from schemas.matches import MatchProposed
from schemas.meetings import MeetingBooked
from services.notifications import store
from services.notifications.domain import recipients
from tests.support.contract import ERASED, korean_profile
from tests.support.postbox import Postbox
from tests.support.services import Running
from tests.support.waiting import eventually

from .forum import KIM, MATCH, MEETING, Forum, stored_id
from .office import BY_MAIL, Office
from .office import KIM as KIM_MAIL

ELSEWHERE = {"profile_id": "p-other", "lang": "en", "zone": "Asia/Seoul"}
SECOND = {"profile_id": "p-kr2", "lang": "ko", "zone": "Asia/Seoul"}
ME, INBOX = "/v1/recipients/kim-1", "/v1/recipients/kim-1/inbox"


async def registered(client: Any, body: dict[str, Any], status: int = 201) -> None:
    async def is_in() -> bool:
        answer = await client.put(ME, json=body)
        assert answer.status_code in (status, 404), answer.text
        return bool(answer.status_code == status)

    await eventually(is_in, "registered, once the profile has arrived")


async def namesake(forum: Forum) -> Any:
    """Somebody of another organisation with the same `sub`, registered there."""
    await forum.tell(korean_profile("p-other", owner="other"), "p-other", 1)
    client = forum.notifications.client("other", sub="kim-1")
    await registered(client, ELSEWHERE)
    return client


@pytest.mark.parametrize("guarded", [True, False])
async def test_the_same_sub_of_another_organisation_is_somebody_else(
    notifications: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        for module in ("domain.recipients", "usecases.recipients", "api.recipients"):
            monkeypatch.setattr(f"services.notifications.{module}.recipient_id", lambda org, member_id: member_id)
    forum = Forum(notifications)
    await forum.opened()
    await forum.tell(MatchProposed(**MATCH), "m-1", 1)
    await forum.told(forum.kim, "kim-1", 1)
    stranger = notifications.client("other", sub="kim-1")
    assert (await stranger.get(ME)).status_code == (404 if guarded else 200)
    if not guarded:
        return
    for method, path in (("GET", INBOX), ("GET", f"{INBOX}/stream"), ("DELETE", ME), ("DELETE", f"{ME}/profiles/p-kr")):
        assert (await stranger.request(method, path)).status_code == 404, (method, path)
    assert (await stranger.put(f"{ME}/preferences", json={"digest": False})).status_code == 404
    assert (await stranger.put(ME, json=KIM)).status_code == 404, "nor may it name a profile of that organisation"
    other = await namesake(forum)
    assert (await other.get(INBOX)).json()["items"] == []
    assert (await other.put(f"{ME}/preferences", json={"digest": False})).json()["lang"] == "en"
    assert (await forum.kim.get(ME)).json()["digest"] is True
    assert (await other.delete(ME)).status_code == 204
    assert len(await forum.inbox(forum.kim, "kim-1")) == 1
    assert {e.recipient_id for e in await notifications.events("notifications")} == {
        stored_id("kim-1"),
        stored_id("wang-1"),
    }


async def test_a_page_of_one_is_no_page_of_the_other(notifications: Running) -> None:
    forum = Forum(notifications)
    await forum.opened()
    for n in range(2):
        await forum.tell(MatchProposed(**(MATCH | {"match_id": f"m-{n}"})), f"m-{n}", 1)
    await forum.told(forum.kim, "kim-1", 2)
    cursor = (await forum.kim.get(INBOX, params={"limit": 1})).json()["next"]
    other = await namesake(forum)
    assert (await other.get(INBOX, params={"cursor": cursor})).status_code == 422
    assert (await forum.kim.get(INBOX, params={"cursor": cursor})).status_code == 200


async def test_a_member_follows_several_profiles_of_its_organisation(notifications: Running) -> None:
    """Another profile is added and moves nothing; each can be stopped; the last one takes the recipient along."""
    forum = Forum(notifications)
    await forum.opened()
    await forum.tell(korean_profile("p-kr2"), "p-kr2", 1)
    await forum.tell(MatchProposed(**(MATCH | {"match_id": "m-0", "parties": ["p-cn", "p-kr2"]})), "m-0", 1)
    await registered(forum.kim, SECOND, 200)
    found = (await forum.kim.get(ME)).json()
    assert (found["profile_id"], found["profile_ids"]) == ("p-kr2", ["p-kr", "p-kr2"])
    for match_id, side in (("m-1", "p-kr"), ("m-2", "p-kr2")):
        match = MATCH | {"match_id": match_id, "parties": ["p-cn", side]}
        await forum.tell(MatchProposed(**match), match_id, 1)
    told = await forum.told(forum.kim, "kim-1", 2)
    assert {item["about"]["match_id"] for item in told} == {"m-1", "m-2"}
    assert all("Huaqiao" in item["title"] for item in told), "the other side, seen from the profile that is told"
    assert (await forum.kim.put(ME, json=KIM)).json()["profile_ids"] == ["p-kr2", "p-kr"]
    assert (await forum.kim.delete(f"{ME}/profiles/p-unknown")).status_code == 404
    assert (await forum.kim.delete(f"{ME}/profiles/p-kr")).status_code == 204
    assert (await forum.kim.get(ME)).json()["profile_ids"] == ["p-kr2"]
    await forum.tell(MatchProposed(**(MATCH | {"match_id": "m-3"})), "m-3", 1)
    await forum.tell(MatchProposed(**(MATCH | {"match_id": "m-4", "parties": ["p-cn", "p-kr2"]})), "m-4", 1)
    told = await forum.told(forum.kim, "kim-1", 3)
    await forum.told(forum.wang, "wang-1", 5)
    assert {item["about"]["match_id"] for item in await forum.inbox(forum.kim, "kim-1")} == {"m-1", "m-2", "m-4"}
    assert (await forum.kim.delete(f"{ME}/profiles/p-kr2")).status_code == 204
    assert (await forum.kim.get(ME)).status_code == 404
    assert await notifications.service.database.db.audiences.count_documents({"recipient_ids": stored_id("kim-1")}) == 0


async def test_an_erased_profile_takes_its_notices_and_leaves_those_of_the_other_one(notifications: Running) -> None:
    forum = Forum(notifications)
    await forum.opened()
    await forum.tell(korean_profile("p-kr2"), "p-kr2", 1)
    await registered(forum.kim, SECOND, 200)
    await forum.tell(MatchProposed(**MATCH), "m-1", 1)
    await forum.tell(MatchProposed(**(MATCH | {"match_id": "m-2", "parties": ["p-cn", "p-kr2"]})), "m-2", 1)
    await forum.told(forum.kim, "kim-1", 2)
    await forum.tell(ERASED, "p-kr", 2)

    async def only_the_other() -> bool:
        items = await forum.inbox(forum.kim, "kim-1")
        return [item["about"]["match_id"] for item in items] == ["m-2"]

    await eventually(only_the_other, "the notices about the erased profile are gone")
    assert (await forum.kim.get(ME)).json()["profile_ids"] == ["p-kr2"]
    await forum.tell(ERASED, "p-kr2", 2)

    async def gone() -> bool:
        return (await forum.kim.get(ME)).status_code == 404

    await eventually(gone, "without a profile it is no recipient")


@pytest.mark.parametrize("guarded", [True, False])
async def test_who_registers_again_before_the_removal_keeps_its_new_notices(
    notifications: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The job runs late, and twice: it removes what was written before the erasure, and nothing else."""
    forum = Forum(notifications)
    await forum.opened()
    held, real = asyncio.Event(), store.remove_notices
    runs: list[int] = []

    async def late(*args: Any, **named: Any) -> None:
        await held.wait()
        for _ in range(2):
            await real(*args, **(named if guarded else named | {"up_to": 2**62}))
            runs.append(named["up_to"])

    monkeypatch.setattr(store, "remove_notices", late)
    await forum.tell(MatchProposed(**MATCH), "m-1", 1)
    await forum.told(forum.kim, "kim-1", 1)
    assert (await forum.kim.delete(ME)).status_code == 204
    again = await forum.kim.put(ME, json=KIM, headers={"Idempotency-Key": "again"})
    assert again.status_code == 201
    await forum.tell(MatchProposed(**(MATCH | {"match_id": "m-2"})), "m-2", 1)
    await forum.told(forum.kim, "kim-1", 2)
    held.set()
    await eventually(lambda: len(runs) == 2, "the old notices are removed")

    left = [item["about"]["match_id"] for item in await forum.inbox(forum.kim, "kim-1")]
    assert left == (["m-2"] if guarded else [])
    assert (await forum.kim.put(ME, json=KIM, headers={"Idempotency-Key": "again"})).status_code == 201


async def test_a_namesake_is_not_invited(mailing: Running, postbox: Postbox) -> None:
    """Both follow a side of the meeting; only one of them is its representative."""
    office = Office(mailing, postbox)
    await office.open(kim={"email": KIM_MAIL})
    other = mailing.client("huaqiao", sub="kim-1")
    body = {"profile_id": "p-cn", "lang": "en", "zone": "Asia/Shanghai", "email": "kim@huaqiao.example", **BY_MAIL}
    assert (await other.put(ME, json=body)).status_code == 201
    await office.confirm("kim@huaqiao.example")
    await office.tell(MeetingBooked(**(MEETING | {"state": "booked"})), "t-1", 1)
    (mine,), (theirs,) = await office.come(KIM_MAIL, 1), await office.come("kim@huaqiao.example", 1)
    assert "text/calendar" in mine.mail.parts and "text/calendar" not in theirs.mail.parts


def test_ids_are_unambiguous() -> None:
    assert recipients.recipient_id("a-b", "c") != recipients.recipient_id("a", "b-c")
