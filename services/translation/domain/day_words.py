"""Words that say which day and which half of it: weekdays, noon and midnight, working days."""

from __future__ import annotations

import re

_WEEKDAYS_KO, _WEEKDAYS_ZH = "월화수목금토일", "一二三四五六日天"
_WEEKDAYS_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KOREAN = re.compile(rf"(?P<a>[{_WEEKDAYS_KO}])요일|(?<=[\d일.])\s?\((?P<b>[{_WEEKDAYS_KO}])\)")
# 每周一次 is once a week, and no Monday.
_CHINESE = re.compile(
    rf"(?:周|星期|礼拜)(?P<a>[{_WEEKDAYS_ZH}])(?![次回个個天期款趟场篇批轮例部本份节小周年日人家种项体圈带般直共十百千万.点])"
)
_ENGLISH = re.compile(
    r"\b(?P<a>mon|tues|wednes|thurs|fri|satur|sun)days?\b|(?<=\()(?P<b>mon|tue|wed|thu|fri|sat|sun)(?=[).,])",
    re.IGNORECASE,
)
_HALVES = {
    "noon": r"정오|正午|中午(?![餐饭休])|\bnoon\b|\bmidday\b|낮\s?12시",
    "midnight": r"자정(?![작향])|午夜|半夜|零点|\bmidnight\b|밤\s?12시|(?:夜里|深夜|晚上|夜)(?:12|十二)点",
}
_DAYS = {
    "working": r"영업일|근무일|工作日|\b(?:business|working)\sdays?\b",
    "calendar": r"자연일|역일|自然日|日历日|\bcalendar\sdays?\b",
}
_GROUPS = [{name: re.compile(pattern, re.IGNORECASE) for name, pattern in group.items()} for group in (_HALVES, _DAYS)]


def have_other_days(source: str, target: str) -> bool:
    """Whether two texts name another weekday, another half of the day or another kind of days. What one of them does
    not say is no difference."""
    pairs = [(_weekdays(source), _weekdays(target))]
    pairs += [(_named(group, source), _named(group, target)) for group in _GROUPS]
    return any(first - second and second - first for first, second in pairs)


def _named(group: dict[str, re.Pattern[str]], text: str) -> set[str]:
    return {name for name, pattern in group.items() if pattern.search(text)}


def _weekdays(text: str) -> set[str]:
    korean = {str(_WEEKDAYS_KO.index(match["a"] or match["b"])) for match in _KOREAN.finditer(text)}
    chinese = {str(min(_WEEKDAYS_ZH.index(match["a"]), 6)) for match in _CHINESE.finditer(text)}
    english = {str(_WEEKDAYS_EN.index((match["a"] or match["b"])[:3].lower())) for match in _ENGLISH.finditer(text)}
    return korean | chinese | english
