"""Notices as sentences, in the reader's language; the other side by the name that the reader knows best."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from schemas.common import Text
from schemas.meetings import Venue

from .projections import MatchRow, MeetingRow, ProfileRow, TranslationRow
from .sentences import MARKS, NOBODY, ONLINE, SETTLED, TEMPLATES

LOCALES = {"ko": "ko", "zh": "zh_Hans_CN", "en": "en"}
PATTERNS = {"ko": "M월 d일(E) HH:mm", "zh": "M月d日 E HH:mm", "en": "EEE d MMM, HH:mm"}
ZONES = (ZoneInfo("Asia/Seoul"), ZoneInfo("Asia/Shanghai"))
CITIES = {
    "ko": {"Asia/Seoul": "서울", "Asia/Shanghai": "베이징"},
    "zh": {"Asia/Seoul": "首尔", "Asia/Shanghai": "北京"},
    "en": {"Asia/Seoul": "Seoul", "Asia/Shanghai": "Beijing"},
}


@dataclass(frozen=True)
class Rendered:
    title: str
    text: str


def best_name(profile: ProfileRow | None, lang: str) -> str:
    """In the reader's language, else in English, else as the organisation writes itself."""
    if profile is None or profile.names is None:
        return NOBODY[lang]
    names = profile.names
    own = names.zh if profile.country == "CN" else names.ko
    known: str | None = getattr(names, lang)
    return known or names.en or own or profile.legal_name or NOBODY[lang]


def local_time(at: str, zone: ZoneInfo, lang: str) -> str:
    local = dt.datetime.fromisoformat(at).astimezone(zone)
    return format_datetime(local, PATTERNS[lang], locale=LOCALES[lang])


def both_times(at: str, lang: str) -> str:
    """Both local times with their zones: nobody has to count."""
    return " / ".join(f"{local_time(at, zone, lang)} {CITIES[lang][zone.key]} ({zone.key})" for zone in ZONES)


def place(venue: Venue | None, lang: str) -> str:
    if venue is None:
        return "-"
    return venue.place or "-" if venue.kind == "onsite" else ONLINE[lang].format(url=venue.url)


def rendered(
    template: str,
    lang: str,
    *,
    other: ProfileRow | None,
    zone: ZoneInfo,
    match: MatchRow | None = None,
    meeting: MeetingRow | None = None,
) -> Rendered:
    title, text = TEMPLATES[template][lang]
    if template == "meeting.move_requested" and (meeting is None or meeting.move is None):
        text = SETTLED[lang]
    fields = {"name": best_name(other, lang)}
    if match is not None and match.expires_at:
        fields["until"] = local_time(match.expires_at, zone, lang)
    if meeting is not None:
        fields |= {"when": both_times(meeting.start, lang), "venue": place(meeting.venue, lang)}
        fields["lapses"] = local_time(meeting.lapses_at or meeting.start, zone, lang)
        if meeting.move is not None:
            fields |= {"new_when": both_times(meeting.move.start, lang), "new_venue": place(meeting.move.venue, lang)}
            fields["move_lapses"] = local_time(meeting.move.lapses_at, zone, lang)
    return Rendered(title.format(**fields), text.format_map(_Lenient(fields)))


class _Lenient(dict[str, str]):
    """What is not known any more is left open, not an error: an inbox must stay readable."""

    def __missing__(self, key: str) -> str:
        return "-"


def evidence_text(match: MatchRow, other: ProfileRow) -> tuple[str, Text] | None:
    """(text_id, text) of what the other side says that met us best; None when they no longer say it."""
    for evidence in match.evidence:
        for entry in (evidence.offer, evidence.need):
            said = other.texts.get(entry.text_id) if entry.profile_id == other.id else None
            if said is not None:
                return entry.text_id, said
    return None


def evidence_line(
    match: MatchRow, other: ProfileRow, translations: Mapping[str, TranslationRow], lang: str
) -> str | None:
    """The same in the reader's language where there is something, marked as what it is."""
    found = evidence_text(match, other)
    return _shown(found[1], translations.get(f"{found[0]}:{lang}"), lang) if found else None


def _shown(said: Text, translation: TranslationRow | None, lang: str) -> str:
    marks = MARKS[lang]
    if said.lang == lang:
        return said.text
    if translation is None or not translation.text:
        return f"{said.text} ({marks['original']})"
    if translation.made_by == "gloss":
        return f"{said.text} — {translation.text}"
    return f"{translation.text} ({marks[translation.made_by]})"
