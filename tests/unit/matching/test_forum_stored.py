"""A file beside what is stored: a column that it does not have changes nothing, and it removes no one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from services.matching.domain.forum_files.beside_stored import registered
from services.matching.domain.forum_files.lines import Sheet
from services.matching.domain.forum_files.whole_file import Contents, all_sheets, read_contents, with_contents
from services.matching.domain.forums.programme import Interpreter
from services.matching.domain.forums.registration import Delegate, Registration, Targets
from services.matching.domain.forums.setup import ForumSetup
from services.matching.domain.forums.venue import Room, Table
from tests.support.forums import forum_of_2027

SETUP = ForumSetup.model_validate(forum_of_2027())
KIM, WANG = SETUP.interpreters
COMES = dt.datetime(2027, 3, 4, 5, tzinfo=dt.UTC)


def read(kind: str, *lines: str, beside: Sequence[Registration] = (), setup: ForumSetup = SETUP) -> Contents:
    rows = [(number, line.split(",")) for number, line in enumerate(lines, 1)]
    contents, wrong = read_contents([Sheet(kind, rows)], setup, beside)
    assert wrong == []
    return contents


@pytest.mark.parametrize(
    ("head", "line", "expected"),
    [
        ("table,hall", "R-1,B", Room(id="R-1", hall="B")),
        ("table,hall", "A-1,B", Table(id="A-1", hall="B")),
        ("table,hall", "A-9,A", Table(id="A-9", hall="A")),
        ("table,hall,type", "R-2,A,room", Room(id="R-2", hall="A")),
        ("table,hall,type", "A-1,A,", Table(id="A-1", hall="A")),
    ],
)
def test_a_room_stays_a_room_without_a_column_of_types(head: str, line: str, expected: Table | Room) -> None:
    contents = read("tables", head, line)
    assert contents.places == [expected]
    assert with_contents(SETUP, contents)[1] == []


@pytest.mark.parametrize(
    ("columns", "changes"),
    [
        ({}, {}),
        ({"hours": ""}, {"hours": []}),
        ({"max_in_row": "9"}, {"max_in_row": 9}),
        ({"max_in_row": ""}, {"max_in_row": 4}),
        ({"attendance": "remote"}, {"attendance": "remote"}),
        ({"attendance": ""}, {"attendance": "onsite"}),
    ],
)
def test_an_interpreter_keeps_what_the_file_has_no_column_of(columns: dict[str, str], changes: dict[str, Any]) -> None:
    stored = WANG.model_copy(update={"max_in_row": 2, "attendance": "remote"})
    setup = SETUP.model_copy(update={"interpreters": [KIM, stored]})
    rows = [(1, ["interpreter_id", "pairs", *columns]), (2, ["wang-1", "zh-ko", *columns.values()])]
    contents, wrong = read_contents([Sheet("interpreters", rows)], setup)
    expected = stored.model_copy(update={"pairs": [("zh", "ko")], **changes})
    assert (wrong, contents.interpreters) == ([], [expected])
    assert with_contents(setup, contents)[0].interpreters == [KIM, expected]


def test_a_new_interpreter_gets_the_defaults() -> None:
    assert read("interpreters", "interpreter_id,pairs", "lee,ko-en").interpreters == [
        Interpreter(id="lee", pairs=[("ko", "en")])
    ]


def stored(**other: Any) -> Registration:
    first = Delegate(member_id="m-1", attendance="remote", arrives_at=COMES, languages=["ko", "en"])
    fields = {"delegates": [first, Delegate(member_id="m-2")], "targets": Targets(minimum=2, maximum=6)}
    base = Registration(id="f/kr-1", forum_id="f", profile_id="kr-1", owner="o", delegates=[], must_meets=["cn-1"])
    return base.model_copy(update=fields | other)


def after(*lines: str, before: Registration | None = None) -> tuple[Registration, list[tuple[int, str, str]]]:
    (said,) = read("participants", *lines, beside=[before or stored()]).participants
    found, wrong = registered(before or stored(), said, SETUP)
    return found, [(one.line, one.column, one.code) for one in wrong]


def test_a_participant_keeps_what_the_file_has_no_column_of() -> None:
    found, wrong = after("profile_id,member_id,minimum", "kr-1,m-1,3")
    assert (found, wrong) == (stored(targets=Targets(minimum=3, maximum=6)), [])
    found, _ = after("profile_id,member_id,languages", "kr-1,m-2,zh")
    assert found.delegates == [stored().delegates[0], Delegate(member_id="m-2", languages=["zh"])]


def test_an_empty_cell_is_the_default() -> None:
    found, _ = after("profile_id,member_id,attendance,arrives,languages,must_meets", "kr-1,m-1,,,,")
    assert found == stored(delegates=[Delegate(member_id="m-1"), Delegate(member_id="m-2")], must_meets=[])


def test_a_delegate_that_the_file_does_not_name_stays_and_a_new_one_comes_after_it() -> None:
    found, wrong = after("profile_id,member_id", "kr-1,m-3")
    assert (found.delegates, wrong) == ([*stored().delegates, Delegate(member_id="m-3")], [])


def several(count: int) -> Registration:
    return stored(delegates=[Delegate(member_id=f"x{n}") for n in range(count)])


LEAVES_EARLY = stored(delegates=[Delegate(member_id="m-1", leaves_at=COMES)])


@pytest.mark.parametrize(
    ("head", "line", "before", "expected"),
    [
        ("", "", several(5), ("member_id", "too_many_with_stored")),
        ("", "", several(4), None),
        ("arrives", "2027-03-05 10:00", LEAVES_EARLY, ("arrives", "not_on_a_day")),
        ("arrives", "2027-03-04 10:00", LEAVES_EARLY, None),
        ("leaves", "2027-03-04 13:00", stored(), ("leaves", "not_on_a_day")),
        ("minimum", "7", stored(), ("minimum", "minimum_above_maximum")),
        ("maximum", "1", stored(), ("maximum", "minimum_above_maximum")),
        ("must_meets", "cn-1 cn-2 cn-3 cn-4 cn-5 cn-6 cn-7", stored(), ("must_meets", "more_must_meets_than_maximum")),
        ("maximum", "2", stored(must_meets=["a", "b", "c"]), ("maximum", "more_must_meets_than_maximum")),
    ],
)
def test_what_does_not_go_with_what_stays_is_a_mistake(
    head: str, line: str, before: Registration, expected: tuple[str, str] | None
) -> None:
    _, wrong = after(f"profile_id,member_id,{head}", f"kr-1,m-1,{line}", before=before)
    assert wrong == ([(2, *expected)] if expected else [])


def test_times_that_the_file_has_no_column_of_are_no_mistake_of_it() -> None:
    """The forum was put off after the registration."""
    late = stored(delegates=[Delegate(member_id="m-1", leaves_at=COMES - dt.timedelta(days=30))])
    assert after("profile_id,member_id,languages", "kr-1,m-1,zh", before=late)[1] == []
    assert after("profile_id,member_id,arrives", "kr-1,m-1,", before=late)[1] == []
    assert after("profile_id,member_id,arrives", "kr-1,m-1,2027-03-04 10:00", before=late)[1] == [
        (2, "arrives", "not_on_a_day")
    ]


@pytest.mark.parametrize("changes", [{"mode": "remote"}, {"days": SETUP.days[1:]}, {"days": SETUP.days[:1]}])
def test_an_export_comes_back_after_the_forum_has_lost_a_day_or_a_mode(changes: dict[str, Any]) -> None:
    first, second = SETUP.open_hours
    delegates = [
        Delegate(member_id="kim-1", arrives_at=first.start, leaves_at=first.end),
        Delegate(member_id="kim-2", arrives_at=second.start, leaves_at=second.end, attendance="remote"),
    ]
    before, setup = stored(delegates=delegates), SETUP.model_copy(update=changes)
    rows = all_sheets(setup, [before])["participants"]
    contents, wrong = read_contents([Sheet("participants", list(enumerate(rows, 1)))], setup, [before])
    assert wrong == []
    assert registered(before, contents.participants[0], setup) == (before, [])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("kr-1,kim-1,onsite,", ("attendance", "not_at_this_forum")),
        ("kr-1,kim-2,onsite,", ("attendance", "not_at_this_forum")),
        ("kr-1,kim-1,,2027-03-07 09:00", ("arrives", "not_on_a_day")),
        ("kr-2,Kim_1,,", ("member_id", "not_a_member")),
    ],
)
def test_what_a_file_changes_is_judged_by_the_forum_as_it_is(line: str, expected: tuple[str, str]) -> None:
    here = stored(delegates=[Delegate(member_id="kim-1", attendance="remote"), Delegate(member_id="Kim_1")])
    setup = SETUP.model_copy(update={"mode": "remote"})
    rows = [(1, ["profile_id", "member_id", "attendance", "arrives"]), (2, line.split(","))]
    _, (wrong,) = read_contents([Sheet("participants", rows)], setup, [here])
    assert (wrong.column, wrong.code) == expected


def test_delegates_whose_zeros_a_spreadsheet_took_are_no_new_ones() -> None:
    before = stored(delegates=[Delegate(member_id="0007"), Delegate(member_id="m-1")])
    head, wrong = "profile_id,member_id", [(2, "member_id", "lost_zeros")]
    assert after(head, "kr-1,007", before=before)[1] == wrong
    assert after(head, "kr-1,0007", "kr-1,m-7", before=before)[1] == []
    assert after(head, "kr-1,007", "kr-1,m-7", before=stored(delegates=[Delegate(member_id="7")]))[1] == wrong
    new = stored(delegates=[])
    assert [line for line, *_ in after(head, "kr-1,100", "kr-1,0100", before=new)[1]] == [2, 3]
