"""A sheet of a file: the columns that its first line names, and its other lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from .cells import folded, guarded, plain, unguarded
from .mistakes import Mistake, WrongCell

T = TypeVar("T")
E = TypeVar("E")
KINDS = {
    "participants": ("참가자", "参加者", "参会者"),
    "tables": ("테이블", "桌子", "会场"),
    "interpreters": ("통역", "통역사", "译员", "口译"),
}
"""Kinds of sheets, and how people name them."""
MAX_LINES = 5_000
"""Of a sheet: as many delegates as a forum may have."""
MAX_CELL = 2_000
"""Characters."""
_NEEDED = re.compile(r"\*|\((?:필수|선택|必填|选填|required|optional)\)", re.IGNORECASE)
"""Signs of a form beside a title."""


@dataclass(frozen=True)
class Column:
    """A column by the name that we write, and the other names that we read."""

    name: str
    others: tuple[str, ...] = ()
    is_needed: bool = False


@dataclass(frozen=True)
class Sheet:
    """A sheet as it was read: its kind, and its rows with their numbers; the first one has the names of the columns."""

    kind: str
    rows: Sequence[tuple[int, Sequence[str]]]
    formulas: frozenset[tuple[int, int]] = frozenset()
    """Where a formula stands: the number of the row, and the place in it, from 0."""
    beyond: Sequence[tuple[int, int]] = ()
    """Where a row has its first cell beyond the last column that is read."""
    too_long: frozenset[tuple[int, int]] = frozenset()
    """Where a number stands that has more digits than a spreadsheet keeps."""


@dataclass
class Line:
    """A line: its number, and its cells by column. Mistakes are added to `mistakes`, and reading goes on, so that
    all of a file are known at once."""

    sheet: str
    number: int
    cells: Mapping[str, str]
    mistakes: list[Mistake]

    def has(self, column: str) -> bool:
        """Whether the file has this column."""
        return column in self.cells

    def wrong(self, column: str, code: str, **values: object) -> None:
        """Notes a mistake in a cell."""
        self.mistakes.append(Mistake(code, self.sheet, self.number, column, values))

    def read(self, column: str, read: Callable[[str], T], *, empty: E) -> T | E:
        """What stands in a cell, or `empty` if nothing does; that too after a mistake."""
        text = self.cells.get(column, "")
        if not text:
            return empty
        try:
            return read(text)
        except WrongCell as wrong:
            self.wrong(column, wrong.code, **wrong.values)
            return empty

    def needs(self, *columns: str) -> bool:
        """Whether these cells are filled. Notes those that are not."""
        missing = [column for column in columns if not self.cells.get(column)]
        for column in missing:
            self.wrong(column, "empty")
        return not missing


@dataclass(frozen=True)
class Read:
    """The lines of a sheet that have something in them, and what is wrong with the sheet so far."""

    lines: list[Line] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)


def kind_of(name: str) -> str:
    """The kind of a sheet by its name; empty for another name."""
    word = folded(name)
    return next((kind for kind, others in KINDS.items() if word == kind or word in others), "")


def read_lines(sheet: Sheet, columns: Sequence[Column]) -> Read:
    """The lines of a sheet by its columns."""
    read = Read()
    if not sheet.rows:
        read.mistakes.append(Mistake("no_lines", sheet.kind))
        return read
    (first, titles), *others = sheet.rows
    names = list(_named(sheet.kind, first, titles, columns, read.mistakes))
    if len(others) > MAX_LINES:
        read.mistakes.append(Mistake("too_many_lines", sheet.kind, values={"most": MAX_LINES}))
    is_unknown = bool(read.mistakes)
    read.mistakes.extend(_beyond(sheet))
    if is_unknown:
        return read
    for number, cells in others:
        texts = [plain(unguarded(cell.strip())) for cell in cells]
        _must_have_titles(sheet.kind, number, texts, names, read.mistakes)
        found = {name: text for name, text in zip(names, texts, strict=False) if name}
        if any(found.values()):
            line = Line(sheet.kind, number, {name: "" for name in names if name} | found, read.mistakes)
            _must_be_short(line)
            _must_be_plain(line, sheet, names)
            read.lines.append(line)
    return read


def _beyond(sheet: Sheet) -> Iterator[Mistake]:
    for number, place in sheet.beyond:
        yield Mistake("beyond_columns", sheet.kind, number, values={"cell": cell_name(number, place)})


def _must_have_titles(
    kind: str, number: int, texts: Sequence[str], names: Sequence[str], mistakes: list[Mistake]
) -> None:
    """Notes the first cell of a line that belongs to no column: one comma too many moves all that follow."""
    for place, text in enumerate(texts):
        if text and (place >= len(names) or not names[place]):
            mistakes.append(Mistake("no_title", kind, number, values={"cell": cell_name(number, place)}))
            return


def cell_name(number: int, place: int) -> str:
    """A cell as spreadsheets name it: `D2`."""
    letters, left = "", place + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{number}"


def _must_be_short(line: Line) -> None:
    for column, cell in line.cells.items():
        if len(cell) > MAX_CELL:
            line.wrong(column, "too_long", most=MAX_CELL)


def _must_be_plain(line: Line, sheet: Sheet, names: Sequence[str]) -> None:
    for place, name in enumerate(names):
        if name and (line.number, place) in sheet.formulas:
            line.wrong(name, "formula")
        elif name and (line.number, place) in sheet.too_long:
            line.wrong(name, "lost_digits")


def _named(
    kind: str, number: int, titles: Sequence[str], columns: Sequence[Column], mistakes: list[Mistake]
) -> Iterator[str]:
    """The name of each column in order; empty for one without a title."""
    known = {folded(title): column.name for column in columns for title in (column.name, *column.others)}
    seen = set[str]()
    for place, title in enumerate(titles):
        text = folded(_NEEDED.sub("", plain(unguarded(title.strip()))))
        name = known.get(text, "")
        if text and not name:
            values = {"place": place + 1, "columns": ", ".join(column.name for column in columns)}
            mistakes.append(Mistake("unknown_column", kind, number, values=values))
        elif name in seen:
            mistakes.append(Mistake("column_twice", kind, number, name))
        seen |= {name} - {""}
        yield name
    missing = (column.name for column in columns if column.is_needed and column.name not in seen)
    mistakes.extend(Mistake("column_missing", kind, number, name) for name in missing)


def written(columns: Sequence[Column], lines: Sequence[Mapping[str, str]]) -> list[list[str]]:
    """The rows of a sheet, the names of its columns first, with every cell guarded."""
    rows = [[guarded(line.get(column.name, "")) for column in columns] for line in lines]
    return [[column.name for column in columns], *rows]
