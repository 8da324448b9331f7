"""Spreadsheets as people send and take them, CSV and XLSX: read in a process of its own, because a file decides how
much work it makes; written in a thread."""

from .reader import CSV, MAX_BYTES, XLSX, read_sheets
from .writer import write_csv, write_xlsx

__all__ = ["CSV", "MAX_BYTES", "XLSX", "read_sheets", "write_csv", "write_xlsx"]
