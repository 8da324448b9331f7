"""Spreadsheets as programs and people save them: read as a person sees them, or refused with what to do."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from services.matching.domain.forum_files.lines import Sheet
from services.matching.domain.forum_files.whole_file import read_contents
from services.matching.domain.forums.setup import ForumSetup
from services.matching.sheets.parse import MAX_SHEETS, NotReadable, sheets_of
from services.matching.sheets.reader import _sheets
from tests.support.forums import forum_of_2027

SETUP = ForumSetup.model_validate(forum_of_2027())
HEAD = ["profile_id", "member_id"]


def workbook(sheets: dict[str, list[list[Any]]], formats: dict[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cell, number_format in (formats or {}).items():
            sheet[cell].number_format = number_format
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def read(data: bytes, kind: str | None, *, is_csv: bool = False) -> tuple[list[Sheet], list[str]]:
    raws = sheets_of(data, is_csv=is_csv)
    sheets, wrong = _sheets(json.dumps({"sheets": [dataclasses.asdict(raw) for raw in raws]}).encode(), kind)
    return sheets, [one.code for one in wrong]


@pytest.mark.parametrize(
    ("names", "kind", "codes"),
    [
        (("참가자", "参会者"), None, ["sheet_twice"]),
        (("Participants", "참가자", "参加者"), None, ["sheet_twice", "sheet_twice"]),
        (("Sheet1", "Sheet2"), "participants", ["sheet_twice"]),
        (("참가자",), None, []),
        (("Sheet1",), "participants", []),
    ],
)
def test_no_sheet_is_taken_in_place_of_another(names: tuple[str, ...], kind: str | None, codes: list[str]) -> None:
    sheets, wrong = read(workbook({name: [HEAD, [f"kr-{n}", "m-1"]] for n, name in enumerate(names)}), kind)
    contents, found = read_contents(sheets, SETUP)
    assert (wrong, [one.code for one in found]) == ([], codes)
    assert len(contents.participants) == 1


def test_tables_in_two_sheets_are_refused_too_and_an_empty_sheet_is_none() -> None:
    sheets, _ = read(workbook({"tables": [["table", "hall"], ["A-8", "A"]], "桌子": [["table", "hall"]]}), None)
    assert [(one.code, one.sheet) for one in read_contents(sheets, SETUP)[1]] == [("sheet_twice", "tables")]
    sheets, wrong = read(workbook({"Sheet1": [], "Sheet2": [HEAD, ["kr-1", "m-1"]]}), "participants")
    assert wrong == [] and read_contents(sheets, SETUP)[1] == []


def changed(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The same archive with all of its files changed."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, change(before.read(name)))
    return written.getvalue()


def strict(data: bytes) -> bytes:
    main, relations = (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://schemas.openxmlformats.org/o",
    )
    main_, relations_ = b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://purl.oclc.org/ooxml/o"
    relations, relations_ = relations + b"fficeDocument/2006/rel", relations_ + b"fficeDocument/rel"
    return changed(data, lambda text: text.replace(main, main_).replace(relations, relations_))


def with_password(data: bytes) -> bytes:
    """The flag of encryption is set for each file of the archive."""
    marked = bytearray(data)
    for sign, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = -1
        while (at := data.find(sign, at + 1)) >= 0:
            marked[at + place] |= 1
    return bytes(marked)


def damaged(data: bytes) -> bytes:
    at = data.find(b"xl/worksheets/sheet1.xml")
    return data[: at + 60] + bytes([data[at + 60] ^ 0xFF]) + data[at + 61 : at + 90] + b"U" + data[at + 91 :]


def wrong_sum(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    return data.replace(info.CRC.to_bytes(4, "little"), b"\0\0\0\0")


@pytest.mark.parametrize("spoil", [strict, with_password, damaged, wrong_sum])
def test_a_workbook_that_cannot_be_read_says_how_to_save_it(spoil: Callable[[bytes], bytes]) -> None:
    good = workbook({"participants": [HEAD, ["kr-1", "m-1"]]})
    with pytest.raises(NotReadable, match="not_readable"):
        sheets_of(spoil(good), is_csv=False)
    assert read(good, "participants")[1] == []


@pytest.mark.parametrize("kind", ["participants", None])
def test_a_file_without_a_sheet_is_a_mistake(kind: str | None) -> None:
    sheets, wrong = _sheets(b'{"sheets": []}', kind)
    assert (sheets, [one.code for one in wrong]) == ([], ["no_sheet"])


def test_cells_beyond_the_last_column_of_a_workbook_are_named() -> None:
    rows: list[list[Any]] = [
        [*HEAD, *[None] * 49, "must_meets"],
        ["kr-1", "m-1", *[None] * 48, "x", "cn-1"],
        ["kr-2", "m-2"],
    ]
    sheets, _ = read(workbook({"participants": rows}), "participants")
    found = [(one.code, one.values["cell"]) for one in read_contents(sheets, SETUP)[1]]
    assert found == [("beyond_columns", "AZ1"), ("beyond_columns", "AY2")]


def test_no_sheet_is_left_out_because_there_are_many() -> None:
    with pytest.raises(NotReadable, match="too_large_inside"):
        sheets_of(workbook({f"Sheet{n}": [HEAD] for n in range(MAX_SHEETS + 1)}), is_csv=False)


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (dt.date(2027, 3, 5), "yyyy-mm-dd", "2027-03-05"),
        (dt.datetime(2027, 3, 5), 'yyyy"年"m"月"d"日"', "2027-03-05"),
        (dt.datetime(2027, 3, 5, 9), '[$-412]yyyy"h"mm"s"dd', "2027-03-05"),
        (dt.datetime(2027, 3, 5), "yyyy/m/d h:mm", "2027-03-05 00:00"),
        (dt.datetime(2027, 3, 5, 9, 30), '[$-409]yyyy-mm-dd AM/PM h"시" mm"분";@', "2027-03-05 09:30"),
        (dt.datetime(2027, 3, 5, 9, 30, 17), "yyyy-mm-dd hh:mm", "2027-03-05 09:30"),
        (dt.datetime(2027, 3, 5, 9, 29, 59, 999_000), "yyyy-mm-dd hh:mm", "2027-03-05 09:30"),
        (dt.datetime(2027, 3, 5, 9, 30, 17), "yyyy-mm-dd hh:mm:ss", "2027-03-05 09:30:17"),
        (46450.375, "yyyy-mm-dd hh:mm", "2027-03-04 09:00"),
        (46450.375, "General", "46450.375"),
        (7, "00", "07"),
        (7.0, "000", "007"),
        (7, "0", "7"),
        (7, "0.00", "7"),
        (12, '"m"0000', "m0012"),
        (12, '"D-"000', "D-012"),
        (12, "\\D\\-000", "D-012"),
        (1012, "0000-0000", "0000-1012"),
        (1234567890, "000-0000", "123456-7890"),
        (7, "000_ ", "007 "),
        (7, "[Red]000;[Blue]-000", "007"),
        (7, "##0", "7"),
        (7, '0"회"', "7회"),
        (7, "0번", "7번"),
        (1, "0%", "100%"),
        (1234, "#,##0", "1234"),
        (-7, "000", "-7"),
        (7, "@", "7"),
        (7, '"m"', "7"),
    ],
)
def test_a_value_is_read_as_its_cell_shows_it(value: object, number_format: str, text: str) -> None:
    data = workbook({"participants": [[value]]}, {"A1": number_format})
    assert sheets_of(data, is_csv=False)[0].rows == [(1, [text])]


@pytest.mark.parametrize(
    ("value", "is_whole"),
    [
        (108204268033311374519, False),
        (1.0820426803331137e20, False),
        (123456789012345678, False),
        (123456789012345, True),
        ("108204268033311374519", True),
    ],
)
def test_a_number_that_is_longer_than_spreadsheets_keep_is_no_id(value: object, is_whole: bool) -> None:
    sheets, _ = read(workbook({"participants": [HEAD, ["kr-1", value]]}), None)
    contents, wrong = read_contents(sheets, SETUP)
    expected = [] if is_whole else [("lost_digits", "participants", 2, "member_id")]
    assert [(one.code, one.sheet, one.line, one.column) for one in wrong] == expected
    assert not is_whole or contents.participants[0].delegates[0].member_id == str(value)


@pytest.mark.parametrize(("id", "is_whole"), [("108204268033311000000", False), ("108204268033311374000", True)])
def test_a_long_number_that_a_spreadsheet_has_written_as_text_is_no_id(id: str, is_whole: bool) -> None:
    sheets, _ = read(f"profile_id,member_id\nkr-1,{id}\n".encode(), "participants", is_csv=True)
    assert [one.code for one in read_contents(sheets, SETUP)[1]] == ([] if is_whole else ["lost_digits"])


@pytest.mark.parametrize("column", ["arrives", "leaves"])
def test_a_cell_with_a_date_alone_is_refused_as_its_text_is(column: str) -> None:
    for value in (dt.date(2027, 3, 5), "2027-03-05"):
        sheets, _ = read(workbook({"participants": [[*HEAD, column], ["kr-1", "m-1", value]]}), None)
        assert [(one.code, one.column) for one in read_contents(sheets, SETUP)[1]] == [("not_a_time", column)]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("\r\nprofile_id;member_id\r\nkr-1;m-1\r\n", [(2, HEAD), (3, ["kr-1", "m-1"])]),
        (";;\r\nprofile_id;member_id;\r\n", [(2, [*HEAD, ""])]),
        ("sep=;\r\nprofile_id;member_id\r\n", [(1, HEAD)]),
        ('"SEP=;"\nprofile_id;member_id\n', [(1, HEAD)]),
        ("sep=|\nprofile_id|member_id\n", [(1, HEAD)]),
        ('profile_id;"a, b, c, d";member_id\n', [(1, ["profile_id", "a, b, c, d", "member_id"])]),
        ('"profile_id";"member_id"\n', [(1, HEAD)]),
        ('"";"";""\n"profile_id";"member_id"\n', [(2, HEAD)]),
        ('"프로필\nID"\t담당자 ID\nkr-1\tm-1\n', [(1, ["프로필\nID", "담당자 ID"]), (2, ["kr-1", "m-1"])]),
        ('"프로필\r\nID";담당자 ID\r\nkr-1;m-1\r\n', [(1, ["프로필\r\nID", "담당자 ID"]), (2, ["kr-1", "m-1"])]),
        ("profile_id\tmember_id\rkr-1\tm-1\r", [(1, HEAD), (2, ["kr-1", "m-1"])]),
    ],
)
def test_the_separator_is_that_of_the_first_filled_line(text: str, rows: list[Any]) -> None:
    assert sheets_of(text.encode("utf-8-sig"), is_csv=True)[0].rows == rows
