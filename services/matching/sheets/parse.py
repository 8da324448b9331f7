"""A file as rows of text. Only `__main__` calls this, in a process that may be killed."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

MAX_UNPACKED, MAX_ENTRIES = 32 << 20, 500
"""Bytes and files inside of an XLSX file, which is a ZIP archive."""
MAX_ROWS = 5_002
"""Rows of a sheet that are handed on: one more than may be, so that the reader sees that there are too many."""
MAX_COLUMNS, MAX_SHEETS = 50, 20
Row = tuple[int, list[str]]


class NotReadable(Exception):
    """A whole file is refused; the text is the code of a mistake."""


@dataclass
class RawSheet:
    """A sheet: its name, its rows that have something in them with their numbers, and where formulas stand (row number,
    place of the cell)."""

    name: str
    rows: list[Row] = field(default_factory=list)
    formulas: list[tuple[int, int]] = field(default_factory=list)


def sheets_of(data: bytes, *, is_csv: bool) -> list[RawSheet]:
    """The sheets of a file. Raises NotReadable."""
    return [_csv(data)] if is_csv else _xlsx(data)


def _csv(data: bytes) -> RawSheet:
    text = _decoded(data)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1)
        return RawSheet("", list(_some((number, cells) for number, cells in rows)))
    except csv.Error:
        raise NotReadable("broken_csv") from None


def _decoded(data: bytes) -> str:
    """UTF-8, or UTF-16 with its mark: two other encodings of our users cannot be told from each other."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise NotReadable("not_utf8") from None


def _some(rows: Iterator[Row]) -> Iterator[Row]:
    """The first rows that have something in them."""
    count = 0
    for number, cells in rows:
        if any(cell.strip() for cell in cells):
            yield number, cells[:MAX_COLUMNS]
            count += 1
            if count == MAX_ROWS:
                return


def _xlsx(data: bytes) -> list[RawSheet]:
    _must_be_small(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        return [_sheet(sheet) for sheet in book.worksheets[:MAX_SHEETS]]
    except (InvalidFileException, KeyError, ValueError, TypeError, AttributeError, SyntaxError, EOFError, OSError):
        raise NotReadable("not_readable") from None  # whatever the library makes of a file that is none


def _must_be_small(data: bytes) -> None:
    try:
        inside = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise NotReadable("not_readable") from None
    if len(inside) > MAX_ENTRIES or sum(one.file_size for one in inside) > MAX_UNPACKED:
        raise NotReadable("too_large_inside")


def _sheet(sheet: Any) -> RawSheet:
    sheet.reset_dimensions()  # a file may say that it is smaller than it is
    found = RawSheet(sheet.title)

    def rows() -> Iterator[Row]:
        for number, cells in enumerate(sheet.iter_rows(), 1):
            formulas = [(number, place) for place, cell in enumerate(cells[:MAX_COLUMNS]) if cell.data_type == "f"]
            found.formulas += formulas
            yield number, _texts(cells[:MAX_COLUMNS])

    found.rows = list(_some(rows()))
    return found


def _texts(cells: Sequence[Any]) -> list[str]:
    return ["=" if cell.data_type == "f" else _text(cell.value) for cell in cells]


def _text(value: object) -> str:
    """As a person sees it."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}" if not value.second else f"{value:%Y-%m-%d %H:%M:%S}"
    return str(value)
