"""Figures that are words or need them: ordinals, multiples, halves, spans, rounds of investment."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from .figure import Figure, Reading, figure, reading
from .shares import fraction_at, is_inside_word, plain_number

_ENGLISH_ORDINALS = """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth""".split()
_NOT_ORDINAL = r"(?![A-Za-z]|[- ](?:party|parties|hand|tier\scit|mover|class|aid|lady|of\sall|nature|time))"
_ORDINAL_WORD = re.compile(rf"(?:twenty-)?(?P<word>{'|'.join(_ENGLISH_ORDINALS)}){_NOT_ORDINAL}", re.IGNORECASE)
_ORDINAL_DIGITS = re.compile(r"(?P<n>\d{1,4})(?:st|nd|rd|th)(?![A-Za-z])")
_ORDINAL_PREFIX = re.compile(r"(?:第|(?<![가-힣])제\s?(?=\d)|No\.?\s?(?=\d)|#(?=\d)|№\s?)", re.IGNORECASE)
_KOREAN_FIRST = re.compile(r"(?P<n>첫|두|세|네|다섯|여섯|일곱|여덟|아홉|열)\s?번째|첫(?=\s|해|날|번)|처음|최초")
_KOREAN_NTH = {word: n for n, word in enumerate("첫 두 세 네 다섯 여섯 일곱 여덟 아홉 열".split(), 1)}
_SECOND_OF_TIME = re.compile(r"(?:(?P<a>a)|per|each|every|/)\s$", re.IGNORECASE)
_AFTER_NTH = re.compile(r"(?:代|届|期|次|个|大|位|名|轮|批|条|座|家|款|阶段|工厂|号|回|차|공장|세대|단계|위|기|회)?")
_ROMAN = re.compile(
    r"(?:(?<=Phase )|(?<=Level )|(?<=Class )|(?<=Type )|(?<=Stage )|(?<=Tier )|(?<=Grade )|(?<=phase ))"
    r"(?P<a>III|II|IV|I|V)(?![A-Za-z])|(?P<b>III|II|IV|I|V)(?=\s?(?:期|类|級|级|型|상|급|단계|세대)|/)"
)
_ROMANS = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5}

_HALF_SPAN = re.compile(
    r"(?P<months>반\s?년|반기(?=\s|에|의|별|마다|당)|半年(?!度)|half[\s-](?:a[\s-])?year)"
    r"|(?P<fortnight>半个月|half a month|보름)"
    r"|(?P<day>半天|半日|반나절|half[\s-](?:a[\s-])?day)|(?P<hour>半小时|半个小时|半个钟头|half[\s-](?:an[\s-])?hour|반\s?시간)"
    r"|(?P<century>半个世纪|반세기|half[\s-](?:a[\s-])?century)",
    re.IGNORECASE,
)
_SPANS: dict[str, list[Reading]] = {
    "months": [reading("months", 6)],
    "fortnight": [reading("months", Fraction(1, 2)), reading("seconds", 15 * 86400)],
    "day": [reading("seconds", 43200)],
    "hour": [reading("seconds", 1800)],
    "century": [reading("months", 600)],
}
_NATIVE_DAYS = {
    "하루": 1,
    "이틀": 2,
    "사흘": 3,
    "나흘": 4,
    "닷새": 5,
    "엿새": 6,
    "여드레": 8,
    "아흐레": 9,
    "열흘": 10,
    "일주일": 7,
    "한 달": 0,
}
_DAYS = re.compile("|".join(_NATIVE_DAYS))
_ONE_SPAN = re.compile(
    r"an?\s(?P<span>year|month|week|day|hour|minute|decade)(?![A-Za-z]|-)(?P<half> and a half)?", re.IGNORECASE
)
_ONE = {
    "year": ("months", 12),
    "month": ("months", 1),
    "week": ("seconds", 7 * 86400),
    "day": ("seconds", 86400),
    "hour": ("seconds", 3600),
    "minute": ("seconds", 60),
    "decade": ("months", 120),
}
_HALF = re.compile(
    r"一半|半数|减半|折半|对半|절반|반값|반감|반으로|half(?!-|\s(?:a|an)?\s?(?:year|month|day|hour|million|billion|dozen))"
    r"|halv(?:e|es|ed|ing)(?![A-Za-z])|半价",
    re.IGNORECASE,
)
_MOST = re.compile(r"过半|과반|多半|대다수|(?<![A-Za-z])majority", re.IGNORECASE)
_MULTIPLES = [
    (re.compile(r"翻(?:了)?(?:一)?(?:番|倍)|成倍|doubl(?:ed|es|ing)(?![A-Za-z])|two-?fold", re.IGNORECASE), 2, True),
    (re.compile(r"翻(?:了)?两番|quadrupl(?:ed|es|ing|e)(?![A-Za-z])|four-?fold", re.IGNORECASE), 4, True),
    (re.compile(r"翻(?:了)?三番|eight-?fold", re.IGNORECASE), 8, True),
    (re.compile(r"tripl(?:ed|es|ing|e)(?![A-Za-z])|three-?fold|treble[ds]?(?![A-Za-z])", re.IGNORECASE), 3, True),
    (re.compile(r"five-?fold", re.IGNORECASE), 5, True),
    (re.compile(r"ten-?fold", re.IGNORECASE), 10, True),
    (re.compile(r"twice(?![A-Za-z])", re.IGNORECASE), 2, True),
    (re.compile(r"thrice(?![A-Za-z])", re.IGNORECASE), 3, True),
    (re.compile(r"double(?![A-Za-z-])|배증|배가|倍增|갑절|곱절", re.IGNORECASE), 2, False),
    (
        re.compile(
            r"双|양측|양사|양국|양쪽|both(?![A-Za-z])|pair(?![A-Za-z])|couple(?![A-Za-z])|两国|两岸|两地|两端",
            re.IGNORECASE,
        ),
        2,
        False,
    ),
]
_ROUND = re.compile(
    r"(?:시리즈\s?|Series\s)(?P<a>[A-G])(?![A-Za-z])|(?<![A-Za-z])(?P<b>[A-G])\+?\s?(?:轮|라운드|輪)|(?<=\s)(?P<c>[A-G])[\s-]round",
    re.IGNORECASE,
)


def wording_at(text: str, at: int) -> list[Figure]:
    """The figure in such words that begins here; empty if none does."""
    for parse in (_round, _half_span, _days, _one_span, fraction_at, _half, _multiple, _ordinal):
        if found := parse(text, at):
            return [found]
    return []


def _ordinal(text: str, at: int) -> Figure | None:
    if prefix := _ORDINAL_PREFIX.match(text, at):
        number = plain_number(text, prefix.end())
        if number is None:
            return None
        after = _AFTER_NTH.match(text, number.end)
        spans = [reading("months", 12 * number.value)] if text.startswith("年", number.end) else []
        nth = _nth(at, after.end() if after else number.end, number.value)
        return replace(nth, readings=nth.readings | set(spans))
    if digits := _ORDINAL_DIGITS.match(text, at):
        return _nth(at, digits.end(), int(digits["n"]), "day")
    if korean := _KOREAN_FIRST.match(text, at):
        return _nth(at, korean.end(), _KOREAN_NTH.get(korean["n"] or "첫", 1))
    if roman := _ROMAN.match(text, at):
        value = _ROMANS[roman["a"] or roman["b"]]
        return figure(at, roman.end(), [reading("ordinal", value), reading("count", value)])
    return _ordinal_word(text, at)


def _ordinal_word(text: str, at: int) -> Figure | None:
    match = _ORDINAL_WORD.match(text, at)
    if match is None or is_inside_word(text, at):
        return None
    word = match["word"].lower()
    if word == "second" and _is_time(text, at, match.end()):
        return None
    value = _ENGLISH_ORDINALS.index(word) + 1 + (20 if match[0].lower().startswith("twenty-") else 0)
    return _nth(at, match.end(), value)


def _is_time(text: str, at: int, end: int) -> bool:
    """Whether this second is a part of a minute: ten a second, but not a second year."""
    before = _SECOND_OF_TIME.search(text, max(0, at - 6), at)
    return before is not None and not (before["a"] and text[end : end + 2].strip().isalpha())


def _nth(start: int, end: int, value: Fraction | int, *others: str) -> Figure:
    readings = [reading(kind, value) for kind in ("ordinal", *others)]
    return figure(start, end, readings, required=value != 1)


def _half_span(text: str, at: int) -> Figure | None:
    match = _HALF_SPAN.match(text, at)
    if match is None or match.lastgroup is None or is_inside_word(text, at) or text[at].isdigit():
        return None
    return figure(at, match.end(), _SPANS[match.lastgroup])


def _days(text: str, at: int) -> Figure | None:
    """Korean words for numbers of days: 이틀 is two days."""
    match = _DAYS.match(text, at)
    if match is None:
        return None
    days = _NATIVE_DAYS[match[0]]
    readings = [reading("seconds", 86400 * days)] if days else [reading("months", 1)]
    return figure(at, match.end(), readings, required=match[0] not in ("하루", "일주일", "한 달"))


def _one_span(text: str, at: int) -> Figure | None:
    """A week, an hour: it may be said and need not."""
    match = _ONE_SPAN.match(text, at)
    if match is None or is_inside_word(text, at):
        return None
    kind, size = _ONE[match["span"].lower()]
    return figure(at, match.end(), [reading(kind, size * (1.5 if match["half"] else 1))], required=bool(match["half"]))


def _half(text: str, at: int) -> Figure | None:
    most = _MOST.match(text, at)
    if most:
        return figure(at, most.end(), [reading("ratio", Fraction(1, 2))], required=False)
    match = _HALF.match(text, at)
    if match is None or is_inside_word(text, at):
        return None
    return figure(at, match.end(), [reading("ratio", Fraction(1, 2))])


def _multiple(text: str, at: int) -> Figure | None:
    for pattern, value, required in _MULTIPLES:
        match = pattern.match(text, at)
        if match and not is_inside_word(text, at):
            return figure(at, match.end(), [reading("multiple", value), reading("count", value)], required=required)
    return None


def _round(text: str, at: int) -> Figure | None:
    match = _ROUND.match(text, at)
    if match is None or is_inside_word(text, at):
        return None
    return figure(at, match.end(), [("round", (match["a"] or match["b"] or match["c"]).upper())])
