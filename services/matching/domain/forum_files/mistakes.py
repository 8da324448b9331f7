"""A mistake in a file: where it is, and what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_NAMED = 200
"""Mistakes that an answer names; it counts all of them."""


@dataclass(frozen=True)
class Mistake:
    """What is wrong at a place of a file. `line` counts from 1 as spreadsheets do, and is 0 where a whole sheet is
    meant; `column` is the name in the first line. `code` names the sentences; `values` are what they quote: limits,
    other lines and ids of our own, never what stands in the cell."""

    code: str
    sheet: str = ""
    line: int = 0
    column: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


class WrongCell(Exception):
    """What stands in a cell cannot be taken. `code` and `values` as a Mistake has them."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values
