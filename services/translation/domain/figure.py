"""A figure of a text: something with a value that a translation must keep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

Reading = tuple[str, str]
"""A kind (money, a length, a day of a month, a code) and a value of this kind, as text that can be compared."""


@dataclass(frozen=True)
class Figure:
    """What a text says between `start` and `end`. It has one meaning of its `readings`. A figure that is not `required`
    may answer one of the other text and need not: 一 in 一个, a code that is usually translated. What is `opaque` looks
    like a number and could not be read. `number` is the value as it is written, without its unit."""

    readings: frozenset[Reading]
    start: int
    end: int
    number: str = ""
    required: bool = True
    opaque: bool = False


def value_key(value: Fraction | float) -> str:
    """A value as text: equal for 2.01 million and 2,010,000, whatever units were converted."""
    return f"{float(value):.12g}"


def reading(kind: str, value: Fraction | float | int) -> Reading:
    """A reading with a number."""
    return kind, value_key(value)


def figure(start: int, end: int, readings: Iterable[Reading], *, required: bool = True) -> Figure:
    """A figure without a unit of its own: a part of a date, a code, a fraction."""
    return Figure(frozenset(readings), start, end, required=required)
