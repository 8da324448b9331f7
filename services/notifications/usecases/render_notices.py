"""Notices in their reader's language, rendered when they are read or mailed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from zoneinfo import ZoneInfo

from services.chassis.model import Collection, Document
from services.chassis.mongo import Database

from ..domain.notice_records import NoticeRecord
from ..domain.notices import ASKED, PLANNED, PROPOSED
from ..domain.obsolescence import still_ahead
from ..domain.projections import MatchRow, MeetingRow, ProfileRow, TranslationRow
from ..domain.recipients import Recipient
from ..domain.sentence_rendering import evidence_line, planned_line, render
from ..store import MATCHES, MEETINGS, PROFILES, TRANSLATIONS, meetings_at_forum

D = TypeVar("D", bound=Document)


@dataclass(frozen=True)
class RenderedNotice:
    """A notice as its reader sees it. `lines`: the meetings of a plan. `evidence` is a text of the other side that fits
    best, for proposals only."""

    id: str
    template: str
    lang: str
    title: str
    text: str
    lines: list[str]
    evidence: str | None
    about: dict[str, str]
    happened_at: dt.datetime


@dataclass(frozen=True)
class NoticeContext:
    """All rows that some notices are about, by id."""

    profiles: Mapping[str, ProfileRow]
    matches: Mapping[str, MatchRow]
    meetings: Mapping[str, MeetingRow]
    translations: Mapping[str, TranslationRow]
    plans: Mapping[tuple[str, str], list[MeetingRow]]
    """What is booked at a forum, by forum and profile."""

    def planned(self, notice: NoticeRecord) -> list[MeetingRow]:
        """The meetings of the plan that a notice is about."""
        return self.plans.get((notice.about.get("forum_id", ""), notice.profile_id), [])

    def ahead_of(self, now: dt.datetime) -> NoticeContext:
        """Without the meetings of plans that have begun."""
        return replace(self, plans={key: still_ahead(planned, now) for key, planned in self.plans.items()})

    def other_than(self, profile_id: str, meeting: MeetingRow) -> ProfileRow | None:
        """The profile that this one meets."""
        others = [party for party in meeting.parties if party != profile_id]
        return self.profiles.get(others[0]) if others else None

    def subjects(self, notice: NoticeRecord) -> tuple[MatchRow | None, MeetingRow | None]:
        """The match and the meeting that a notice is about."""
        about = notice.about
        return self.matches.get(about.get("match_id", "")), self.meetings.get(about.get("meeting_id", ""))

    def other_side(self, notice: NoticeRecord) -> ProfileRow | None:
        """The profile of the side that the notice's reader is not on."""
        match, meeting = self.subjects(notice)
        parties = meeting.parties if meeting else match.parties if match else []
        others = [party for party in parties if party != notice.profile_id]
        return self.profiles.get(others[0]) if others else None


async def render_notices(
    database: Database, notices: Sequence[NoticeRecord], recipient: Recipient, lang: str
) -> list[RenderedNotice]:
    """Notices of one recipient in a language, in the given order."""
    return render_in_context(await load_context(database, notices, lang), notices, recipient, lang)


async def load_context(database: Database, notices: Sequence[NoticeRecord], lang: str) -> NoticeContext:
    """Reads what the notices are about, with one query per collection."""
    matches = await _load_by_id(database, MATCHES, (n.about.get("match_id", "") for n in notices))
    meetings = await _load_by_id(database, MEETINGS, (n.about.get("meeting_id", "") for n in notices))
    parties = {party for match in matches.values() for party in match.parties}
    plans = await _load_plans(database, notices)
    of_plans = (meeting for booked in plans.values() for meeting in booked)
    parties |= {party for meeting in (*meetings.values(), *of_plans) for party in meeting.parties}
    profiles = await _load_by_id(database, PROFILES, parties)
    texts = {e.text_id for m in matches.values() for pair in m.evidence for e in (pair.need, pair.offer)}
    translations = await _load_by_id(database, TRANSLATIONS, (f"{text}:{lang}" for text in texts))
    return NoticeContext(profiles, matches, meetings, translations, plans)


async def _load_plans(database: Database, notices: Sequence[NoticeRecord]) -> dict[tuple[str, str], list[MeetingRow]]:
    wanted = sorted({(notice.about["forum_id"], notice.profile_id) for notice in notices if notice.template == PLANNED})
    return {key: await meetings_at_forum(database, *key) for key in wanted}


async def _load_by_id(database: Database, collection: Collection[D], ids: Iterable[str]) -> dict[str, D]:
    wanted = sorted({id for id in ids if id})
    return {doc.id: doc for doc in await database.find(collection, {"_id": {"$in": wanted}})} if wanted else {}


def render_in_context(
    context: NoticeContext, notices: Sequence[NoticeRecord], recipient: Recipient, lang: str
) -> list[RenderedNotice]:
    """As `render_notices`, with rows that were loaded before."""
    zone = ZoneInfo(recipient.zone)
    return [_render(notice, context, zone, lang) for notice in notices]


def _render(notice: NoticeRecord, context: NoticeContext, zone: ZoneInfo, lang: str) -> RenderedNotice:
    (match, meeting), other = context.subjects(notice), context.other_side(notice)
    planned = context.planned(notice)
    rendered = render(notice.template, lang, other=other, zone=zone, match=match, meeting=meeting, count=len(planned))
    evidence = None
    if notice.template in (PROPOSED, ASKED) and match is not None and other is not None:
        evidence = evidence_line(match, other, context.translations, lang)
    return RenderedNotice(
        id=notice.id,
        template=notice.template,
        lang=lang,
        title=rendered.title,
        text=rendered.text,
        lines=[planned_line(one, context.other_than(notice.profile_id, one), lang) for one in planned],
        evidence=evidence,
        about=notice.about,
        happened_at=notice.happened_at,
    )
