"""What stands around a date or a time: whether it ends or begins something there, and in which zone it is."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from .figure import Figure

_DATES = frozenset({"year", "month", "day", "quarter", "half", "clock"})
_WITHIN_DATE = re.compile(r"[\s,./'’년월일年月日의of的-]{0,4}\Z")
_NEAR = 24
_STOP = re.compile(r"[,.;:!?()，。；：！？（）、\d]")

_AFTER_DATE = re.compile(
    r"\s?(?:[年月日]?[底末初]|中旬|上旬|下旬|말|초|중순|하순|연말)?\s?"
    r"(?:(?P<before>이전(?!\s?(?:예정|완료|계획|계약|할|하|한|및))|전(?:에|까지)|까지|之前|以前|为止|前(?![后三两二四五六七八九十半]|\d))"
    r"|(?P<after>이후|후(?=에|부터|\s|[.,]|\Z)|부터|이래|之后|以后|以来|开始|起(?!来)|后(?![半期]|\d)))"
)
_BEFORE_DATE_ZH = re.compile(r"(?:(?P<before>截至|截止到?|(?<![达回直得受推迟])[至到])|(?P<after>自从?|从))\s?\Z")
_ONLY_THEN = re.compile(r"\s?[年月日]?[底末初]?\s?(?:才|[之以]?后|方可)")
_EARLY = frozenset("before by until till".split())
_LATE = frozenset("after from since starting beginning starts begins".split())
_PARTS = frozenset("the end of early late mid beginning start in on year at spring summer autumn winter".split())
_WORD = re.compile(r"[A-Za-z]+")


def sides_of(text: str, figures: Sequence[Figure]) -> list[set[str]]:
    """For each part of a date or a time whether something is before it or after it; empty where nothing says it."""
    groups = _dates(text, figures)
    return [_side(text, *groups[id(one)]) if id(one) in groups else set() for one in figures]


def _dates(text: str, figures: Sequence[Figure]) -> dict[int, tuple[int, int]]:
    """Where the whole date begins and ends that a figure is a part of, by the identity of the figure."""
    parts = sorted((one for one in figures if _kinds(one) & _DATES), key=lambda one: (one.start, one.end))
    groups: list[list[Figure]] = []
    for one in parts:
        last = groups[-1] if groups else []
        if last and _belongs(text, last, one):
            last.append(one)
        else:
            groups.append([one])
    return {id(one): (group[0].start, group[-1].end) for group in groups for one in group}


def _belongs(text: str, date: Sequence[Figure], one: Figure) -> bool:
    gap = text[date[-1].end : one.start]
    is_new = all(not _kinds(part) & _kinds(one) & _DATES for part in date)
    return is_new and _WITHIN_DATE.match(gap) is not None


def _kinds(one: Figure) -> set[str]:
    return {kind for kind, _ in one.readings}


def _side(text: str, start: int, end: int) -> set[str]:
    after = _AFTER_DATE.match(text[end : end + _NEAR])
    if after is not None:
        return {after.lastgroup or ""}
    words = _STOP.split(text[max(0, start - _NEAR) : start])[-1]
    chinese = _BEFORE_DATE_ZH.search(words)
    if chinese is not None:
        is_late = chinese.lastgroup == "before" and _ONLY_THEN.match(text, end)
        return {"after" if is_late else chinese.lastgroup or ""}
    return _english(_WORD.findall(words.lower()))


def _english(words: list[str]) -> set[str]:
    while words and words[-1] in _PARTS and not {words[-1]} & (_EARLY | _LATE):
        words = words[:-1]
    if not words:
        return set()
    is_negated = "not" in words[-3:-1]
    if words[-2:] == ["earlier", "than"]:
        return {"after"}
    if words[-2:] in (["later", "than"], ["prior", "to"]):
        return {"before"}
    if words[-1] in _EARLY:
        return {"after" if is_negated and words[-1] != "by" else "before"}
    return {"after"} if words[-1] in _LATE and not is_negated else set()


# -- zones: 10:00 KST, 北京时间10:00

_ZONE = re.compile(
    r"(?P<korea>\bKST\b|한국\s?(?:표준)?\s?시[간각]|서울\s?시[간각]|韩国(?:标准)?时间|首尔时间|(?:Seoul|Korean?)\s(?:Standard\s)?time)"
    r"|(?P<china>\bCST\b|(?:북경|베이징|중국)\s?(?:표준)?\s?시[간각]|北京时间|中国(?:标准)?时间"
    r"|(?:Beijing|China|Chinese)\s(?:Standard\s)?time)|(?P<universal>\b(?:UTC|GMT)\b(?!\s?[+-]))",
    re.IGNORECASE,
)
_TO_ZONE = re.compile(r"\s?(?:[ap]\.?m\b\.?)?\s?[(（]?\s?", re.IGNORECASE)
_OF_NEXT = re.compile(r"\s?(?:上午|下午|오전|오후)?\s?\d")


def zones_of(text: str, figures: Sequence[Figure]) -> list[set[str]]:
    """For each time of the day the zone that is named beside it; empty where none is."""
    clocks = sorted(one.end for one in figures if "clock" in _kinds(one))
    return [_zone(text, one, clocks) if "clock" in _kinds(one) else set() for one in figures]


def _zone(text: str, one: Figure, clocks: Sequence[int]) -> set[str]:
    behind = _zone_behind(text, one.end)
    if behind is not None:
        return {behind.lastgroup or ""}
    at = bisect_right(clocks, one.start)
    begin = max(0, one.start - _NEAR, clocks[at - 1] if at else 0)
    taken = _zone_behind(text, begin) if at and begin == clocks[at - 1] else None
    found = [match.lastgroup or "" for match in _ZONE.finditer(text, taken.end() if taken else begin, one.start)]
    return set(found[-1:])


def _zone_behind(text: str, at: int) -> re.Match[str] | None:
    """The zone that directly follows a time, unless another time follows the zone."""
    gap = _TO_ZONE.match(text, at)
    match = _ZONE.match(text, gap.end() if gap else at)
    return match if match is not None and not _OF_NEXT.match(text, match.end()) else None
