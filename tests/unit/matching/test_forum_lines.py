"""Lines of files as people type them: other forms of a word are the same word, and no cell is lost in silence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.advice_sentences import LANGS
from services.matching.domain.forum_files import interpreter_lines, participant_lines, place_lines
from services.matching.domain.forum_files.cells import folded, plain
from services.matching.domain.forum_files.lines import KINDS, Sheet, cell_name, kind_of
from services.matching.domain.forum_files.mistake_sentences import said
from services.matching.domain.forum_files.whole_file import Contents, read_contents
from services.matching.domain.forums.setup import ForumSetup
from services.matching.sheets.parse import sheets_of
from tests.support.forums import forum_of_2027

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
        ("profile_id,member_id,minimum,must_meets\nkr-1,m1,1,cn-1,cn-2,cn-3\n", "E2"),
        ("profile_id,member_id,\nkr-1,m1,onsite\n", "C2"),
        ("profile_id,,member_id\nkr-1,x,m1\n", "B2"),
        ("profile_id,member_id\nkr-1,m1\n,,,alone\n", "D3"),
        ("profile_id,member_id" + "," * 60 + "\nkr-1,m1" + "," * 50 + "must\n", "AZ2"),
        ("profile_id,member_id" + "," * 50 + "must_meets\nkr-1,m1\n", "AZ1"),
        ("profile_id,member_id\nkr-1,m1\n" + "," * 70 + "x\n", "BS3"),
    ],
)
def test_a_cell_that_belongs_to_no_column_is_named(text: str, cell: str) -> None:
    raw = sheets_of(text.encode(), is_csv=True)[0]
    _, (mistake,) = read_contents([Sheet("participants", raw.rows, beyond=raw.beyond)], SETUP)
    assert mistake.values == {"cell": cell} and mistake.line == int(cell.strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    for lang in LANGS:
        assert cell in said(mistake, lang).what


def test_a_cell_without_a_column_hides_no_other_mistake() -> None:
    text = "profile_id,member_id,\nkr-1,m1,x\nkr-2,,\nkr-3,m3,\n"
    assert read("participants", text)[1] == [(2, "", "no_title"), (3, "member_id", "empty")]
    assert read("participants", "profile_id,member_id,,\nkr-1,m1,,\n , ,\u3000,\u200b\n")[1] == []


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
    contents, wrong = read("participants", f"{titles}\nkr-1,m1\n")
    assert wrong == [] and contents.participants[0].profile_id == "kr-1"


def test_a_title_that_is_unknown_stays_a_mistake() -> None:
    assert read("participants", "profile_id,member_id,회사명\nkr-1,m1,한빛\n")[1] == [(1, "", "unknown_column")]


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
        contents, wrong = read("participants", f"profile_id,member_id,{column}\nkr-1,m1,{text}\n")
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
    assert read("participants", "profile_id,member_id\nkr-1²,m1\n")[1] == [(2, "profile_id", "not_an_id")]


@given(st.text(max_size=30))
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)
