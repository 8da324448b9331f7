"""Rows of text as a file. Call this in a thread: a large one takes a second."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

Rows = Sequence[Sequence[str]]
BOM = "\ufeff"
"""Without it Excel takes Korean and Chinese for another encoding."""


def write_csv(rows: Rows) -> bytes:
    """One sheet as CSV in UTF-8."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return (BOM + written.getvalue()).encode()


def write_xlsx(sheets: Mapping[str, Rows]) -> bytes:
    """Sheets by name as XLSX. Every cell is text: no spreadsheet reads a number or a formula into it."""
    from openpyxl import Workbook  # here: few ask for a workbook, and its library takes memory and a part of the start

    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([_text_cell(sheet, text) for text in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _text_cell(sheet: object, text: str) -> object:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.number_format = "@"
    return cell
