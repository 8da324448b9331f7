"""A whole number as its cell shows it: `12` is `m0012` where the number format says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

KEPT = 10**15
"""Spreadsheets keep 15 digits of a number; a longer one has lost some already."""
_PART = re.compile(r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[[^\[\]]*\]|\*.|_(?P<blank>.)|(?P<sign>.)', re.DOTALL)
_SHOWN = "$-+/():!^&'~{}<>= "
"""Signs that stand for themselves without quotes."""


class _OtherFormatError(Exception):
    """A format with a sign that says more than which digits stand where."""


def shown(value: int, number_format: str) -> str:
    """The number with the zeros and the text of its format; its digits alone for a format of money, of dates or of
    fractions, which changes no digit of an id."""
    if value < 0:
        return str(value)
    try:
        parts = list(_parts(number_format))
    except _OtherFormatError:
        return f"{value * 100}%" if "%" in re.sub(r'"[^"]*"|\\.', "", number_format) else str(value)
    places = sum(is_place for is_place, _ in parts)
    if not places:
        return str(value)
    digits, written = list(str(value)), list[str]()
    for is_place, text in reversed(parts):  # digits are filled in from the right; the first place takes all the rest
        places -= is_place
        last = digits.pop() if is_place and digits else ("0" if text == "0" else "") if is_place else text
        written.append("".join(digits) + last if is_place and not places else last)
    return "".join(reversed(written))


def _parts(number_format: str) -> Iterator[tuple[bool, str]]:
    """The first section of a format: whether each part is the place of a digit, and its text. Raises
    _OtherFormatError."""
    for part in _PART.finditer(number_format):
        sign = part["sign"]
        if sign == ";":
            return
        if sign is None:
            yield False, " " if part["blank"] else part["quoted"] or part["escaped"] or ""
        elif sign in "0#":
            yield True, sign
        elif sign in _SHOWN or not sign.isascii():
            yield False, sign
        else:
            raise _OtherFormatError
