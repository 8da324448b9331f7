"""Notices, rendered for their reader when they are read or sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from services.chassis.database import Database
from services.chassis.documents import Collection, D

from ..domain.notices import ASKED, PROPOSED
from ..domain.projections import MatchRow, MeetingRow, ProfileRow, TranslationRow
from ..domain.recipients import Recipient, Told
from ..domain.rendering import evidence_line, rendered
from ..store import MATCHES, MEETINGS, PROFILES, TRANSLATIONS


@dataclass(frozen=True)
class Shown:
    id: str
    template: str
    lang: str
    title: str
    text: str
    evidence: str | None
    about: dict[str, str]
    happened_at: dt.datetime


@dataclass(frozen=True)
class Context:
    """Whatever some notices speak of."""

    profiles: Mapping[str, ProfileRow]
    matches: Mapping[str, MatchRow]
    meetings: Mapping[str, MeetingRow]
    translations: Mapping[str, TranslationRow]

    def rows(self, notice: Told) -> tuple[MatchRow | None, MeetingRow | None]:
        about = notice.about
        return self.matches.get(about.get("match_id", "")), self.meetings.get(about.get("meeting_id", ""))

    def other(self, notice: Told) -> ProfileRow | None:
        """The side that the notice's reader does not stand on."""
        match, meeting = self.rows(notice)
        parties = meeting.parties if meeting else match.parties if match else []
        others = [party for party in parties if party != notice.profile_id]
        return self.profiles.get(others[0]) if others else None


async def shown(database: Database, notices: Sequence[Told], recipient: Recipient, lang: str) -> list[Shown]:
    return rendered_in(await context(database, notices, lang), notices, recipient, lang)


async def context(database: Database, notices: Sequence[Told], lang: str) -> Context:
    matches = await _by_id(database, MATCHES, (n.about.get("match_id", "") for n in notices))
    meetings = await _by_id(database, MEETINGS, (n.about.get("meeting_id", "") for n in notices))
    parties = {party for match in matches.values() for party in match.parties}
    parties |= {party for meeting in meetings.values() for party in meeting.parties}
    profiles = await _by_id(database, PROFILES, parties)
    texts = {e.text_id for m in matches.values() for pair in m.evidence for e in (pair.need, pair.offer)}
    translations = await _by_id(database, TRANSLATIONS, (f"{text}:{lang}" for text in texts))
    return Context(profiles, matches, meetings, translations)


async def _by_id(database: Database, collection: Collection[D], ids: Iterable[str]) -> dict[str, D]:
    wanted = sorted({id for id in ids if id})
    return {doc.id: doc for doc in await database.find(collection, {"_id": {"$in": wanted}})} if wanted else {}


def rendered_in(context: Context, notices: Sequence[Told], recipient: Recipient, lang: str) -> list[Shown]:
    zone = ZoneInfo(recipient.zone)
    return [_shown(notice, context, zone, lang) for notice in notices]


def _shown(notice: Told, context: Context, zone: ZoneInfo, lang: str) -> Shown:
    (match, meeting), other = context.rows(notice), context.other(notice)
    said = rendered(notice.template, lang, other=other, zone=zone, match=match, meeting=meeting)
    evidence = None
    if notice.template in (PROPOSED, ASKED) and match is not None and other is not None:
        evidence = evidence_line(match, other, context.translations, lang)
    return Shown(
        id=notice.id,
        template=notice.template,
        lang=lang,
        title=said.title,
        text=said.text,
        evidence=evidence,
        about=notice.about,
        happened_at=notice.happened_at,
    )
