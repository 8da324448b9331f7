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

LOCALES = {"ko": "ko", "zh": "zh_Hans_CN", "en": "en"}
PATTERNS = {"ko": "M월 d일(E) HH:mm", "zh": "M月d日 E HH:mm", "en": "EEE d MMM, HH:mm"}
ZONES = (ZoneInfo("Asia/Seoul"), ZoneInfo("Asia/Shanghai"))
CITIES = {
    "ko": {"Asia/Seoul": "서울", "Asia/Shanghai": "베이징"},
    "zh": {"Asia/Seoul": "首尔", "Asia/Shanghai": "北京"},
    "en": {"Asia/Seoul": "Seoul", "Asia/Shanghai": "Beijing"},
}
NOBODY = {"ko": "공개되지 않은 기관", "zh": "未公开的机构", "en": "an organisation that is no longer public"}

# Korean sentences put names where no particle depends on their last sound.
TEMPLATES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "match.proposed": {
        "ko": (
            "새로운 협력 제안 — {name}",
            "찾으시는 것과 제공하시는 것이 {name} 측과 잘 맞습니다. 내용을 살펴보시고 {until}까지 답해 주세요.",
        ),
        "zh": ("新的合作建议：{name}", "贵方与{name}的供需相互契合。请查看详情，并于{until}前答复。"),
        "en": (
            "A partner to consider: {name}",
            "Your needs and offers meet those of {name}. Please answer by {until}.",
        ),
    },
    "match.agreed": {
        "ko": ("양측 모두 수락 — {name}", "{name} 측과 서로 만나기로 했습니다. 이제 미팅 시간을 정하실 수 있습니다."),
        "zh": ("双方均已同意：{name}", "贵方与{name}都愿意见面，现在可以约定时间。"),
        "en": ("Both sides agreed: {name}", "You and {name} would like to meet. You can arrange a time now."),
    },
    "meeting.requested": {
        "ko": (
            "미팅 요청 — {name}",
            "{name} 측에서 미팅을 요청했습니다. 일시: {when}. 장소: {venue}. "
            "{lapses}까지 확정하지 않으시면 요청이 취소됩니다.",
        ),
        "zh": (
            "会面邀请：{name}",
            "{name}希望与您会面。时间：{when}。地点：{venue}。请于{lapses}前确认，逾期邀请将失效。",
        ),
        "en": (
            "{name} asks for a meeting",
            "{name} would like to meet you. Time: {when}. Place: {venue}. "
            "Please confirm by {lapses}; after that the request lapses.",
        ),
    },
    "meeting.booked": {
        "ko": ("미팅 확정 — {name}", "{name} 측과의 미팅이 확정되었습니다. 일시: {when}. 장소: {venue}."),
        "zh": ("会面已确定：{name}", "与{name}的会面已确定。时间：{when}。地点：{venue}。"),
        "en": ("Meeting booked with {name}", "Your meeting with {name} is booked. Time: {when}. Place: {venue}."),
    },
    "meeting.cancelled": {
        "ko": ("미팅 취소 — {name}", "{name} 측과의 미팅이 취소되었습니다. 취소된 일시: {when}."),
        "zh": ("会面已取消：{name}", "与{name}的会面已取消。原定时间：{when}。"),
        "en": ("Meeting cancelled: {name}", "Your meeting with {name} is cancelled. It was planned for {when}."),
    },
}
MARKS = {
    "ko": {"machine": "기계 번역", "gloss": "용어 풀이", "human": "번역", "original": "원문"},
    "zh": {"machine": "机器翻译", "gloss": "术语对照", "human": "译文", "original": "原文"},
    "en": {"machine": "machine translation", "gloss": "key terms", "human": "translation", "original": "original"},
}
ONLINE = {"ko": "온라인 ({url})", "zh": "线上（{url}）", "en": "online ({url})"}


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
    fields = {"name": best_name(other, lang)}
    if match is not None and match.expires_at:
        fields["until"] = local_time(match.expires_at, zone, lang)
    if meeting is not None:
        fields |= {"when": both_times(meeting.start, lang), "venue": place(meeting.venue, lang)}
        fields["lapses"] = local_time(meeting.lapses_at or meeting.start, zone, lang)
    return Rendered(title.format(**fields), text.format_map(_Lenient(fields)))


class _Lenient(dict[str, str]):
    """What is not known any more is left open, not an error: an inbox must stay readable."""

    def __missing__(self, key: str) -> str:
        return "-"


def evidence_line(
    match: MatchRow, other: ProfileRow, translations: Mapping[str, TranslationRow], lang: str
) -> str | None:
    """What the other side says that met us best, in the reader's language where there is something, marked as what it
    is; None when they no longer say it."""
    for evidence in match.evidence:
        for entry in (evidence.offer, evidence.need):
            said = other.texts.get(entry.text_id) if entry.profile_id == other.id else None
            if said is not None:
                return _shown(said, translations.get(f"{entry.text_id}:{lang}"), lang)
    return None


def _shown(said: Text, translation: TranslationRow | None, lang: str) -> str:
    marks = MARKS[lang]
    if said.lang == lang:
        return said.text
    if translation is None or not translation.text:
        return f"{said.text} ({marks['original']})"
    if translation.made_by == "gloss":
        return f"{said.text} — {translation.text}"
    return f"{translation.text} ({marks[translation.made_by]})"
