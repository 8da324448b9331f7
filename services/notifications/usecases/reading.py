"""An inbox, rendered for its reader when it is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from services.chassis.database import Database
from services.chassis.documents import Collection, D

from ..domain.projections import MatchRow, MeetingRow, ProfileRow, TranslationRow
from ..domain.recipients import Entry, Recipient
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
    """Whatever a page of an inbox speaks of."""

    profiles: Mapping[str, ProfileRow]
    matches: Mapping[str, MatchRow]
    meetings: Mapping[str, MeetingRow]
    translations: Mapping[str, TranslationRow]


async def shown(database: Database, entries: Sequence[Entry], recipient: Recipient, lang: str) -> list[Shown]:
    context = await _context(database, entries, lang)
    zone = ZoneInfo(recipient.zone)
    return [_shown(entry, context, zone, lang) for entry in entries]


async def _context(database: Database, entries: Sequence[Entry], lang: str) -> Context:
    matches = await _by_id(database, MATCHES, (e.about.get("match_id", "") for e in entries))
    meetings = await _by_id(database, MEETINGS, (e.about.get("meeting_id", "") for e in entries))
    parties = {party for match in matches.values() for party in match.parties}
    parties |= {party for meeting in meetings.values() for party in meeting.parties}
    profiles = await _by_id(database, PROFILES, parties)
    texts = {e.text_id for m in matches.values() for pair in m.evidence for e in (pair.need, pair.offer)}
    translations = await _by_id(database, TRANSLATIONS, (f"{text}:{lang}" for text in texts))
    return Context(profiles, matches, meetings, translations)


async def _by_id(database: Database, collection: Collection[D], ids: Iterable[str]) -> dict[str, D]:
    wanted = sorted({id for id in ids if id})
    return {doc.id: doc for doc in await database.find(collection, {"_id": {"$in": wanted}})} if wanted else {}


def _shown(entry: Entry, context: Context, zone: ZoneInfo, lang: str) -> Shown:
    match = context.matches.get(entry.about.get("match_id", ""))
    meeting = context.meetings.get(entry.about.get("meeting_id", ""))
    parties = meeting.parties if meeting else match.parties if match else []
    others = [party for party in parties if party != entry.profile_id]
    other = context.profiles.get(others[0]) if others else None
    said = rendered(entry.template, lang, other=other, zone=zone, match=match, meeting=meeting)
    evidence = None
    if entry.template == "match.proposed" and match is not None and other is not None:
        evidence = evidence_line(match, other, context.translations, lang)
    return Shown(
        id=entry.id,
        template=entry.template,
        lang=lang,
        title=said.title,
        text=said.text,
        evidence=evidence,
        about=entry.about,
        happened_at=entry.happened_at,
    )
