"""Notices as sentences in the reader's language. The other side is called by the name that the reader knows best."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from schemas.common import Text
from schemas.meetings import Venue

from .forum_sentences import NONE_TEMPLATES, ONE_TEMPLATES
from .projections import MatchRow, MeetingRow, ProfileRow, TranslationRow
from .sentences import (
    MOVE_OVER,
    MOVE_SETTLED,
    NO_NAME,
    ONLINE,
    OWN_TEMPLATES,
    PLANNED_LINE,
    TEMPLATES,
    TRANSLATION_MARKS,
)

LOCALES = {"ko": "ko", "zh": "zh_Hans_CN", "en": "en"}
# Only ASCII letters are fields of a CLDR pattern, so 월, 日 and brackets need no quotes.
PATTERNS = {"ko": "y년 M월 d일(E) HH:mm", "zh": "y年M月d日 E HH:mm", "en": "EEE d MMM y, HH:mm"}
ZONES = (ZoneInfo("Asia/Seoul"), ZoneInfo("Asia/Shanghai"))
_STOPS = (".", "!", "?", "。", "！", "？", "…")
"""Behind them a sentence has no full stop of its own."""
# All of China has Beijing's time; the zone database names it after Shanghai.
CITIES = {
    "ko": {"Asia/Seoul": "서울", "Asia/Shanghai": "베이징"},
    "zh": {"Asia/Seoul": "首尔", "Asia/Shanghai": "北京"},
    "en": {"Asia/Seoul": "Seoul", "Asia/Shanghai": "Beijing"},
}


@dataclass(frozen=True)
class RenderedText:
    """Title and text of a notice in one language."""

    title: str
    text: str


def display_name(profile: ProfileRow | None, lang: str) -> str:
    """The profile's name in the reader's language; else in English; else in the organisation's own language. A profile
    that is not public has no name, and the text says so."""
    if profile is None or profile.names is None:
        return NO_NAME[lang]
    names = profile.names
    own_name = names.zh if profile.country == "CN" else names.ko
    reader_name: str | None = getattr(names, lang)
    return reader_name or names.en or own_name or profile.legal_name or NO_NAME[lang]


def local_time(at: str, zone: ZoneInfo, lang: str) -> str:
    """An instant (ISO 8601) as a clock in `zone` shows it, in the reader's language, with the name of the zone: no
    reader should have to guess whose clock it is. It has its year, because a notice may be read long after it was
    written, and may be about what lies beyond the turn of a year."""
    local = dt.datetime.fromisoformat(at).astimezone(zone)
    time = format_datetime(local, PATTERNS[lang], locale=LOCALES[lang])
    city = CITIES[lang].get(zone.key)
    return f"{time} {city} ({zone.key})" if city else f"{time} ({zone.key})"


def deadline(at: str, zone: ZoneInfo, lang: str) -> str:
    """An instant by which the reader has to answer, in the reader's zone."""
    return local_time(at, zone, lang)


def both_times(at: str, lang: str) -> str:
    """An instant in Seoul and in Beijing, each with its zone, so that no reader has to convert it."""
    return " / ".join(local_time(at, zone, lang) for zone in ZONES)


def venue_text(venue: Venue | None, lang: str) -> str:
    """Where a meeting takes place; "-" if that is not known."""
    if venue is None:
        return "-"
    links = " / ".join(url for url in (venue.url, venue.fallback_url) if url)
    place = [venue.place or "-"] if venue.kind == "onsite" else []
    return ", ".join([*place, ONLINE[lang].format(url=links)] if links or not place else place)


def render(
    template: str,
    lang: str,
    *,
    other: ProfileRow | None,
    zone: ZoneInfo,
    match: MatchRow | None = None,
    meeting: MeetingRow | None = None,
    count: int = 0,
) -> RenderedText:
    """Renders a template. `other` is the side that the reader is not on; deadlines are shown in the reader's `zone`;
    `count`: the meetings of a plan."""
    if template in OWN_TEMPLATES:
        return RenderedText(*OWN_TEMPLATES[template][lang])
    title, text = _sentences(template, lang, meeting, count)
    fields = {"name": display_name(other, lang), "count": str(count)}
    if match is not None and match.expires_at:
        fields["until"] = deadline(match.expires_at, zone, lang)
    if meeting is not None:
        fields |= _meeting_fields(meeting, zone, lang)
    # Titles have only {name} and {count}, which are always known.
    return RenderedText(_filled(title, fields, lang), _filled(text, fields, lang))


def _filled(sentence: str, fields: Mapping[str, str], lang: str) -> str:
    """The sentence with its fields. A name that ends in a full stop (Co., Ltd.) ends the sentence, too; and a sentence
    that begins with a name which is not known any more begins with a capital. Names themselves are never changed."""
    for field, value in fields.items():
        if value.endswith(_STOPS):
            sentence = re.sub(rf"\{{{field}\}}[.。]", f"{{{field}}}", sentence)
    filled = sentence.format_map(_LenientFields(fields))
    begins_unnamed = sentence.startswith("{name}") and fields["name"] == NO_NAME[lang]
    return filled[:1].upper() + filled[1:] if begins_unnamed else filled


def _sentences(template: str, lang: str, meeting: MeetingRow | None, count: int) -> tuple[str, str]:
    """Title and text. A notice about a move says how the meeting stands only while it is booked."""
    if template in NONE_TEMPLATES and count == 0:
        return NONE_TEMPLATES[template][lang]
    if template in ONE_TEMPLATES and count == 1:
        return ONE_TEMPLATES[template].get(lang, TEMPLATES[template][lang])
    title, text = TEMPLATES[template][lang]
    if template in MOVE_OVER and (meeting is None or meeting.state != "booked"):
        return title, MOVE_OVER[template][lang]
    if template == "meeting.move_requested" and meeting is not None and meeting.move is None:
        return title, MOVE_SETTLED[lang]
    return title, text


def planned_line(meeting: MeetingRow, other: ProfileRow | None, lang: str) -> str:
    """A meeting in the notice of a plan: both local times, with whom, where."""
    when, name, venue = both_times(meeting.start, lang), display_name(other, lang), venue_text(meeting.venue, lang)
    return PLANNED_LINE.format(when=when, name=name, venue=venue)


def _meeting_fields(meeting: MeetingRow, zone: ZoneInfo, lang: str) -> dict[str, str]:
    fields = {
        "when": both_times(meeting.start, lang),
        "venue": venue_text(meeting.venue, lang),
        "lapses": deadline(meeting.lapses_at or meeting.start, zone, lang),
    }
    if meeting.move is not None:
        fields |= {
            "new_when": both_times(meeting.move.start, lang),
            "new_venue": venue_text(meeting.move.venue, lang),
            "move_lapses": deadline(meeting.move.lapses_at, zone, lang),
        }
    return fields


class _LenientFields(dict[str, str]):
    """Fields of a template. One whose value is not known any more becomes "-", so that an inbox stays readable."""

    def __missing__(self, key: str) -> str:
        return "-"


def evidence_text(match: MatchRow, other: ProfileRow) -> tuple[str, Text] | None:
    """(text_id, text) of the offer or need of the other side that fits best; None if it has been removed since."""
    for evidence in match.evidence:
        for entry in (evidence.offer, evidence.need):
            text = other.texts.get(entry.text_id) if entry.profile_id == other.id else None
            if text is not None:
                return entry.text_id, text
    return None


def evidence_line(
    match: MatchRow, other: ProfileRow, translations: Mapping[str, TranslationRow], lang: str
) -> str | None:
    """The evidence text in the reader's language, marked as an original or by how it was translated; None if there is
    no such text. `translations` is keyed by `<text_id>:<language>`."""
    evidence = evidence_text(match, other)
    if evidence is None:
        return None
    text_id, text = evidence
    return _marked(text, translations.get(f"{text_id}:{lang}"), lang)


def _marked(text: Text, translation: TranslationRow | None, lang: str) -> str:
    marks = TRANSLATION_MARKS[lang]
    if text.lang == lang:
        return text.text
    if translation is None or not translation.text:
        return f"{text.text} ({marks['original']})"
    if translation.made_by == "gloss":
        return f"{text.text} — {translation.text}"
    return f"{translation.text} ({marks[translation.made_by]})"
