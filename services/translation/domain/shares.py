"""Fractions: a third, 三分之一, 3분의 1, 百分之十五, 1/3, one in five."""

from __future__ import annotations

import re
from fractions import Fraction

from .figure import Figure, figure, reading
from .number_words import english_number, han_number
from .numbers import Number, number_in_digits

_SIGNED_PARTS = re.compile(r"(?P<what>百|千|万|10|100|1000)?分之")
_DIVIDED = re.compile(r"分之|\s?분의\s?")
_NUMERATOR = re.compile(r"\d{1,4}(?![\d.,])")
_WHOLES = {"百": 100, "千": 1000, "万": 10**4}
_DIGIT_FRACTION = re.compile(r"(?P<a>\d{1,3})\s?[/⁄]\s?(?P<b>\d{1,4})(?![\d/⁄]|\.\d)")
_KOREAN_FRACTION = re.compile(
    r"(?P<b>\d{1,4}|[이삼사오육칠팔구십]|두|세|네)\s?분의\s?(?P<a>\d{1,4}|[일이삼사오육칠팔구])"
)
_KOREAN_DIGIT = dict(zip("일이삼사오육칠팔구십", range(1, 11), strict=True)) | {"두": 2, "세": 3, "네": 4}
_PARTS = {
    **dict(zip("third fourth fifth sixth seventh eighth ninth tenth".split(), range(3, 11), strict=True)),
    "quarter": 4,
    "half": 2,
    "hundredth": 100,
}
_ENGLISH_FRACTION = re.compile(
    r"(?P<n>a|an|one|two|three|four|five|seven|nine)[\s-](?P<part>half|third|quarter|fourth|fifth|sixth|seventh|eighth"
    r"|ninth|tenth|hundredth)(?P<s>s?)(?![A-Za-z])",
    re.IGNORECASE,
)
_FEW = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "nine": 9}
_ONE_IN = re.compile(r"one in (?P<n>two|three|four|five|six|seven|eight|nine|ten|\d{1,3})(?![A-Za-z])", re.IGNORECASE)


def plain_number(text: str, at: int) -> Number | None:
    """A number in digits or in Chinese numerals."""
    return number_in_digits(text, at) or han_number(text, at)


def is_inside_word(text: str, at: int) -> bool:
    """Whether a Latin letter stands before a place."""
    return at > 0 and text[at - 1].isascii() and text[at - 1].isalpha()


def fraction_at(text: str, at: int) -> Figure | None:
    """The fraction that begins here."""
    return _han_fraction(text, at) or _digit_fraction(text, at) or _english_fraction(text, at)


def _han_fraction(text: str, at: int) -> Figure | None:
    """三分之一, 百分之十五, 3分之1; 百分之百 is all of it."""
    parts = _SIGNED_PARTS.match(text, at)
    whole: Fraction | None = None
    if parts and parts["what"]:
        whole, at_value = Fraction(_WHOLES.get(parts["what"]) or int(parts["what"])), parts.end()
    else:
        number = plain_number(text, at)
        divided = _DIVIDED.match(text, number.end) if number and number.value else None
        if number is None or divided is None:
            return None
        whole, at_value = number.value, divided.end()
        # 3분의 1만: only a third, as 만 is a particle here.
        if few := _NUMERATOR.match(text, at_value if "분" in divided[0] else len(text)):
            return _ratio(at, few.end(), Fraction(int(few[0])) / whole)
    if text.startswith("百", at_value) and whole == 100:
        return figure(at, at_value + 1, [reading("ratio", 1)], required=False)
    value = plain_number(text, at_value)
    if value is None:
        return None
    return _ratio(at, value.end, value.value / whole, kept=whole == 100)


def _ratio(start: int, end: int, value: Fraction, *, kept: bool = False) -> Figure:
    readings = [reading("ratio", value)] + ([reading("kept", value)] if kept else [])
    return figure(start, end, readings)


def _digit_fraction(text: str, at: int) -> Figure | None:
    match = _DIGIT_FRACTION.match(text, at)
    if (
        match
        and 0 < int(match["a"]) < int(match["b"])
        and not text[match.end() : match.end() + 4].strip()[:1].isalpha()
    ):
        return _ratio(at, match.end(), Fraction(int(match["a"]), int(match["b"])))
    if match and 0 < int(match["a"]) < int(match["b"]) <= 10:
        return _ratio(at, match.end(), Fraction(int(match["a"]), int(match["b"])))
    match = _KOREAN_FRACTION.match(text, at)
    if match is None:
        return None
    a, b = (_KOREAN_DIGIT.get(match[name]) or int(match[name]) for name in "ab")
    return _ratio(at, match.end(), Fraction(a, b)) if b else None


def _english_fraction(text: str, at: int) -> Figure | None:
    if is_inside_word(text, at):
        return None
    if one_in := _ONE_IN.match(text, at):
        number = number_in_digits(one_in["n"], 0) or english_number(one_in["n"].lower(), 0)
        return _ratio(at, one_in.end(), 1 / number.value) if number and number.value else None
    match = _ENGLISH_FRACTION.match(text, at)
    if match is None:
        return None
    few, part = _FEW[match["n"].lower()], _PARTS[match["part"].lower()]
    if (few > 1) != bool(match["s"]):
        return None
    return _vague_fraction(text, match, Fraction(few, part))


def _vague_fraction(text: str, match: re.Match[str], value: Fraction) -> Figure:
    """A third may be an ordinal, a quarter may be three months."""
    readings = [reading("ratio", value)]
    part = match["part"].lower()
    if part == "quarter":
        readings.append(reading("quarters", match["n"].lower() == "a" or _FEW[match["n"].lower()]))
    elif part != "half" and match["n"].lower() == "a" and not text.startswith(" of", match.end()):
        readings.append(reading("ordinal", _PARTS[part]))
    return figure(match.start(), match.end(), readings)
