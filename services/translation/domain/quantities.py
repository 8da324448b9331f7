"""What numbers count: money, units, percentages, durations, parts of dates."""

from __future__ import annotations

import re
from collections.abc import Set
from fractions import Fraction

from .dates import clock_readings, half_after, half_of_day
from .figure import Figure, Reading, reading, value_key
from .multiples import multiples
from .numbers import Number
from .spans import joined, with_shared_units
from .suffix_names import Option
from .suffixes import CURRENCIES
from .tokens import Token

_BELOW_AFTER = re.compile(r"\s?(?:below zero|below freezing|以下零)", re.IGNORECASE)
_FALLS = re.compile(
    r"감소|하락|줄|下降|减少|降低|下滑|亏损|적자|declin|decreas|fell|fall|drop|reduc|loss|역성장", re.IGNORECASE
)
_BEFORE_HOUR = re.compile(r"\s?전(?=에(?!서)|까지|[\s,.]|$)")
_LOSS = re.compile(r"손실|적자|결손|亏损|净亏|赤字|\bloss|deficit", re.IGNORECASE)
_YEAR_CONTEXT = re.compile(
    r"\s?(?:도(?![가-힣])|형|식|말|초(?![기])|상반기|하반기|\d분기|[1-4]Q|\d{1,2}\s?[월月]|上半年|下半年|第|[一二三四]季度|底|初|春|秋|产)"
)
_DISCOUNT = re.compile(r"할인|인하|세일|discount|off|优惠|减免|降价|让利|저렴|싸게|cheaper", re.IGNORECASE)

_TOLERANCE = re.compile(
    r"공차|오차|편차|정밀도|정확도|公差|误差|偏差|精度|toleranc|accura|precision|\berror", re.IGNORECASE
)
_SCALE = re.compile(r"(?:(?P<celsius>섭씨|摄氏)|(?P<fahrenheit>화씨|华氏))\s?$")

_MONTH_BEFORE = re.compile(r"[月월]\s?$")
_PER = re.compile(r"\s?당(?![가-힣])")
_MAY_BE_A_WORD = frozenset("国 方 大 口 头 点 面 线 元 度 样 步 门 节 城 段 院 角 对".split())
"""After one Chinese numeral these may be a part of a word: 两国, 三方, 四面."""
_COUNTED = frozenset({"count", "ordinal", "months", "seconds", "multiple", "day", "clock"})


def figures_of(text: str, tokens: list[Token]) -> list[Figure]:
    """The figures of tokens in the order of the text."""
    return [_figure(text, token) for token in joined(text, with_shared_units(text, tokens))]


def _figure(text: str, token: Token) -> Figure:
    number = token.number
    if number.is_vague:
        return Figure(frozenset({reading("vague", number.value)}), token.start, token.end, value_key(number.value))
    options = token.suffix.options if token.suffix else ()
    is_discount = token.suffix is not None and token.suffix.name == "折"
    multipliers = token.multipliers if number.multiplier == 1 else (1,)
    values = {number.value * m for m in multipliers} | (set() if is_discount else set(number.others))
    readings = {r for value in values for r in _readings(text, token, value, options)}
    if number.letter:
        readings |= _letter_readings(number)
    return Figure(
        frozenset(readings),
        token.start,
        token.end,
        value_key(number.value / (number.multiplier if token.suffix is None else 1)),
        required=_is_required(text, token),
        opaque=number.is_malformed or (number.in_words and bool(number.others) and not number.is_rounded),
    )


def _letter_readings(number: Number) -> set[Reading]:
    plain = number.value / number.multiplier
    unit = {"K": "kelvin", "T": "tesla"}.get(number.letter, number.letter)
    return {("code", f"{value_key(plain)}{number.letter.upper()}"), reading(unit, plain)}


def _readings(text: str, token: Token, value: Fraction, options: tuple[Option, ...]) -> set[Reading]:
    """The readings of one value. A number without a unit is a count, a rank or a year."""
    all_options = _on_scale(text, token, (*options, *token.other_options))
    found = {r for kind, factor in all_options for r in _special(text, token, kind, value * factor, value)}
    if not options:
        found |= {reading("count", value), reading("ordinal", value)}
        # 매출 1조 클럽: so much of anything may be money.
        found |= {reading(currency, value) for currency in CURRENCIES if value >= 10**8}
        if value.denominator == 1 and 1900 <= value <= 2100:
            found.add(reading("year", value))
    return _signed(text, token, found)


def _special(text: str, token: Token, kind: str, amount: Fraction, value: Fraction) -> list[Reading]:
    """The readings of one option, with the rules of dates, times and discounts."""
    after = text[token.end : token.end + 12]
    if kind == "year" or (kind == "months" and amount == 12 * value and value >= 1900):
        return _year(text, token, value)
    if kind == "clock":
        half, _ = half_after(text, token.end)
        is_sum = token.suffix is not None and token.suffix.name == "sum"
        half = half or half_of_day(text, token.start)
        times = clock_readings(int(amount / 60), half) if is_sum or value <= 24 else []
        # 9시 10분 전 is before 9:10 or ten to nine.
        is_before = is_sum and _BEFORE_HOUR.match(text, token.end)
        return times + (clock_readings(int(amount // 3600 * 60 - amount % 3600 / 60), half) if is_before else [])
    if kind == "折":
        kept = value / (100 if value > 10 else 10)
        return [reading("kept", kept), reading("discount", 1 - kept)]
    if kind == "multiple":
        return multiples(text, token.start, token.end, value)
    if kind == "quarters":
        return [reading("months", value * 3), reading("quarters", value)]
    if kind in ("ratio", "kept") and (
        _DISCOUNT.search(after) or _DISCOUNT.search(text[max(0, token.start - 8) : token.start])
    ):
        return [reading("ratio", amount), reading("discount", amount)]
    if kind == "decade":
        return []
    return [reading(kind, amount)]


def _on_scale(text: str, token: Token, options: tuple[Option, ...]) -> tuple[Option, ...]:
    """The options of degrees, of the scale that a word before them names: 섭씨 25도, 华氏25度."""
    scale = _SCALE.search(text, max(0, token.start - 4), token.start)
    if scale is None or all(kind != "celsius" for kind, _ in options):
        return options
    return ((scale.lastgroup or "celsius", Fraction(1)),)


def _year(text: str, token: Token, value: Fraction) -> list[Reading]:
    if value.denominator != 1:
        return []
    if 1000 <= value <= 2999:
        return [reading("year", value)]
    is_short = 10 <= value < 100 and _YEAR_CONTEXT.match(text, token.end)
    return [reading("year", 2000 + value)] if is_short else []


def _signed(text: str, token: Token, readings: set[Reading]) -> set[Reading]:
    both = {(f"±{kind}", value) for kind, value in readings}
    is_tolerance = _TOLERANCE.search(text[max(0, token.start - 16) : token.start])
    if token.sign == "both" or (is_tolerance and not token.sign):
        # A tolerance of 3 % is one of ±3 %; without such a word the sign must stay.
        return readings | both if is_tolerance else both
    if token.sign == "below" or _BELOW_AFTER.match(text, token.end):
        return {(kind, f"-{value}") for kind, value in readings}
    is_either = token.sign == "either" or _may_be_below(text, token, {kind for kind, _ in readings})
    return readings | {(kind, f"-{value}") for kind, value in readings} if is_either else readings


def _may_be_below(text: str, token: Token, kinds: Set[str]) -> bool:
    """Whether a word beside a share or an amount of money says what a minus would: a fall of 5 %, a loss of 3억 원."""
    before, after = text[max(0, token.start - 24) : token.start], text[token.end : token.end + 12]
    if "ratio" in kinds:
        return _FALLS.search(f"{before[-12:]} {after}") is not None
    return bool(kinds & CURRENCIES) and _LOSS.search(f"{before} {after}") is not None


def _is_required(text: str, token: Token) -> bool:
    """One of something is often not said (单次, a day), and 三 may be a part of a word."""
    number, name = token.number, token.suffix.name if token.suffix else ""
    kinds = {kind for kind, _ in token.suffix.options} if token.suffix else {"count"}
    is_one = number.value == 1 and number.multiplier == 1
    if (
        is_one
        and kinds & _COUNTED
        and "multiple" not in kinds
        and not _MONTH_BEFORE.search(text, max(0, token.start - 2), token.start)
    ):
        return False
    if number.in_words and not number.value:
        # 无, 제로: nothing of something has words of its own.
        return False
    if number.value == 100 and "ratio" in kinds:
        # All of it: 全额, full.
        return False
    if number.value == 1 and _PER.match(text, token.end):
        return False
    if not number.in_words or number.is_vague:
        return True
    written = text[number.start : number.end].strip()
    if len(written) == 1 and written in "零〇一二三四五六七八九两十百千万亿兆":
        return token.suffix is not None and name not in _MAY_BE_A_WORD
    if "가" <= written[:1] <= "힣":
        return token.suffix is not None
    return not (number.is_implied and token.suffix is None)
