"""Measures that a translation gives in another unit and rounds: 3,000평 are about 9,900 m²."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from math import isclose

from .figure import Figure

Pair = tuple[Figure, Figure]
MAX_ROUNDED, MAX_UNSAID = 0.03, 0.0005
"""How far a rounded value may lie from the exact one, as a share of it: with a word such as "about", and without."""
MAX_LOST = 20
"""Measures of a side that are looked at; more differences than these are no roundings."""
_NEAR = 14
_ABOUT_BEFORE = re.compile(
    r"(?:(?<![가-힣])약|대략|거의|(?<![签合条节预制契公])约|大约|大概|将近|接近|近"
    r"|\b(?:about|around|approximately|approx\.?|roughly|nearly|almost|some|circa)|[~≈≒])(?:为|是|有)?\s?\Z",
    re.IGNORECASE,
)
_ABOUT_AFTER = re.compile(r"\s?(?:左右|上下|안팎|내외|정도|가량|쯤|남짓|or so\b)")
_MORE_INSIDE = re.compile(r"[여余餘多来]|남짓")


def rounded(source: str, target: str, missing: Sequence[Figure], extra: Sequence[Figure]) -> list[Pair]:
    """The pairs of what is missing and what is extra that are one measure in two units, rounded as one side says."""
    measures, free = _measures(missing), _measures(extra)
    if max(len(measures), len(free)) > MAX_LOST:
        return []
    found = list[Pair]()
    for one in measures:
        other = next((other for other in free if _is_rounded(source, target, one, other)), None)
        if other is not None:
            free.remove(other)
            found.append((one, other))
    return found


def _measures(figures: Sequence[Figure]) -> list[Figure]:
    return [one for one in figures if one.number and any(kind.startswith("[") for kind, _ in one.readings)]


def _is_rounded(source: str, target: str, one: Figure, other: Figure) -> bool:
    return _rounds(one, other, _limit(target, other)) or _rounds(other, one, _limit(source, one))


def _limit(text: str, one: Figure) -> float:
    is_said = (
        _ABOUT_BEFORE.search(text[max(0, one.start - _NEAR) : one.start])
        or _ABOUT_AFTER.match(text, one.end)
        or _MORE_INSIDE.search(text, one.start, one.end)
    )
    return MAX_ROUNDED if is_said else MAX_UNSAID


def _rounds(exact: Figure, short: Figure, limit: float) -> bool:
    """Whether the second figure is the first one in its own unit, rounded at its last digit that is not 0."""
    written, said = Decimal(short.number).normalize(), float(exact.number)
    if not written or not said:
        return False
    step = float(Decimal(1).scaleb(int(written.as_tuple().exponent)))
    value = float(written)
    for size, other in _sizes(exact, short):
        if isclose(size / said, other / value, rel_tol=1e-9):
            continue  # in one unit the number itself must stay
        converted = size * value / other
        if abs(converted - value) <= min(step / 2, limit * converted):
            return True
    return False


def _sizes(one: Figure, other: Figure) -> list[tuple[float, float]]:
    """The sizes of two figures that measure the same, in base units."""
    return [
        (float(size), float(other_size))
        for kind, size in one.readings
        for other_kind, other_size in other.readings
        if kind == other_kind and kind.startswith("[") and float(size) > 0 and float(other_size) > 0
    ]
