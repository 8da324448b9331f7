"""A file as rows of text. Only `__main__` calls this, in a process that may be killed."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import openpyxl

from .numbers import KEPT, shown

MAX_UNPACKED, MAX_ENTRIES = 32 << 20, 500
"""Bytes and files inside of an XLSX file, which is a ZIP archive."""
MAX_ROWS = 5_002
"""Rows of a sheet that are handed on: one more than may be, so that the reader sees that there are too many."""
MAX_COLUMNS, MAX_SHEETS = 50, 20
SEPARATORS = ",;\t"
_EMPTY = SEPARATORS + ' "\r\n'
Row = tuple[int, list[str]]
_SEP_LINE = re.compile(r'"?sep=([,;\t|])"?\r?\n?', re.IGNORECASE)
_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|\[(?!h+\]|s+\])[^\[\]]*\]', re.IGNORECASE)
"""What a number format has beside its signs: quoted text, escaped characters, colours and languages."""


class NotReadable(Exception):
    """A whole file is refused; the text is the code of a mistake."""


@dataclass
class RawSheet:
    """A sheet: its name, its rows that have something in them with their numbers, where formulas stand, and numbers
    too long to be kept whole, and the first cell of a row that is beyond the last column which is read (row number,
    place of the cell)."""

    name: str
    rows: list[Row] = field(default_factory=list)
    formulas: list[tuple[int, int]] = field(default_factory=list)
    too_long: list[tuple[int, int]] = field(default_factory=list)
    beyond: list[tuple[int, int]] = field(default_factory=list)


def sheets_of(data: bytes, *, is_csv: bool) -> list[RawSheet]:
    """The sheets of a file. Raises NotReadable."""
    return [_csv(data)] if is_csv else _xlsx(data)


def _csv(data: bytes) -> RawSheet:
    text = _decoded(data)
    said = _SEP_LINE.match(text)  # Excel's own line, which it does not count
    text = text[said.end() :] if said else text
    found, delimiter = RawSheet(""), said[1] if said else _delimiter(text)
    try:
        rows = enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1)
        found.rows = list(_some(found, ((number, cells, _first_beyond(cells)) for number, cells in rows)))
    except csv.Error:
        raise NotReadable("broken_csv") from None
    return found


def _delimiter(text: str) -> str:
    """The separator that the first line with something in it has most often, outside of quotes."""
    # Quotes first: a title may have a line break in them. A word stands for what is in them.
    unquoted = re.sub(r'"([^"]*)"', lambda quoted: "x" if quoted[1].strip(_EMPTY) else "", text)
    filled = (line for line in io.StringIO(unquoted, newline=None) if line.strip(_EMPTY))
    return max(SEPARATORS, key=next(filled, "").count)


def _first_beyond(cells: Sequence[str]) -> int | None:
    return next((place for place, cell in enumerate(cells[MAX_COLUMNS:], MAX_COLUMNS) if cell.strip()), None)


def _decoded(data: bytes) -> str:
    """UTF-8, or UTF-16 with its mark: two other encodings of our users cannot be told from each other."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise NotReadable("not_utf8") from None


def _some(found: RawSheet, rows: Iterator[tuple[int, list[str], int | None]]) -> Iterator[Row]:
    """The first rows that have something in them. What is beyond the last column is noted."""
    count = 0
    for number, cells, beyond in rows:
        if beyond is not None:
            found.beyond.append((number, beyond))
        if beyond is not None or any(cell.strip() for cell in cells):
            yield number, cells[:MAX_COLUMNS]
            count += 1
            if count == MAX_ROWS:
                return


def _xlsx(data: bytes) -> list[RawSheet]:
    _must_be_small(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        found = [_sheet(sheet) for sheet in book.worksheets[:MAX_SHEETS]]
    except (MemoryError, RecursionError):
        raise
    except Exception:
        # What a library makes of a file that is none, is damaged or has a password: errors of ZIP, of zlib, of XML, its
        # own. Here nothing else is done, so no error of ours is hidden.
        raise NotReadable("not_readable") from None
    if not found:  # a "Strict Open XML" file looks to the library as if it had none
        raise NotReadable("not_readable")
    if len(book.worksheets) > MAX_SHEETS:
        raise NotReadable("too_large_inside")
    return found


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

    def rows() -> Iterator[tuple[int, list[str], int | None]]:
        for number, cells in enumerate(sheet.iter_rows(), 1):
            for place, cell in enumerate(cells[:MAX_COLUMNS]):
                if cell.data_type == "f":
                    found.formulas.append((number, place))
                elif _is_too_long(cell.value):
                    found.too_long.append((number, place))
            far = enumerate(cells[MAX_COLUMNS:], MAX_COLUMNS)
            yield number, _texts(cells[:MAX_COLUMNS]), next((n for n, cell in far if _text(cell).strip()), None)

    found.rows = list(_some(found, rows()))
    return found


def _texts(cells: Sequence[Any]) -> list[str]:
    return ["=" if cell.data_type == "f" else _text(cell) for cell in cells]


def _text(cell: Any) -> str:
    """As a person sees it."""
    value = cell.value
    if value is None:
        return ""
    if _is_whole(value):
        return shown(int(value), cell.number_format)
    if isinstance(value, dt.datetime):
        return _moment(value, cell.number_format)
    return str(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1


def _is_too_long(value: Any) -> bool:
    return _is_whole(value) and abs(value) >= KEPT


def _moment(at: dt.datetime, number_format: str) -> str:
    """A date alone where its cell shows no hours; seconds only where it shows them. What is left of a second is what a
    fraction of a day could not hold."""
    signs = _NOT_SHOWN.sub("", number_format.partition(";")[0]).casefold()
    at = (at + dt.timedelta(seconds=0.5)).replace(microsecond=0)
    if "h" not in signs:
        return f"{at:%Y-%m-%d}"
    return f"{at:%Y-%m-%d %H:%M:%S}" if "s" in signs and at.second else f"{at:%Y-%m-%d %H:%M}"
