"""Lines of files as people type them: other forms of a word are the same word, and no cell is lost in silence."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.advice_sentences import LANGS
from services.matching.domain.forum_files import cells, interpreter_lines, participant_lines, place_lines
from services.matching.domain.forum_files.cells import folded, plain
from services.matching.domain.forum_files.lines import KINDS, Sheet, cell_name, kind_of
from services.matching.domain.forum_files.mistake_sentences import said
from services.matching.domain.forum_files.whole_file import Contents, all_sheets, read_contents
from services.matching.domain.forums.programme import Span
from services.matching.domain.forums.setup import ForumSetup
from services.matching.domain.forums.venue import Table
from services.matching.sheets import write_csv
from services.matching.sheets.parse import sheets_of
from tests.support.forums import forum_of_2027
from tests.support.timing import cpu_seconds

SETUP = ForumSetup.model_validate(forum_of_2027())
COLUMNS = (participant_lines.COLUMNS, place_lines.COLUMNS, interpreter_lines.COLUMNS)
WORDS = (participant_lines.ATTENDANCE, participant_lines.LANGUAGES, place_lines.TYPES)


def read(kind: str, text: str, setup: ForumSetup = SETUP) -> tuple[Contents, list[tuple[int, str, str]]]:
    raw = sheets_of(text.encode(), is_csv=True)[0]
    contents, found = read_contents([Sheet(kind, raw.rows, beyond=raw.beyond)], setup)
    return contents, [(one.line, one.column, one.code) for one in found]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("profile_id,member_id,minimum,must_meets\nkr-1,m-1,1,cn-1,cn-2,cn-3\n", "E2"),
        ("profile_id,member_id,\nkr-1,m-1,onsite\n", "C2"),
        ("profile_id,,member_id\nkr-1,x,m-1\n", "B2"),
        ("profile_id,member_id\nkr-1,m-1\n,,,alone\n", "D3"),
        ("profile_id,member_id" + "," * 60 + "\nkr-1,m-1" + "," * 50 + "must\n", "AZ2"),
        ("profile_id,member_id" + "," * 50 + "must_meets\nkr-1,m-1\n", "AZ1"),
        ("profile_id,member_id\nkr-1,m-1\n" + "," * 70 + "x\n", "BS3"),
    ],
)
def test_a_cell_that_belongs_to_no_column_is_named(text: str, cell: str) -> None:
    raw = sheets_of(text.encode(), is_csv=True)[0]
    _, (mistake,) = read_contents([Sheet("participants", raw.rows, beyond=raw.beyond)], SETUP)
    assert mistake.values == {"cell": cell} and mistake.line == int(cell.strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    for lang in LANGS:
        assert cell in said(mistake, lang).what


def test_a_cell_without_a_column_hides_no_other_mistake() -> None:
    text = "profile_id,member_id,\nkr-1,m-1,x\nkr-2,,\nkr-3,m-3,\n"
    assert read("participants", text)[1] == [(2, "", "no_title"), (3, "member_id", "empty")]
    assert read("participants", "profile_id,member_id,,\nkr-1,m-1,,\n , ,\u3000,\u200b\n")[1] == []


@pytest.mark.parametrize(("place", "name"), [(0, "A1"), (25, "Z1"), (26, "AA1"), (701, "ZZ1"), (702, "AAA1")])
def test_a_cell_has_the_name_that_spreadsheets_give_it(place: int, name: str) -> None:
    assert cell_name(1, place) == name


@pytest.mark.parametrize(
    "titles",
    [
        "Profile ID,Member ID",
        "PROFILE-ID,MEMBER ID",
        "프로필ID,담당자ID",
        "档案 ID,代表 ID",
        "\u200bprofile_id,member_id\u200b",
        "profile\u00a0id,member\u3000id",
        "ｐｒｏｆｉｌｅ＿ｉｄ,member_id",
        "\u1111\u1173\u1105\u1169\u1111\u1175\u11af,담당자",  # Hangul in letters, as a Mac writes it
    ],
)
def test_titles_are_known_in_any_form(titles: str) -> None:
    contents, wrong = read("participants", f"{titles}\nkr-1,m-1\n")
    assert wrong == [] and contents.participants[0].profile_id == "kr-1"


def test_a_title_that_is_unknown_stays_a_mistake() -> None:
    assert read("participants", "profile_id,member_id,회사명\nkr-1,m-1,한빛\n")[1] == [(1, "", "unknown_column")]


def test_no_two_columns_are_the_same_and_words_are_as_they_are_compared() -> None:
    for columns in COLUMNS:
        names = {folded(title): column.name for column in columns for title in (column.name, *column.others)}
        for column in columns:
            assert {names[folded(title)] for title in (column.name, *column.others)} == {column.name}
    for words in (*WORDS, KINDS):
        found = [word for value, others in words.items() for word in (value, *others)]
        assert found == [folded(word) for word in found] and len(set(found)) == len(found)
    assert kind_of(" Participants\u200b") == "participants" and kind_of("Sheet1") == ""


@pytest.mark.parametrize(
    ("column", "texts", "expected"),
    [
        ("attendance", ("오프라인", "대면", "현장 참가", "On-Site", "ｏｎｓｉｔｅ", "线下"), "onsite"),
        ("attendance", ("비대면", "온 라인", "ONLINE", "线上"), "remote"),
        ("languages", ("韩国语", "普通话", "한국어;中文", "ＫＯ，zh", "汉语、韩语"), None),
    ],
)
def test_words_of_people_are_known(column: str, texts: tuple[str, ...], expected: str | None) -> None:
    for text in texts:
        contents, wrong = read("participants", f"profile_id,member_id,{column}\nkr-1,m-1,{text}\n")
        assert wrong == [], text
        (delegate,) = contents.participants[0].delegates
        assert delegate.attendance == expected if expected else set(delegate.languages) <= {"ko", "zh"}


@pytest.mark.parametrize("text", ["ko–zh", "ko - zh", "ko － zh", "ko/zh", "韩国语—普通话", "한국어 ~ 중국어", "ko↔zh"])
def test_a_pair_is_known_with_any_dash(text: str) -> None:
    contents, wrong = read("interpreters", f'interpreter_id,pairs\nkim,"{text}, zh-en"\n')
    assert wrong == [] and list(contents.interpreters[0].pairs) == [("ko", "zh"), ("zh", "en")]


@pytest.mark.parametrize("text", ["ko zh", "ko-zh-en", "ko--zh", "-", "ko-"])
def test_what_is_no_pair_stays_a_mistake(text: str) -> None:
    assert read("interpreters", f"interpreter_id,pairs\nkim,{text}\n")[1]


def test_signs_that_mean_something_else_are_not_made_plain() -> None:
    """`kr-1²` with a note's number is not the profile kr-12."""
    same: dict[str, Any] = {"kr-1²": "kr-1²", "①": "①", "½": "½", "ｋｒ－１": "kr-1", "２０２７：": "2027:"}
    assert {text: plain(text) for text in same} == same
    assert read("participants", "profile_id,member_id\nkr-1²,m-1\n")[1] == [(2, "profile_id", "not_an_id")]


@given(st.text(max_size=30))
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    "text",
    [
        "2027/3/4 9:00",
        "2027-3-4 9:00",
        "2027.3.4 09:00",
        "2027. 3. 4. 9:00",
        "2027年3月4日9:00",
        "2027년 3월 4일 9:00",
        "２０２７-０３-０４　０９：００",
        "2027-03-04\u202f09:00",  # a narrow blank that does not break
        "2027-03-04 09：00:00",
        "2027-03-04T09:00",
        "2027-03-04T00:00Z",
        "2027-03-04 오전 9:00:00",  # Excel in Korean
        "2027/3/4 上午9:00",
        "2027-03-04 9:00 AM",
        "2027-03-04 9:00 a.m.",
        "2027년 3월 4일 오전 9시",
        "2027년 3월 4일 9시 00분",
        "2027年3月4日上午9点",
        "2027年3月4日 9时00分",
    ],
)
def test_a_time_is_known_as_people_and_their_spreadsheets_write_it(text: str) -> None:
    contents, wrong = read("participants", f"profile_id,member_id,arrives\nkr-1,m-1,{text}\n")
    assert wrong == []
    assert contents.participants[0].delegates[0].arrives_at == dt.datetime(2027, 3, 4, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("clock", "hour"),
    [
        ("오전 12:30", 0), ("오전 0:30", 0), ("오후 12:30", 12), ("오후 1:30", 13), ("下午1:30", 13), ("1:30 pm", 13),
        ("오후 13:30", 13), ("上午11:30", 11), ("11:30PM", 23), ("오후 3시 30분", 15), ("下午3点30分", 15),
    ],
)  # fmt: skip
def test_the_halves_of_a_day_are_known(clock: str, hour: int) -> None:
    at = cells.an_instant(f"2027-03-04 {clock}", SETUP.tz)
    assert at == dt.datetime(2027, 3, 4, hour, 30, tzinfo=SETUP.tz)


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-04 오전 13:00",
        "2027-03-04 오전 9:00 AM",
        "2027-03-04 오후",
        "2027-03-04 오후 25시",
        "2027-03-04 9시 60분",
        "3/4/2027 9:00",
        "4.3.2027 9:00",
        "27/3/4 9:00",
        "2027/3/4",
        "2027/13/4 9:00",
        "2027.3.49:00",
        "2027/3/4 24:00",
        "2027-03-04 9:00:30",
        "2027-²-4 9:00",
        "2027-03-04 09:00-18:00",  # when somebody is there, and no offset
        "2027-03-04T09:00-18:00",
        "2027-03-04 09:00:00-12:00",
        "2027-03-04 09:00-1200",
    ],
)
def test_a_time_that_would_be_a_guess_stays_a_mistake(text: str) -> None:
    _, wrong = read("participants", f"profile_id,member_id,arrives\nkr-1,m-1,{text}\n")
    assert wrong == [(2, "arrives", "not_a_time")]


@pytest.mark.parametrize(
    "text",
    [
        "2027/3/4 9:00-12:00; 2027/3/5 13:00-18:00",
        "2027-03-04 09:00 – 12:00, 2027-03-05 13:00～18:00",
        "2027-03-04 09:00∼12:00, 2027-03-05 13:00∼18:00",  # 0xA1AD of CP949
        "2027年3月4日 9：00－12：00；2027.3.5 13:00〜18:00",
        "2027-03-04 오전 9시~오후 12시, 2027-03-05 오후 1:00 - 오후 6:00",
        "2027年3月4日上午9点－下午12点；2027年3月5日 1:00 PM–6:00 PM",
        "2027-03-04 09:00-12:00 / 2027-03-05 13:00-18:00",
        "2027-03-04 09:00-12:00/2027-03-05 13:00-18:00",
    ],
)
def test_hours_are_known_as_people_write_them(text: str) -> None:
    contents, wrong = read("interpreters", f'interpreter_id,pairs,hours\nkim,ko-zh,"{text}"\n')
    assert wrong == []
    found = [(f"{span.start:%d %H}", f"{span.end:%d %H}") for span in contents.interpreters[0].hours]
    assert found == [("04 00", "04 03"), ("05 04", "05 09")]


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        ("2026-03-04 09:00-12:00", False),
        ("2027-03-04 09:00-12:00; 2028-03-05 09:00-12:00", False),
        ("2027-03-03T23:00+09:00/2027-03-04T00:00+09:00", True),
        ("2027-03-05 20:00-22:00", True),
        ("2027-03-06 09:00-12:00", False),
    ],
)
def test_hours_on_no_date_of_the_forum_are_a_mistake(text: str, is_known: bool) -> None:
    _, wrong = read("interpreters", f"interpreter_id,pairs,hours\nkim,ko-zh,{text}\n")
    assert wrong == ([] if is_known else [(2, "hours", "on_no_date")])


@pytest.mark.parametrize(
    "text", ["2027-03-04 09:00-12:00 / 2027/3/5 13:00-18:00", "2027-03-04 09:00-12:00/2027-03-05", "2027-03-04/05"]
)
def test_hours_that_would_be_a_guess_are_a_mistake_of_hours(text: str) -> None:
    assert read("interpreters", f"interpreter_id,pairs,hours\nkim,ko-zh,{text}\n")[1] == [(2, "hours", "not_hours")]


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Seoul"])
def test_an_offset_that_a_program_has_written_is_one(zone: str) -> None:
    tz = SETUP.model_copy(update={"zone": zone}).tz
    at = dt.datetime(2027, 3, 4, 9, 0, 17, tzinfo=tz)
    assert cells.instant_text(at, tz) == at.isoformat()
    assert cells.an_instant(at.isoformat(), SETUP.tz) == at
    span = Span(start=at, end=at + dt.timedelta(hours=2))
    assert cells.the_hours(cells.hours_text([span], tz), tz, most=1) == [span]


@pytest.mark.parametrize(
    ("text", "code"),
    [("2027-03-04 오후 2:00-5:00", "ends_before_it_starts"), ("2027-03-04 2:00-5:00 PM", "not_hours")],
)
def test_an_end_or_a_start_without_its_half_of_the_day_is_no_guess(text: str, code: str) -> None:
    assert read("interpreters", f"interpreter_id,pairs,hours\nkim,ko-zh,{text}\n")[1] == [(2, "hours", code)]


@pytest.mark.parametrize("text", ["ko·zh", "中文/韩文", "한국어ㆍ중국어", "ko|zh", "한국어、中文"])
def test_languages_are_known_with_any_sign_between_them(text: str) -> None:
    contents, wrong = read("participants", f"profile_id,member_id,languages\nkr-1,m-1,{text}\n")
    assert wrong == [] and set(contents.participants[0].delegates[0].languages) == {"ko", "zh"}
    pair = text.replace("|", "/").replace("、", "·")
    contents, wrong = read("interpreters", f"interpreter_id,pairs\nkim,{pair}\n")
    assert wrong == [] and set(contents.interpreters[0].pairs[0]) == {"ko", "zh"}


@pytest.mark.parametrize("title", ["profile_id*", "프로필 ID *", "프로필ID(필수)", "档案编号＊", "档案编号（必填）"])
def test_a_title_is_known_with_the_sign_of_a_form(title: str) -> None:
    contents, wrong = read("participants", f"{title},member_id,languages (optional)\nkr-1,m-1,ko\n")
    assert wrong == [] and contents.participants[0].profile_id == "kr-1"


@pytest.mark.parametrize("id", ["2-Jan", "Jan-02", "2027-01-02"])
def test_an_id_of_which_a_spreadsheet_made_a_date_is_a_mistake(id: str) -> None:
    assert read("tables", f"table,hall\n{id},A\n")[1] == [(2, "table", "a_date")]
    assert read("tables", f"table,hall\n{id},A\n", numbered(id))[1] == [], "it is called so"
    assert read("interpreters", f"interpreter_id,pairs\n{id},ko-zh\n")[1] == [(2, "interpreter_id", "a_date")]


@pytest.mark.parametrize("id", ["Kim-01", "Lee-02", "Tbl-01", "Pod-12", "12-Pod"])
def test_an_id_that_only_looks_like_a_month_is_one(id: str) -> None:
    assert read("tables", f"table,hall\n{id},A\n")[1] == []
    assert read("interpreters", f"interpreter_id,pairs\n{id},ko-zh\n")[1] == []


def test_a_table_is_no_other_one_by_its_capitals() -> None:
    assert read("tables", "table,hall\nC-1,A\nc-1,A\n")[1] == [(3, "table", "other_case")]
    assert read("tables", "table,hall\nc-1,A\n", numbered("C-1"))[1] == [(2, "table", "other_case")]
    assert read("tables", "table,hall\nc-1,A\nC-1,A\n", numbered("c-1", "C-1"))[1] == [], "both are stored"


def test_hours_that_are_stored_stay_wherever_they_are() -> None:
    span = Span(start=dt.datetime(2026, 3, 4, tzinfo=dt.UTC), end=dt.datetime(2026, 3, 4, 3, tzinfo=dt.UTC))
    one = SETUP.interpreters[0].model_copy(update={"hours": [span]})
    setup = SETUP.model_copy(update={"interpreters": [one]})
    exported = write_csv(all_sheets(setup, [])["interpreters"]).decode("utf-8-sig")
    contents, wrong = read("interpreters", exported, setup)
    assert (wrong, contents.interpreters) == ([], [one])


def numbered(*ids: str) -> ForumSetup:
    return SETUP.model_copy(update={"tables": [Table(id=id, hall="A") for id in ids]})


@pytest.mark.parametrize(
    ("stored", "listed", "wrong"),
    [
        (("01", "02"), ("1", "2"), [2, 3]),
        (("01", "02"), ("01", "02", "3"), []),
        (("1",), ("01",), [2]),
        ((), ("01", "1"), [3]),
        (("01", "1"), ("01", "1"), []),
        (("0", "10"), ("00", "1", "100"), [2]),
        (("A-01",), ("A-1",), []),
    ],
)
def test_ids_whose_zeros_a_spreadsheet_took_are_no_new_tables(
    stored: tuple[str, ...], listed: tuple[str, ...], wrong: list[int]
) -> None:
    text = "table,hall\n" + "".join(f"{id},A\n" for id in listed)
    assert read("tables", text, numbered(*stored))[1] == [(line, "table", "lost_zeros") for line in wrong]


def test_interpreters_keep_their_zeros_too() -> None:
    assert read("interpreters", "interpreter_id,pairs\n007,ko-zh\n7,ko-zh\n")[1] == [
        (3, "interpreter_id", "lost_zeros")
    ]


@pytest.mark.parametrize("column", ["pairs", "hours"])
def test_a_cell_of_blanks_costs_no_more_than_its_length(column: str) -> None:
    def cost(blanks: int) -> float:
        cells = {"interpreter_id": "kim", "pairs": "ko-zh", "hours": ""} | {column: "ko" + " " * blanks + "zh"}
        rows = [(1, list(cells)), (2, list(cells.values()))]
        return cpu_seconds(lambda: read_contents([Sheet("interpreters", rows)], SETUP))

    assert cost(8_000) < 32 * cost(1_000), "eight times the length, and not 64 times the work"
