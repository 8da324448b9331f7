"""Files of a forum: every mistake with its place, and what is written is read again as it was."""

from __future__ import annotations

import datetime as dt
import io
import string
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.matching.domain.advice_sentences import LANGS
from services.matching.domain.forum_files import cells
from services.matching.domain.forum_files.lines import MAX_LINES, Sheet
from services.matching.domain.forum_files.mistake_sentences import SENTENCES, said
from services.matching.domain.forum_files.mistakes import Mistake
from services.matching.domain.forum_files.whole_file import all_sheets, file_refused, read_contents, with_contents
from services.matching.domain.forums.programme import Interpreter, Span
from services.matching.domain.forums.registration import Delegate, Registration, Targets
from services.matching.domain.forums.setup import ForumSetup
from services.matching.domain.forums.venue import Room, Table
from services.matching.sheets import parse, write_csv, write_xlsx
from services.matching.sheets.parse import NotReadable, sheets_of
from tests.support.forums import forum_of_2027

SETUP = ForumSetup.model_validate(forum_of_2027())
HEAD = "profile_id,member_id,attendance,arrives,leaves,languages,minimum,maximum,must_meets"


def sheet(kind: str, *lines: str) -> Sheet:
    return Sheet(kind, [(number, line.split(",")) for number, line in enumerate(lines, 1)])


def mistakes(kind: str, *lines: str, setup: ForumSetup = SETUP) -> list[tuple[int, str, str]]:
    _, found = read_contents([sheet(kind, *lines)], setup)
    return [(one.line, one.column, one.code) for one in found]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("kr-1,m-1,onsite,2027-03-04 10:00,2027-03-04 17:00,ko zh,1,5,cn-1 cn-2", []),
        ("kr-1,m-1,현장,2027-03-04T10:00,,한국어;中文,,,", []),
        (",m-1,,,,,,,", [("profile_id", "empty")]),
        ("KR 1,m-1,,,,,,,", [("profile_id", "not_an_id")]),
        ("kr-1,김민준,,,,,,,", [("member_id", "not_an_id")]),
        ("kr-1,010-1234-5678,,,,,,,", [("member_id", "not_an_id")]),
        ("kr-1,13812345678,,,,,,,", [("member_id", "not_an_id")]),
        ("kr-1,Kim_1,,,,,,,", [("member_id", "not_a_member")]),
        ("kr-1,m1,,,,,,,", [("member_id", "not_a_member")]),
        ("kr-1,m-1,by phone,,,,,,", [("attendance", "not_one_of")]),
        ("kr-1,m-1,,tomorrow,,,,,", [("arrives", "not_a_time")]),
        ("kr-1,m-1,,2027-03-06 09:00,,,,,", [("arrives", "not_on_a_day")]),
        ("kr-1,m-1,,2027-03-05 09:00,2027-03-04 09:00,,,,", [("arrives", "not_on_a_day")]),
        ("kr-1,m-1,,,,fr,,,", [("languages", "not_one_of")]),
        ("kr-1,m-1,,,,,-1,,", [("minimum", "not_a_number")]),
        ("kr-1,m-1,,,,,1_0,,", [("minimum", "not_a_number")]),
        ("kr-1,m-1,,,,,5,4,", [("minimum", "minimum_above_maximum")]),
        ("kr-1,m-1,,,,,,,kr-1", [("must_meets", "itself")]),
        ("kr-1,m-1,,,,,,1,cn-1 cn-2", [("maximum", "more_must_meets_than_maximum")]),
        ("kr-1,m-1,,,,,,," + " ".join(f"cn-{n}" for n in range(21)), [("must_meets", "too_many_values")]),
        ("kr-1,m-1,,,,,x,y,K", [("minimum", "not_a_number"), ("maximum", "not_a_number"), ("must_meets", "not_an_id")]),
        ("kr-1,m-1,," + "9" * 2001 + ",,,,,", [("arrives", "too_long"), ("arrives", "not_a_time")]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_every_mistake_of_a_participant_is_named(line: str, expected: list[tuple[str, str]]) -> None:
    assert mistakes("participants", HEAD, line) == [(2, column, code) for column, code in expected]


def test_lines_are_judged_beside_each_other() -> None:
    lines = ["kr-1,m-1,,,,,1,5,", "kr-1,m-1,,,,,1,5,", "kr-1,m-2,,,,,2,5,", ",,,,,,,,"]
    lines += [f"kr-2,m-{n},,,,,,," for n in range(6)]
    assert mistakes("participants", HEAD, *lines) == [
        (3, "member_id", "twice"),
        (4, "minimum", "contradicts"),
        (11, "member_id", "too_many_delegates"),
    ]
    remote = ForumSetup.model_validate(forum_of_2027(mode="remote"))
    assert mistakes("participants", HEAD, "kr-1,m-1,onsite,,,,,,", setup=remote)[0][2] == "not_at_this_forum"


@pytest.mark.parametrize(
    ("kind", "lines", "expected"),
    [
        ("tables", [], [(0, "", "no_lines")]),
        ("tables", ["table,hall,colour"], [(1, "", "unknown_column")]),
        ("tables", ["table,table,hall"], [(1, "table", "column_twice")]),
        ("tables", ["table"], [(1, "hall", "column_missing")]),
        ("tables", ["테이블,홀,종류", "A-9,A,룸"], []),
        ("tables", ["table,hall", "A-9,C"], [(2, "hall", "no_such_hall")]),
        ("tables", ["table,hall", "A-9,A", "A-9,B"], [(3, "table", "twice")]),
        ("tables", ["table,hall,type", "A-9,A,chair"], [(2, "type", "not_one_of")]),
        ("interpreters", ["interpreter_id,pairs", "kim,ko-zh"], []),
        ("interpreters", ["译员,语言对,工作时间", "kim,韩语-中文,2027-03-04 9:00-12:00"], []),
        ("interpreters", ["interpreter_id,pairs", "kim,ko-ko"], [(2, "pairs", "not_a_pair")]),
        ("interpreters", ["interpreter_id,pairs", "kim,ko"], [(2, "pairs", "not_a_pair")]),
        ("interpreters", ["interpreter_id,pairs,hours", "k,ko-zh,mornings"], [(2, "hours", "not_hours")]),
        (
            "interpreters",
            ["interpreter_id,pairs,hours", "k,ko-zh,2027-03-04 12:00-09:00"],
            [(2, "hours", "ends_before_it_starts")],
        ),
        ("interpreters", ["interpreter_id,pairs,max_in_row", "k,ko-zh,0"], [(2, "max_in_row", "not_a_number")]),
        ("interpreters", ["interpreter_id,pairs", "k,ko-zh", "k,zh-en"], [(3, "interpreter_id", "twice")]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_every_mistake_of_other_sheets_is_named(
    kind: str, lines: list[str], expected: list[tuple[int, str, str]]
) -> None:
    assert mistakes(kind, *lines) == expected


def test_limits_have_sentences_of_their_own() -> None:
    assert mistakes("tables", "table,hall", *[f"T{n},A" for n in range(MAX_LINES + 1)]) == [(0, "", "too_many_lines")]
    many = [f"kr-{n},m-1,,,,,,," for n in range(1001)]
    assert mistakes("participants", HEAD, *many) == [(0, "", "too_many_profiles")]
    contents, _ = read_contents([sheet("tables", "table,hall", *[f"T{n},A" for n in range(500)])], SETUP)
    assert [one.code for one in with_contents(SETUP, contents)[1]] == ["too_many_tables"]


def test_a_room_with_talks_stays_a_room() -> None:
    contents, _ = read_contents([sheet("tables", "table,hall,type", "R-1,A,table")], SETUP)
    assert [(one.code, one.values) for one in with_contents(SETUP, contents)[1]] == [
        ("room_of_a_talk", {"room": "R-1"})
    ]


VALUES = dict.fromkeys(
    ("most", "low", "high", "values", "line", "place", "columns", "halls", "mode", "room", "cell"), 7
)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("code", SENTENCES)
def test_each_mistake_has_two_sentences_in_each_language(code: str, lang: Any) -> None:
    words = said(Mistake(code, values=VALUES), lang)
    assert words.what and words.todo and "{" not in words.what + words.todo
    ends = {"ko": ".", "zh": "。", "en": "."}[lang]
    assert words.todo.endswith((ends, ")."))


def test_a_refusal_counts_all_mistakes_and_names_the_first_ones() -> None:
    refused = file_refused([Mistake("empty", "tables", n, "hall") for n in range(1, 301)], "ko")
    errors: Any = refused.extra["errors"]
    assert (refused.extra["mistakes"], len(errors)) == (300, 200)
    assert errors[0]["pointer"] == "/tables/1/hall" and "비어" in errors[0]["detail"] and "300군데" in refused.detail


# -- what is written is read again as it was

ids = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=12)
word = st.text(string.ascii_letters + string.digits, min_size=1, max_size=4)
members = st.tuples(word, st.sampled_from(("", "-", "_")), word).map("".join)
places = st.tuples(word, st.sampled_from(("", "-")), word).map("".join)
languages = st.lists(st.sampled_from(("ko", "zh", "en")), unique=True, max_size=3)
first, last = SETUP.span.start, SETUP.span.end
moments = st.datetimes(dt.datetime(2027, 3, 4), dt.datetime(2027, 3, 5, 6), timezones=st.just(dt.UTC)).map(
    lambda at: at.replace(microsecond=0)
)


@st.composite
def delegates(draw: st.DrawFn) -> Delegate:
    arrives, leaves = sorted((draw(moments), draw(moments)))
    times = draw(
        st.sampled_from([(None, None), (arrives, None), (None, last), (first, leaves + dt.timedelta(hours=1))])
    )
    return Delegate(
        member_id=draw(members),
        attendance=draw(st.sampled_from(("onsite", "remote"))),
        arrives_at=times[0],
        leaves_at=times[1],
        languages=draw(languages),
    )


@st.composite
def registrations(draw: st.DrawFn) -> Registration:
    profile_id = draw(ids)
    must = sorted(set(draw(st.lists(ids.filter(lambda id: id != profile_id), max_size=3))))
    low = draw(st.integers(0, 20))
    return Registration(
        id=f"f/{profile_id}",
        forum_id="f",
        profile_id=profile_id,
        owner="org",
        delegates=draw(st.lists(delegates(), min_size=1, max_size=5, unique_by=lambda one: one.member_id)),
        targets=Targets(minimum=low, maximum=max(3, low + draw(st.integers(0, 20)))),
        must_meets=must,
    )


@st.composite
def setups(draw: st.DrawFn) -> ForumSetup:
    spans = st.tuples(moments, moments).filter(lambda two: two[0] != two[1]).map(sorted)
    hours = spans.map(lambda two: Span(start=two[0], end=two[1]))
    pairs = st.sampled_from([("ko", "zh"), ("zh", "ko"), ("zh", "en"), ("ko", "en")])
    interpreters = st.builds(
        Interpreter,
        id=members,
        pairs=st.lists(pairs, min_size=1, max_size=3, unique=True),
        hours=st.lists(hours, max_size=4),
        max_in_row=st.integers(1, 50),
        attendance=st.sampled_from(("onsite", "remote")),
    )
    of_talks = {talk.room for talk in SETUP.talks}
    named = draw(st.lists(places.filter(lambda id: id not in of_talks), unique=True, max_size=8))
    half = len(named) // 2
    return SETUP.model_copy(
        update={
            "zone": draw(st.sampled_from(("Asia/Seoul", "Asia/Shanghai"))),
            "tables": [Table(id=id, hall=draw(st.sampled_from("AB"))) for id in named[:half]],
            "rooms": [Room(id=id, hall=draw(st.sampled_from("AB"))) for id in (*of_talks, *named[half:]) if id],
            "interpreters": draw(st.lists(interpreters, max_size=4, unique_by=lambda one: one.id)),
        }
    )


def csv_again(sheets: dict[str, list[list[str]]]) -> list[Sheet]:
    return [Sheet(kind, sheets_of(write_csv(rows), is_csv=True)[0].rows) for kind, rows in sheets.items()]


def xlsx_again(sheets: dict[str, list[list[str]]]) -> list[Sheet]:
    raw = sheets_of(write_xlsx(sheets), is_csv=False)
    return [Sheet(one.name, one.rows, frozenset(one.formulas)) for one in raw]


@pytest.mark.parametrize("again", [csv_again, xlsx_again])
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(setup=setups(), found=st.lists(registrations(), max_size=4, unique_by=lambda one: one.profile_id))
def test_what_is_exported_is_imported_as_it_was(
    again: Callable[[Any], list[Sheet]], setup: ForumSetup, found: list[Registration]
) -> None:
    contents, wrong = read_contents(again(all_sheets(setup, found)), setup, found)
    assert wrong == []
    assert with_contents(setup, contents) == (setup, [])
    for one, said_ in zip(found, contents.participants, strict=True):
        assert (said_.profile_id, said_.delegates) == (one.profile_id, list(one.delegates))
        assert said_.targets(Targets()) == one.targets and said_.must_meets == one.must_meets


@given(st.text(max_size=30))
def test_no_cell_is_calculated_and_each_is_read_as_it_was(text: str) -> None:
    written = cells.guarded(text)
    assert not written.startswith(cells.FORMULA)
    assert cells.unguarded(written) == text


@given(st.datetimes(dt.datetime(2027, 1, 1), dt.datetime(2027, 12, 31), timezones=st.just(dt.UTC)))
def test_a_time_is_read_as_it_was_written_where_clocks_change(at: dt.datetime) -> None:
    zone = SETUP.model_copy(update={"zone": "Europe/Berlin"}).tz
    assert cells.an_instant(cells.instant_text(at, zone), zone) == at


def test_an_hour_that_a_clock_shows_twice_has_its_offset() -> None:
    zone = SETUP.model_copy(update={"zone": "Europe/Berlin"}).tz
    second = dt.datetime(2027, 10, 31, 1, 30, tzinfo=dt.UTC)
    assert cells.instant_text(second, zone) == "2027-10-31T02:30:00+01:00"
    span = Span(start=second, end=second + dt.timedelta(hours=2))
    assert cells.the_hours(cells.hours_text([span], zone), zone, most=1) == [span]


# -- files that are none, or that make too much work


def workbook(rows: list[list[Any]], name: str = "tables") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = name
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_a_formula_is_named_with_its_cell() -> None:
    raw = sheets_of(workbook([["table", "hall"], ["=1+1", "A"], ["A-9", "A"]]), is_csv=False)[0]
    _, found = read_contents([Sheet("tables", raw.rows, frozenset(raw.formulas))], SETUP)
    assert (found[0].line, found[0].column, found[0].code) == (2, "table", "formula")


def test_cells_are_read_as_people_see_them() -> None:
    rows = [["a", 3, 3.0, 2.5, dt.datetime(2027, 3, 4, 9, 0), None, True]]
    assert sheets_of(workbook(rows), is_csv=False)[0].rows == [
        (1, ["a", "3", "3", "2.5", "2027-03-04 09:00", "", "True"])
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_is_read_in_unicode_with_any_separator(encoding: str) -> None:
    for separator in ",;\t":
        text = f"테이블{separator}홀\r\n\r\nA-1{separator}A\r\n"
        assert sheets_of(text.encode(encoding), is_csv=True)[0].rows == [(1, ["테이블", "홀"]), (3, ["A-1", "A"])]


@pytest.mark.parametrize(
    ("data", "is_csv", "code"),
    [
        ("테이블,홀".encode("cp949"), True, "not_utf8"),
        (b'table,hall\n"A', True, "broken_csv"),
        (b"table,hall", False, "not_readable"),
        (b"PK\x03\x04 and nothing", False, "not_readable"),
    ],
)
def test_what_is_no_file_of_its_kind_is_refused(data: bytes, is_csv: bool, code: str) -> None:
    with pytest.raises(NotReadable, match=code):
        sheets_of(data, is_csv=is_csv)


@pytest.mark.parametrize("guarded", [True, False])
def test_an_archive_that_unpacks_to_too_much_is_not_opened(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    opened = []
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *_, **__: opened.append(1))
    if not guarded:
        monkeypatch.setattr(parse, "_must_be_small", lambda data: None)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"0" * (parse.MAX_UNPACKED + 1))
    assert len(written.getvalue()) < 100_000
    with pytest.raises(NotReadable, match="too_large_inside" if guarded else "not_readable"):
        sheets_of(written.getvalue(), is_csv=False)
    assert bool(opened) is not guarded
