"""Calendars elsewhere that are read regularly: from a real server, by jobs, within bounds."""

from __future__ import annotations

import datetime as dt

import pytest

from services.matching import plan_sources
from services.matching.calendar_files import reader
from services.matching.domain import linked_calendar as links
from services.matching.usecases import linked_calendars
from tests.integration.matching.a_forum import another, takes_part
from tests.integration.matching.linking import QUICK, SLOW, URL, Linking, nothing
from tests.integration.matching.test_busy_calendars import calendar, event, hour, in_days
from tests.support.completions import Reply
from tests.support.receiver import Received
from tests.support.waiting import eventually


async def test_a_calendar_acts_as_busy_times_that_were_sent_and_is_followed(linking: Linking) -> None:
    match_id = await linking.agreed()
    start = (await linking.free(match_id))[5]
    meeting = await linking.booked(match_id, start)
    at = dt.datetime.fromisoformat(start)
    linking.says(calendar(hour(3, "SUMMARY:비밀 인수 협상", "LOCATION:비밀의 방"), event("UID:bad", "DTSTART:soon")))
    shown = await linking.link()
    assert shown["state"] == "waiting" and shown["host"] == "127.0.0.1" and "failure" not in shown
    found = await linking.until("ok")
    assert (found["times"], found["skipped"]) == (1, 1) and found["read_at"] == found["tried_at"]
    assert len(await linking.busy()) == 1
    stored = str(await linking.db.agendas.find_one({"_id": "hanbit/kim-1"}))
    assert "비밀" not in stored + str(await linking.db.linked_calendars.find({}).to_list(None))
    free = await linking.free(match_id)
    linking.says(calendar(event("UID:1", f"DTSTART:{at:%Y%m%dT%H%M%SZ}", "DURATION:PT4H")))
    taken = f"/v1/meetings/{meeting['meeting_id']}"

    async def in_conflict() -> bool:
        return bool((await linking.hanbit.get(taken)).json().get("conflicts") == ["kim-1"])

    await eventually(in_conflict, "the booking in conflict")
    assert (await linking.hanbit.get(taken)).json()["state"] == "booked"
    later = await linking.free(match_id)
    assert later != free and not [s for s in later if at <= dt.datetime.fromisoformat(s) < at + dt.timedelta(hours=4)]
    assert (await linking.hanbit.put("/v1/members/kim-1/busy", json={"busy": []})).status_code == 200
    assert len(await linking.busy()) == 1, "what is sent and what is linked stand beside each other"
    assert (await linking.hanbit.delete(URL)).status_code == 204
    assert await linking.busy() == [] and (await linking.hanbit.get(URL)).status_code == 404
    assert await linking.db.linked_calendars.find_one({"sealed_url": {"$exists": True}}) is None


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("act", ["is read with fewer times", "is unlinked"])
async def test_who_has_time_again_by_its_calendar_is_looked_for_at_its_forum(
    linking: Linking, act: str, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(plan_sources, "forums_of_member", _no_forums)
    await linking.has_profile()
    there = dt.datetime.strptime(in_days(3), "%Y%m%dT%H%M%SZ")
    days = [{"date": f"{there:%Y-%m-%d}", "opens": "09:00", "closes": "18:00"}]
    await another(linking.matching, [takes_part("forum-1", "p-kr", "hanbit", "kim-1")], days=days)
    linking.says(calendar(hour(3), hour(9, uid="later")))
    await linking.link()
    await linking.until("ok")
    looks = linking.db.jobs.count_documents
    assert await looks({"kind": "look_again"}) == 0, "no one has more time than before"
    if act == "is unlinked":
        assert (await linking.hanbit.delete(URL)).status_code == 204
    else:
        linking.says(calendar(hour(3)))

        async def is_read(times: int) -> bool:
            return len(await linking.busy()) == times

        await eventually(lambda: is_read(1), "another time is free, when there is no forum")
        assert await looks({"kind": "look_again"}) == 0
        linking.says(calendar(hour(9, uid="later")))
        await eventually(lambda: is_read(1), "the calendar was read")

        async def is_another() -> bool:
            (start,) = await linking.busy()
            return dt.datetime.fromisoformat(start).date() != there.date()

        await eventually(is_another, "the hour at the forum is free")
    assert await looks({"kind": "look_again"}) == int(guarded)


async def _no_forums(*_: object) -> list[str]:
    return []


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("kind", ["by its UID", "by its time"])
async def test_our_own_meeting_in_the_calendar_is_no_conflict(
    linking: Linking, kind: str, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who takes the invitation into the calendar is busy then, because of us."""
    match_id = await linking.agreed()
    start = (await linking.free(match_id))[5]
    meeting = await linking.booked(match_id, start)
    begins, ends = (dt.datetime.fromisoformat(meeting[edge]) for edge in ("start", "end"))
    if kind == "by its UID":  # as it was before it was moved
        ends += dt.timedelta(hours=1)
        if not guarded:
            monkeypatch.setattr(linked_calendars, "known_meetings", nothing)
    elif not guarded:
        monkeypatch.setattr(linked_calendars, "_still_to_come", lambda times, agenda, now: list(times))
    uid = f"{meeting['meeting_id']}@magpie" if kind == "by its UID" else "busy-1"
    mine = event(f"UID:{uid}", f"DTSTART:{begins:%Y%m%dT%H%M%SZ}", f"DTEND:{ends:%Y%m%dT%H%M%SZ}")
    linking.says(calendar(mine, hour(80)))
    await linking.link()
    assert (await linking.until("ok"))["times"] == (1 if guarded else 2)
    shown = (await linking.hanbit.get(f"/v1/meetings/{meeting['meeting_id']}")).json()
    assert shown.get("conflicts", []) == ([] if guarded else ["kim-1"])


async def test_a_server_that_knows_versions_is_asked_for_changes_only(linking: Linking) -> None:
    await linking.has_profile()
    marked = {"ETag": '"v1"', "Last-Modified": "Sat, 28 Nov 2026 12:05:00 GMT"}

    def answer(asked: Received) -> Reply:
        if asked.headers.get("if-none-match") == '"v1"':
            return Reply(status=304)
        return Reply(calendar(hour(3)), headers=marked)

    linking.there.answer = answer
    await linking.link()
    await eventually(lambda: len(linking.there.received) > 2, "three readings")
    first, second = linking.there.received[:2]
    assert "if-none-match" not in first.headers and first.headers["accept-encoding"] == "identity"
    assert second.headers["if-modified-since"] == marked["Last-Modified"]
    revision = (await linking.db.agendas.find_one({"_id": "hanbit/kim-1"}))["revision"]
    assert (await linking.until("ok"))["times"] == 1 and len(await linking.busy()) == 1
    assert revision == 1, "what has not changed writes no agenda"


LARGE = Reply(b"x" * (links.MAX_BYTES + 1))
FAILURES: dict[str, tuple[Reply, str, int | None]] = {
    "it is not shared any more": (Reply(status=404), "refused", 404),
    "its server is broken": (Reply(status=500), "server_error", 500),
    "its server is busy": (Reply(status=503), "busy", 503),
    "it says unchanged to no question": (Reply(status=304), "unexpected", 304),
    "it is elsewhere": (Reply(status=302, headers={"Location": "/elsewhere"}), "redirected", 302),
    "it is a page": (Reply(b"<html>sign in</html>"), "no_calendar", None),
    "no event can be read": (Reply(calendar(event("UID:bad", "DTSTART:soon"))), "no_calendar", None),
    "it is too large": (LARGE, "too_large", None),
    "it never ends": (Reply(endless=True), "too_large", None),
    "it never begins": (Reply(hangs=True), "timeout", None),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_one_that_fails_keeps_its_times_and_says_why(linking: Linking, name: str) -> None:
    await linking.has_profile()
    linking.says(calendar(hour(3)))
    await linking.link()
    good = await linking.until("ok")
    reply, reason, status = FAILURES[name]
    linking.there.answer = lambda _: reply
    await linking.until("failing")
    found, *others = [await linking.seen(lang=lang) for lang in ("en", "ko", "zh")]
    assert (found["failure"]["reason"], found["failure"].get("status")) == (reason, status)
    said = [one["failure"]["detail"] for one in (found, *others)]
    assert all(part in text for part, text in zip(("tried again", "다시 시도", "重试"), said, strict=True)), said
    assert found["times"] == 1 and len(await linking.busy()) == 1, "the last times stay"
    assert found["read_at"] >= good["read_at"] and found["tried_at"] > good["tried_at"]
    assert all(asked.path.endswith("busy.ics") for asked in linking.there.received), "no redirect is followed"


async def test_pauses_grow_while_it_fails_and_it_recovers_by_itself(linking: Linking) -> None:
    await linking.has_profile()
    linking.there.answer = lambda _: Reply(status=500)
    await linking.link()
    await eventually(lambda: len(linking.there.received) >= 4, "four readings")
    linked = await linking.db.linked_calendars.find_one({"_id": "hanbit/kim-1"})
    pause = (linked["next_at"] - linked["tried_at"]).total_seconds()
    assert linked["failures"] >= 3 and pause > QUICK * 60 * 2 ** (linked["failures"] - 1)
    linking.says(calendar(hour(3)))
    assert "failure" not in await linking.until("ok")


@SLOW
async def test_one_that_takes_too_long_to_read_is_called_so(linking: Linking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "WALL_SECONDS", 0.01)
    await linking.has_profile()
    linking.says(calendar(hour(3)))
    await linking.link()
    assert (await linking.until("failing"))["failure"]["reason"] == "too_slow"
