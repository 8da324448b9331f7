"""Schedules of members and tables, and the feeds that show them to calendars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, NotFound
from services.chassis.mongo import Database

from .. import after_store, store
from ..domain.calendar import ZONES
from ..domain.feed import Feed, FeedKind, feed_of, hash_of
from ..domain.meeting import Meeting
from ..domain.schedule import MAX_LINES, Lang, Schedule, of_member, of_table
from ..store import FEEDS
from .busy_times import must_be_self
from .open_round import must_be_organiser

PAST, AHEAD = dt.timedelta(days=30), dt.timedelta(days=184)
"""What a feed shows."""


@dataclass(frozen=True)
class Period:
    """From the first instant on, before the last one."""

    start: dt.datetime
    end: dt.datetime


async def schedule_of_member(
    database: Database, caller: Caller, member_id: str, period: Period, lang: Lang | None
) -> Schedule:
    """The caller's own schedule. Raises NotFound for any other member."""
    must_be_self(caller, member_id)
    return await _of_member(database, caller.org, member_id, period, lang)


async def _of_member(database: Database, org: str, member_id: str, period: Period, lang: Lang | None) -> Schedule:
    own = await after_store.profiles_of(database, org)
    country = own[0].country if own else ""
    meetings = await after_store.booked_of(database, [row.id for row in own], period.start, period.end)
    rows = await store.rows(database, _sides(meetings))
    language = lang or ("zh" if country == "CN" else "ko")
    lines = of_member(meetings, rows, org=org, member_id=member_id, lang=language)
    return Schedule(language, ZONES.get(country, ZONES["KR"]), lines)


async def schedule_of_table(
    database: Database, caller: Caller, forum_id: str | None, place: str, period: Period, lang: Lang, zone: ZoneInfo
) -> Schedule:
    """What is booked at a place, perhaps of one forum only; for organisers. Raises Forbidden."""
    must_be_organiser(caller)
    start, end = period.start, period.end
    meetings = await after_store.booked_at(database, place, start, end, forum_id=forum_id, limit=MAX_LINES)
    rows = await store.rows(database, _sides(meetings))
    return Schedule(lang, zone, of_table(meetings, rows, lang=lang), of=place)


async def schedule_of_interpreter(
    database: Database, caller: Caller, forum_id: str, interpreter: str, period: Period, lang: Lang, zone: ZoneInfo
) -> Schedule:
    """What an interpreter of a forum has booked; for organisers. Raises Forbidden."""
    must_be_organiser(caller)
    holder = f"interpreter/{forum_id}/{interpreter}"
    meetings = await after_store.booked_with(database, forum_id, holder, period.start, period.end, limit=MAX_LINES)
    rows = await store.rows(database, _sides(meetings))
    return Schedule(lang, zone, of_table(meetings, rows, lang=lang), of=interpreter, is_interpreters=True)


def _sides(meetings: Sequence[Meeting]) -> list[str]:
    return sorted({side for meeting in meetings for side in meeting.parties})


async def renew_feed(
    uow: UnitOfWork, *, caller: Caller, member_id: str, kind: FeedKind, lang: Lang, key: bytes
) -> Feed:
    """A new address for a feed of the caller; the one before opens nothing any more. Raises NotFound."""
    must_be_self(caller, member_id)
    before = await uow.get_or(FEEDS, feed_of(caller.org, member_id, kind))
    return uow.put(FEEDS, before.renewed(lang, key))


async def revoke_feed(uow: UnitOfWork, *, caller: Caller, member_id: str, kind: FeedKind) -> None:
    """Takes the address of a feed back. Raises NotFound."""
    must_be_self(caller, member_id)
    before = await uow.get(FEEDS, feed_of(caller.org, member_id, kind).id)
    if before is not None:
        uow.put(FEEDS, before.revoked())


async def feed_read(database: Database, caller: Caller, member_id: str, kind: FeedKind) -> Feed:
    """A feed of the caller that has an address. Raises NotFound."""
    must_be_self(caller, member_id)
    found = await database.one(FEEDS, feed_of(caller.org, member_id, kind).id)
    if found is None or not found.token_hash:
        raise NotFound("You have no such feed; PUT makes one.")
    return found


@dataclass(frozen=True)
class Opened:
    """A feed whose address was asked for, and what it shows."""

    feed: Feed
    schedule: Schedule


async def open_feed(database: Database, token: str) -> Opened:
    """What the address with this token shows. Raises NotFound."""
    feed = await after_store.feed_with(database, hash_of(token))
    if feed is None:
        raise NotFound("This address opens no calendar; it was taken back, or mistyped.")
    now = database.now()
    period = Period(now - PAST, now + AHEAD)
    return Opened(feed, await _of_member(database, feed.org, feed.member_id, period, feed.lang))
