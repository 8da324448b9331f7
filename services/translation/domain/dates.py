"""Dates and times in the notations of the three languages. Year, month and day are figures of their own, so that a
translation may write them in its own order."""

from __future__ import annotations

import re
from math import gcd

from .figure import Figure, Reading, figure, reading

_NOT_IN_NUMBER = r"(?<![\d.,])"
_YMD = re.compile(
    r"(?P<y>(?:19|20)\d\d|['’]?\d\d)(?P<sep>\s?[./-]\s?)(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})(?![\d%]|\.\d)\.?"
)
_YM = re.compile(r"(?P<y>(?:19|20)\d\d)(?P<sep>\.\s?|[/-])(?P<m>0?[1-9]|1[0-2])(?![\d%]|\.\d)\.?(?=\D|$)")
_DMY = re.compile(r"(?P<a>\d{1,2})(?P<sep>[./-])(?P<b>\d{1,2})(?P=sep)(?P<y>(?:19|20)\d\d)(?!\d)")
_MD = re.compile(
    r"(?P<m>\d{1,2})[./](?P<d>\d{1,2})\.?(?=\s?\((?:[월화수목금토일]|周?[一二三四五六日]|Mon|Tue|Wed|Thu|Fri|Sat|Sun))"
)
_TO_MD = re.compile(r"\s?(?:[~–—]|-)\s?(?:(?P<m>\d{1,2})\s?[./]\s?)?(?P<d>\d{1,2})\.?(?![\d.:%]|\s?[월月명개])")
_APOSTROPHE = re.compile(r"['’](?P<y>\d\d)(?=년|年|\D|$)")
_CLOCK = re.compile(r"(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?![\d:])(?:\s?(?P<half>[ap])\.?m\b\.?)?", re.IGNORECASE)
_TO_EVENING = re.compile(r"\s?(?:-|–|—|~|至|到|to)\s?(?:1[3-9]|2[0-4]):", re.IGNORECASE)
_PAIR = re.compile(r"(?P<a>\d{1,4})\s?(?::|比|대\s?)(?P<b>\d{1,4})(?![\d:]|[.,]\d)(?!\s?[명개만억대])")
_QUARTER = re.compile(
    r"(?:(?P<fy>(?:FY|CY)?(?:20)?\d\d)\s?[-/]?\s?)?(?:Q(?P<a>[1-4])|(?P<b>[1-4])Q)(?:\s?[-/']?\s?(?P<y>(?:20)?\d\d))?(?![A-Za-z0-9])"
)
_NTH_QUARTER = re.compile(
    r"(?:第|(?<![가-힣])제\s?)?(?:(?P<a>[一二三四1-4])\s?[、·,/和至~-]\s?)?(?P<n>[一二三四1-4])\s?(?:季度|분기)(?!\s?연속)"
)
_HALF = re.compile(
    r"(?P<first>상반기|전반기|上半年|前半年)|(?P<second>하반기|후반기|下半年|后半年)"
    r"|(?:(?P<fy>(?:20)?\d\d)\s?)?(?:H(?P<a>[12])|(?P<b>[12])H)(?:\s?[-/']?\s?(?P<y>(?:20)?\d\d))?(?![A-Za-z0-9])"
)
_FISCAL = re.compile(r"(?:FY|CY)\s?['’]?(?P<y>(?:20)?\d\d)(?!\d)")
_DECADE = re.compile(
    r"(?:上世纪|上个世纪|20世纪|二十世纪|지난\s?세기)(?P<old>[二三四五六七八九]十|\d0)年代"
    r"|(?P<full>(?:18|19|20)\d0)(?:s|年代|년대)(?![A-Za-z])|['’]?(?P<short>\d0)(?:s|年代|년대)(?![A-Za-z])"
    r"|(?P<han>[二三四五六七八九]十)年代"
)
# In their 20s and 30s: how old people are.
_AGES = re.compile(
    r"\b(?:their|his|her)\s(?:(?:early|mid|late)[\s-])?(?:\d0s\s?(?:,|-|and|to|or)\s?){0,2}$", re.IGNORECASE
)
_TENS = {"二": 20, "三": 30, "四": 40, "五": 50, "六": 60, "七": 70, "八": 80, "九": 90}
_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = re.compile(
    rf"(?P<month>{'|'.join(_MONTHS)}|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)(?![A-Za-z])\.?", re.IGNORECASE
)
_AFTER_MONTH = re.compile(
    r"\s(?P<d>[0-3]?\d)(?:st|nd|rd|th)?(?:\s?[-–]\s?(?P<to>[0-3]?\d)(?:st|nd|rd|th)?)?(?!\d|[:.,]\d|%|\s?[ap]\.?m)"
)
_BEFORE_MAY = re.compile(
    r"(?:\d(?:st|nd|rd|th)?(?:\sof)?|[Ii]n|[Bb]y|[Uu]ntil|[Ss]ince|of|[Ff]rom|early|late|mid|to|and|this|[Oo]n)[\s-]$"
)
_DAY_BEFORE_MONTH = re.compile(
    r"(?P<d>[0-3]?\d)(?:st|nd|rd|th)?(?:\s?(?:[-–]|to|and)\s?(?P<to>[0-3]?\d)(?:st|nd|rd|th)?)?\s(?:of\s)?"
    rf"(?=(?:{'|'.join(_MONTHS)}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)(?![A-Za-z]))",
    re.IGNORECASE,
)
_WORD_QUARTER = re.compile(
    r"(?P<n>first|second|third|fourth)[\s-](?:fiscal\s)?(?P<what>quarter|half)(?!s)", re.IGNORECASE
)
_NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4}


def _year(written: str) -> int:
    digits = "".join(character for character in written if character.isdigit())
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def dates_at(text: str, at: int) -> list[Figure]:
    """The parts of a date or a time that begins here; empty if none does."""
    if text[at].isdigit() or text[at] in "'’":
        if at and (text[at - 1].isdigit() or (text[at - 1] in ".," and at > 1 and text[at - 2].isdigit())):
            return []
        return _numeric(text, at)
    return _in_words(text, at)


def _numeric(text: str, at: int) -> list[Figure]:
    for parse in (
        _decade,
        _year_first,
        _day_first,
        _month_day,
        _quarter,
        _half,
        _before_month,
        _clock,
        _pair,
        _short_year,
    ):
        if found := parse(text, at):
            return found
    return []


def _in_words(text: str, at: int) -> list[Figure]:
    for parse in (_decade, _month, _quarter, _half, _fiscal, _nth):
        if found := parse(text, at):
            return found
    return []


def _year_first(text: str, at: int) -> list[Figure]:
    match = _YMD.match(text, at)
    if match and int(match["m"]) in range(1, 13) and int(match["d"]) in range(1, 32) and _is_date(match):
        found = [
            figure(at, match.end("y"), [reading("year", _year(match["y"]))]),
            figure(match.start("m"), match.end("m"), [reading("month", int(match["m"]))]),
            figure(match.start("d"), match.end(), [reading("day", int(match["d"]))]),
        ]
        return found + _until(text, match.end())
    match = _YM.match(text, at)
    if match is None:
        return []
    year = [reading("year", int(match["y"]))]
    return [
        figure(at, match.end("y"), year),
        figure(match.start("m"), match.end(), [reading("month", int(match["m"]))]),
    ]


def _is_date(match: re.Match[str]) -> bool:
    """Two digits for the year are a date only if the rest is written in two digits or with dots and spaces as well."""
    return len(match["y"]) >= 3 or (len(match["m"]) == 2 and len(match["d"]) == 2)


def _until(text: str, at: int) -> list[Figure]:
    """The end of a range of dates, without the year: 2024.3.15~3.18."""
    match = _TO_MD.match(text, at)
    if match is None or int(match["d"]) not in range(1, 32):
        return []
    month = [figure(match.start("m"), match.end("m"), [reading("month", int(match["m"]))])] if match["m"] else []
    return [*month, figure(match.start("d"), match.end(), [reading("day", int(match["d"]))])]


def _day_first(text: str, at: int) -> list[Figure]:
    """Day and month could be the other way round."""
    match = _DMY.match(text, at)
    if match is None or not (0 < int(match["a"]) <= 31 and 0 < int(match["b"]) <= 31):
        return []
    numbers = [int(match["a"]), int(match["b"])]
    month, day = ([reading(kind, n) for n in numbers if n <= top] for kind, top in (("month", 12), ("day", 31)))
    return [
        figure(at, match.end("a"), month),
        figure(match.start("b"), match.end("b"), day),
        figure(match.start("y"), match.end(), [reading("year", int(match["y"]))]),
    ]


def _month_day(text: str, at: int) -> list[Figure]:
    match = _MD.match(text, at)
    if match is None or int(match["m"]) not in range(1, 13):
        return []
    month = figure(at, match.end("m"), [reading("month", int(match["m"]))])
    return [month, figure(match.start("d"), match.end(), [reading("day", int(match["d"]))])]


def _part_of_year(match: re.Match[str], kind: str, value: int) -> list[Figure]:
    found = [figure(match.start(), match.end(), [reading(kind, value)])]
    years = [match[name] for name in ("fy", "y") if match[name]]
    return found + [figure(match.start(), match.end(), [reading("year", _year(year))]) for year in years]


def _quarter(text: str, at: int) -> list[Figure]:
    nth = _NTH_QUARTER.match(text, at)
    if nth:
        numbers = ["一二三四".find(written) + 1 or int(written) for written in (nth["a"], nth["n"]) if written]
        return [figure(at, nth.end(), [reading("quarter", number)]) for number in numbers]
    match = _QUARTER.match(text, at)
    return _part_of_year(match, "quarter", int(match["a"] or match["b"])) if match else []


def _half(text: str, at: int) -> list[Figure]:
    match = _HALF.match(text, at)
    if match is None:
        return []
    value = 1 if match["first"] else 2 if match["second"] else int(match["a"] or match["b"])
    return _part_of_year(match, "half", value)


def _nth(text: str, at: int) -> list[Figure]:
    match = _WORD_QUARTER.match(text, at)
    if match is None:
        return []
    return [figure(at, match.end(), [reading(match["what"].lower(), _NTH[match["n"].lower()])])]


def _fiscal(text: str, at: int) -> list[Figure]:
    match = _FISCAL.match(text, at)
    return [figure(at, match.end(), [reading("year", _year(match["y"]))])] if match else []


def _short_year(text: str, at: int) -> list[Figure]:
    match = _APOSTROPHE.match(text, at)
    return [figure(at, match.end(), [reading("year", _year(match["y"]))])] if match else []


def _decade(text: str, at: int) -> list[Figure]:
    match = _DECADE.match(text, at)
    if match is None:
        return []
    if match["full"]:
        value = int(match["full"])
    else:
        written = match["old"] or match["short"] or match["han"]
        tens = _TENS.get(written[0], 0) or int(written)
        if match["short"] and _AGES.search(text, max(0, at - 24), at):
            return [figure(at, match.end(), [reading("age", tens), reading("count", tens)])]
        value = 1900 + tens if match["old"] or tens >= 30 else 2000 + tens
    return [figure(at, match.end(), [reading("decade", value)])]


def _clock(text: str, at: int) -> list[Figure]:
    match = _CLOCK.match(text, at)
    if match is None:
        return []
    minutes = int(match["h"]) * 60 + int(match["m"])
    half = match["half"] or half_of_day(text, at)
    if not half and (match["h"].startswith("0") or _TO_EVENING.match(text, match.end())):
        half = "24"
    readings: list[Reading] = clock_readings(minutes, half)
    pair = [_ratio(match["h"], match["m"])]
    return [figure(at, match.end(), readings + pair)]


def _pair(text: str, at: int) -> list[Figure]:
    match = _PAIR.match(text, at)
    if match is None:
        return []
    return [figure(at, match.end(), [_ratio(match["a"], match["b"])], required=match["a"] != "1" or match["b"] != "1")]


def _ratio(a: str, b: str) -> Reading:
    """6:4 and 60:40 are one ratio."""
    common = gcd(int(a), int(b)) or 1
    return "pair", f"{int(a) // common}:{int(b) // common}"


_HALF_OF_DAY = re.compile(
    r"(?:(?P<a>오전|새벽|아침|上午|早上|凌晨|早)|(?P<p>오후|저녁|下午|傍晚)|(?P<n>밤|晚上|晚|夜里|深夜|午夜)"
    r"|(?P<m>낮|中午))\s?$"
)
_HALF_AFTER = re.compile(r"\s?(?P<half>[ap])\.?m(?![a-z])\.?", re.IGNORECASE)


def half_of_day(text: str, at: int) -> str:
    """Whether a word before a time says a, m, p or n (morning, the middle of the day, afternoon, night)."""
    match = _HALF_OF_DAY.search(text, max(0, at - 4), at)
    return "" if match is None else match.lastgroup or ""


def half_after(text: str, at: int) -> tuple[str, int]:
    """Whether a.m. or p.m. follows a time, and where it ends."""
    match = _HALF_AFTER.match(text, at)
    return (match["half"].lower(), match.end()) if match else ("", at)


def clock_readings(minutes: int, half: str) -> list[Reading]:
    """The times of the day that a written time may mean."""
    hour = minutes // 60
    if half == "n" and (hour == 12 or hour < 5):
        # At night twelve is midnight, and one o'clock comes after it.
        return [reading("clock", minutes % 720)]
    if half == "n" or (half == "m" and hour < 5):
        half = "p"
    if half.lower() == "p" and hour < 12:
        return [reading("clock", minutes + 720)]
    if half.lower() == "a" and hour == 12:
        return [reading("clock", minutes - 720)]
    if half or hour > 12:
        return [reading("clock", minutes)]
    return [reading("clock", minutes), reading("clock", (minutes + 720) % 1440)]


def _month(text: str, at: int) -> list[Figure]:
    """An English month, and the day after it: March 3-5."""
    match = _MONTH.match(text, at)
    if match is None or not (match["month"][0].isupper() and (at == 0 or not text[at - 1].isalpha())):
        return []
    day = _AFTER_MONTH.match(text, match.end())
    name = match["month"].lower()
    if name in ("may", "march") and day is None and not _BEFORE_MAY.search(text, max(0, at - 8), at):
        return []
    number = next(n for n, month in enumerate(_MONTHS, 1) if month.startswith(name[:3]))
    return [figure(at, match.end(), [reading("month", number)]), *_days(day)]


def _before_month(text: str, at: int) -> list[Figure]:
    return _days(_DAY_BEFORE_MONTH.match(text, at))


def _days(match: re.Match[str] | None) -> list[Figure]:
    if match is None or not 0 < int(match["d"]) <= 31:
        return []
    days = [name for name in ("d", "to") if match[name]]
    return [figure(match.start(name), match.end(), [reading("day", int(match[name]))]) for name in days]
