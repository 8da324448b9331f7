"""Numbers that belong together: ranges that share a unit, and spans of several parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from .suffixes import CURRENCIES, Suffix
from .tokens import Token

_RANGE = re.compile(
    r"\s?(?:~|～|-|–|—|―|至|到|에서|부터|to|through|내지|and|or|及|和|与|、|/|,|·|x|X|×|\*|或|또는|및|와|과)\s?(?:약|约|about)?\s?",
    re.IGNORECASE,
)
_FROM_TO = re.compile(r"\s?(?:~|～|-|–|—|―|至|到|에서|to|through)\s?", re.IGNORECASE)
"""Signs of a range, which are no signs of a list."""
_GAP_IN_SPAN = re.compile(r"\s?(?:零|又|and|,)?\s?")


# -- ranges: 3~5억 원 shares multiplier and unit backwards, $3-5M the currency forwards


def with_shared_units(text: str, tokens: Sequence[Token]) -> list[Token]:
    """The tokens, the members of a range with what only one of them says: 3~5억 원, $3-5M."""
    shared = _with_whole_years(text, _with_millions(text, tokens))
    for at in range(len(shared) - 2, -1, -1):
        if _are_range(text, shared[at], shared[at + 1]):
            shared[at] = _with_what_follows(text, shared[at], shared[at + 1])
    for at in range(1, len(shared)):
        one, before = shared[at], shared[at - 1]
        if one.suffix is None and not one.other_options and before.suffix and _are_range(text, before, one):
            shared[at] = replace(one, other_options=before.suffix.options)
    return shared


def _with_what_follows(text: str, one: Token, following: Token) -> Token:
    """The first number of a range, which may have the unit and the multiplier of the last one."""
    shared = _shared_multiplier(text, one, following)
    if _is_led_by_currency(text, one, following):
        return replace(one, multipliers=(shared,))
    multipliers = tuple(sorted({1, shared, following.number.multiplier, *following.multipliers}))
    if one.suffix is None:
        one = _with_left_out(text, one, following)
        options = following.suffix.options if following.suffix else following.other_options
        return replace(one, other_options=options, multipliers=multipliers)
    return replace(one, multipliers=multipliers) if _are_money(one, following) else one


def _with_left_out(text: str, one: Token, following: Token) -> Token:
    """5천~1억 may begin at 5천만: the last number says the rest."""
    is_short = one.number.multiplier == 10**3 and text[one.end - 1] in "천千" and following.number.multiplier == 10**8
    return replace(one, number=replace(one.number, others=(one.number.value * 10**4,))) if is_short else one


def _is_led_by_currency(text: str, one: Token, following: Token) -> bool:
    """Whether a range has its currency in front and its multiplier behind: USD 10-20 million is no range from 10."""
    return (
        _has_currency_before(text, one)
        and one.number.multiplier == 1 < following.number.multiplier
        and _FROM_TO.fullmatch(text[one.end : following.start]) is not None
        and (following.suffix is None or _are_money(one, following))
        and one.number.value * _shared_multiplier(text, one, following) < following.number.value
    )


def _shared_multiplier(text: str, one: Token, following: Token) -> int:
    """What the last number of a range says of the first one. USD 800-1 billion begins at 800 million and 5000~1억 at
    5000만, the step below, as the first number would not be less otherwise."""
    power = following.number.multiplier
    step = 10**3 if text[following.start : following.end].isascii() else 10**4
    is_below = power >= step**2 and one.number.value < step and one.number.value * power >= following.number.value
    return power // step if is_below else power


def _has_currency_before(text: str, one: Token) -> bool:
    return _is_money(one) and not text[one.start].isdigit()


def _with_millions(text: str, tokens: Sequence[Token]) -> list[Token]:
    """The tokens, the m of a range of money as million: $10-20m, 1m-2.5m dollars."""
    found = list(tokens)
    for at in range(1, len(found)):
        before, one = found[at - 1], found[at]
        if not _FROM_TO.fullmatch(text[before.end : one.start]):
            continue
        if _is_in_m(one) and _has_currency_before(text, before):
            found[at] = _in_millions(one)
        elif _is_in_m(before) and _is_money(one) and one.number.multiplier >= 10**6:
            found[at - 1] = _in_millions(before)
    return found


def _is_in_m(one: Token) -> bool:
    return one.suffix is not None and one.suffix.name == "m" and one.number.multiplier == 1


def _in_millions(one: Token) -> Token:
    return replace(one, number=replace(one.number, value=one.number.value * 10**6, multiplier=10**6), suffix=None)


def _with_whole_years(text: str, tokens: Sequence[Token]) -> list[Token]:
    """The tokens, the two digits at the end of a range of years as the year that they stand for: 2024~25년, 1999-02."""
    found = list(tokens)
    for at in range(1, len(found)):
        one, before = found[at], found[at - 1]
        if _FROM_TO.fullmatch(text[before.end : one.start]) and _is_end_of_years(text, before, one):
            century = before.number.value // 100 * 100
            is_next = one.number.value < before.number.value % 100
            year = century + one.number.value + (100 if is_next else 0)
            found[at] = replace(one, number=replace(one.number, value=year))
    return found


def _is_end_of_years(text: str, before: Token, one: Token) -> bool:
    written = text[before.start : before.end].rstrip("년年"), text[one.start : one.end].rstrip("년年")
    if [len(digits) for digits in written] != [4, 2] or not all(digits.isdecimal() for digits in written):
        return False
    years = (int(written[1]) - int(written[0])) % 100
    suffixes = [token.suffix.name for token in (before, one) if token.suffix is not None]
    return 1900 <= int(written[0]) <= 2100 and 0 < years <= 20 and all(name in ("년", "年") for name in suffixes)


def _are_range(text: str, one: Token, next_one: Token) -> bool:
    gap = text[one.end : next_one.start]
    return 0 < len(gap) < 12 and _RANGE.fullmatch(gap) is not None


def _are_money(one: Token, next_one: Token) -> bool:
    return _is_money(one) and _is_money(next_one)


def _is_money(one: Token) -> bool:
    return one.suffix is not None and one.suffix.options[0][0] in CURRENCIES


# -- spans of several parts: 1시간 30분, 1년 6개월, 오후 4시 30분


def joined(text: str, tokens: Sequence[Token]) -> list[Token]:
    """The tokens, spans of several parts as one: 1시간 30분."""
    found: list[Token] = []
    for token in tokens:
        one = found[-1] if found else None
        sum_of = None if one is None else _sum(text, one, token)
        if sum_of is None:
            found.append(token)
        else:
            found[-1] = sum_of
    return found


def _sum(text: str, one: Token, two: Token) -> Token | None:
    """One span of two parts, the second one smaller; None if they are two figures."""
    if one.suffix is None or two.suffix is None or _GAP_IN_SPAN.fullmatch(text[one.end : two.start]) is None:
        return None
    kinds, smaller = dict(one.suffix.options), dict(two.suffix.options)
    kind = next((kind for kind in ("clock", "seconds", "months") if kind in kinds), None)
    part = smaller.get("seconds" if kind == "clock" else kind or "")
    if kind is None or part is None or part >= kinds[kind] or "day" in smaller or one.number.value >= 1900:
        return None
    if two.number.value * part >= kinds[kind]:
        # 7일 24시간 is no span of eight days.
        return None
    total = one.number.value * kinds[kind] + two.number.value * part
    suffix = Suffix(((kind, Fraction(1)),), two.end, "sum")
    return replace(one, number=replace(one.number, value=total, end=two.end), suffix=suffix, end=two.end)
