"""Everybody hears what concerns them: once, in their own language, and nothing after they have gone."""

from __future__ import annotations

from typing import Any

from schemas.common import Text, text_id
from schemas.matches import MatchAccepted, MatchAgreed, MatchProposed
from schemas.meetings import MeetingBooked, MeetingCancelled, MeetingRequested
from schemas.translations import TextTranslated
from tests.support.contract import ERASED
from tests.support.services import Running
from tests.support.waiting import eventually

from .forum import MATCH, MEETING, OFFER, Forum


async def test_each_side_hears_in_its_language_what_concerns_it(notifications: Running) -> None:
    forum = Forum(notifications)
    await forum.opened()
    await forum.tell(
        TextTranslated(
            text_id=text_id(OFFER.text),
            source="zh",
            translation=Text(lang="ko", text="[용어 풀이] 센서 · 라이다"),
            made_by="gloss",
            engine="glossary-1",
        ),
        f"{text_id(OFFER.text)}:ko",
        1,
    )
    await forum.tell(MatchProposed(**MATCH), "m-1", 1)
    await forum.tell(MatchAccepted(**(MATCH | {"state": "accepted", "accepted_by": ["p-kr"]})), "m-1", 2)
    await forum.tell(MatchAgreed(**(MATCH | {"state": "agreed"})), "m-1", 3)
    await forum.tell(MeetingRequested(**MEETING), "t-1", 1)
    await forum.tell(MeetingBooked(**(MEETING | {"state": "booked"})), "t-1", 2)
    await forum.tell(MeetingCancelled(**(MEETING | {"state": "cancelled"})), "t-1", 3)
    kim = await forum.told(forum.kim, "kim-1", 4)
    wang = await forum.told(forum.wang, "wang-1", 6)
    templates = ["meeting.cancelled", "meeting.booked", "match.agreed", "match.proposed"]
    assert sorted(i["template"] for i in kim) == sorted(templates)
    assert sorted(i["template"] for i in wang) == sorted([*templates, "match.accepted", "meeting.requested"])
    proposed = next(i for i in kim if i["template"] == "match.proposed")
    assert "Huaqiao Auto Electronics" in proposed["title"] and "제안" in proposed["title"]
    assert proposed["evidence"].endswith("— [용어 풀이] 센서 · 라이다")
    asked = next(i for i in wang if i["template"] == "meeting.requested")
    assert "会面邀请" in asked["title"] and "09:00 北京 (Asia/Shanghai)" in asked["text"]
    english = await forum.inbox(forum.wang, "wang-1", lang="en")
    assert {i["lang"] for i in english} == {"en"} and any("Hanbit Sensor" in i["title"] for i in english)
    told = await notifications.events("notifications")
    assert len(told) == 10 and {e.channel for e in told} == {"inbox"}
    by_mailbox: dict[bytes | None, list[int]] = {}
    for record in await notifications.records("notifications"):
        by_mailbox.setdefault(record.key, []).append(int(dict(record.headers)["ce_sequence"]))
    assert by_mailbox == {b"hanbit:kim-1": [1, 2, 3, 4], b"huaqiao:wang-1": [1, 2, 3, 4, 5, 6]}


async def test_repeats_and_a_rewind_tell_nothing_twice(notifications: Running) -> None:
    """The same event again, an older one after a newer, and the whole log read again."""
    forum = Forum(notifications)
    await forum.opened()
    await forum.tell(MatchProposed(**MATCH), "m-1", 1, id="e-1")
    await forum.tell(MatchAgreed(**(MATCH | {"state": "agreed"})), "m-1", 2, id="e-2")
    await forum.told(forum.kim, "kim-1", 2)
    await forum.tell(MatchProposed(**MATCH), "m-1", 1, id="e-1")
    await forum.tell(MatchProposed(**(MATCH | {"match_id": "m-2"})), "m-2", 1, id="e-3")
    await forum.told(forum.kim, "kim-1", 3)
    assert notifications.service.listening
    consumer = notifications.service.listening.consumer
    db = notifications.service.database.db
    names = [n for n in await db.list_collection_names() if n not in ("cursors", "leases", "answers")]

    async def state() -> Any:
        await notifications.drained()
        return {n: await db[n].find().sort("_id", 1).to_list(None) for n in names}

    before = await state()
    await db.cursors.delete_many({})
    consumer._guards.clear()
    kafka = consumer._kafka()
    assert kafka
    await kafka.seek_to_beginning()

    async def read_again() -> bool:
        cursors = await db.cursors.find().to_list(None)
        return bool(sum(c["next"] for c in cursors) >= 6)

    await eventually(read_again, "everything read again")
    assert await state() == before
    assert len(await forum.inbox(forum.kim, "kim-1")) == 3


async def test_a_recipient_hears_only_of_what_happens_after_it_registered(notifications: Running) -> None:
    forum = Forum(notifications)
    await forum.opened()
    await forum.tell(MatchProposed(**(MATCH | {"match_id": "m-0"})), "m-0", 1, time="2026-01-01T00:00:00+00:00")
    await forum.tell(MatchProposed(**MATCH), "m-1", 1)
    await forum.told(forum.kim, "kim-1", 1)
    assert [i["about"] for i in await forum.inbox(forum.kim, "kim-1")] == [{"match_id": "m-1"}]


async def test_an_inbox_is_its_members_alone_and_its_fields_are_checked(notifications: Running) -> None:
    forum = Forum(notifications)
    await forum.opened()
    wish = {"profile_id": "p-kr", "lang": "ko", "zone": "Asia/Seoul"}
    for client in (
        notifications.client("hanbit", sub="lee-1"),
        notifications.client("kic", role="organiser", sub="kim-1"),
    ):
        assert (await client.get("/v1/recipients/kim-1/inbox")).status_code == 404
        assert (await client.put("/v1/recipients/kim-1", json=wish)).status_code in (403, 404)
    lee = notifications.client("other", sub="lee-1")
    assert (await lee.put("/v1/recipients/lee-1", json=wish)).status_code == 404
    late = await lee.put("/v1/recipients/lee-1", json=wish | {"profile_id": "p-unknown"})
    assert (late.status_code, late.headers["Retry-After"]) == (404, "1")
    for change, pointer in (
        ({"zone": "Asia/Pyeongchang"}, "/zone"),
        ({"zone": "../etc/passwd"}, "/zone"),
        ({"lang": "jp"}, "/lang"),
        ({"email": "no mail"}, "/email"),
        ({"quiet_hours": {"start": "24:00", "end": "08:00"}}, "/quiet_hours/start"),
        ({"colour": 1}, "/colour"),
    ):
        answer = await forum.kim.put("/v1/recipients/kim-1", json=wish | change)
        assert [e["pointer"] for e in answer.json()["errors"]] == [pointer], answer.text
    assert (await notifications.client(None).get("/v1/recipients/kim-1")).status_code == 401


async def test_pages_of_an_inbox_hold_every_notice_once(notifications: Running) -> None:
    forum = Forum(notifications)
    await forum.opened()
    for n in range(7):
        await forum.tell(MatchProposed(**(MATCH | {"match_id": f"m-{n}"})), f"m-{n}", 1)
    await forum.told(forum.kim, "kim-1", 7)
    seen, cursor = [], None
    while True:
        params: dict[str, Any] = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        page = (await forum.kim.get("/v1/recipients/kim-1/inbox", params=params)).json()
        seen += [item["id"] for item in page["items"]]
        if (cursor := page.get("next")) is None:
            break
    assert len(seen) == len(set(seen)) == 7


async def test_who_goes_takes_the_inbox_along_and_an_erased_profile_everybodys(notifications: Running) -> None:
    forum = Forum(notifications)
    await forum.opened()
    await forum.tell(MatchProposed(**MATCH), "m-1", 1)
    await forum.told(forum.kim, "kim-1", 1)
    await forum.told(forum.wang, "wang-1", 1)
    assert (await forum.wang.delete("/v1/recipients/wang-1")).status_code == 204
    await forum.tell(ERASED, "p-kr", 2)
    db = notifications.service.database.db

    async def nothing_left() -> bool:
        entries = await db.entries.count_documents({})
        people = await db.recipients.count_documents({"gone": {"$ne": True}})
        return bool(entries == people == 0)

    await eventually(nothing_left, "recipients and inboxes gone")
    assert (await forum.kim.get("/v1/recipients/kim-1")).status_code == 404
    row = await db.profiles.find_one({"_id": "p-kr"})
    assert row and row["state"] == "erased" and "names" not in row and row["texts"] == {}
