"""A text has one verdict, however its characters were put together: macOS sends Hangul as single jamo (NFD)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.screening import find_personal, screen
from schemas.screening.plain import plain

CERTAIN = (
    "기술 문의: 카톡 아이디 hanbit77",
    "담당 공일공 일이삼사 오육칠팔",
    "메일은 hanbit 골뱅이 네이버 점 com 으로",
    "김철수@한빛.한국",
    "전화 010 일이삼사 5678",
    "텔레그램 아이디: moru_trade",
    "주민번호 820315-1274830",
    "공칠공 말고 공일공 구이팔삼 오일칠사",
)
TAKEN = (
    "1588-1599개",
    "사업자등록번호 02-1234-5678",
    "계좌 010-1234-5678원",
    "연간 13800138000원 매출",
    "텔레매틱스 단말 TCU-4010",
    "카카오톡 2000만 이용자",
    "Café Zürich, 50 Ångström, Müller GmbH",
)
PIECES = (
    *CERTAIN,
    *TAKEN,
    "010-1234-5678",
    "각",
    "ㄱ",
    "\u11a8",
    "e\u0301",
    "1\u20e3",
    "é",
    "\u200b",
    "が",
    "𝅗𝅥",
    " ",
    "\n",
)


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize("text", CERTAIN)
def test_what_is_refused_is_refused_decomposed(text: str) -> None:
    for form in (text, decomposed(text)):
        found = find_personal(form)
        assert found and found.certainty == "certain"


@pytest.mark.parametrize("text", TAKEN)
def test_what_is_taken_is_taken_decomposed(text: str) -> None:
    assert (find_personal(text), find_personal(decomposed(text))) == (None, None)


@pytest.mark.parametrize("text", [
    "ka\u0301kaotalk: hanbit77",
    "kákaotalk: hanbit77",
    "ᄏ\u200bᅡ톡 아이디 hanbit77",
    "ᄏ\u034fᅡ톡 아이디 hanbit77",
    "카\ufe0f톡 아이디 hanbit77",
    "kim@naver.cóm",
    "01\u03010-12\u032034-5678",
])  # fmt: skip
def test_a_mark_or_a_joiner_hides_nothing(text: str) -> None:
    for form in (text, decomposed(text)):
        assert find_personal(form), form


def test_a_place_is_one_of_the_text_as_typed() -> None:
    text = decomposed("수소 밸브 문의 010-1234-5678")
    found = find_personal(text)
    assert found and text[found.at :] == "010-1234-5678"


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=8).map("".join))
def test_both_forms_have_one_verdict_and_places_of_their_own(text: str) -> None:
    nfc, nfd = unicodedata.normalize("NFC", text), decomposed(text)
    assert plain(nfc).text == plain(nfd).text
    both = list(zip(screen(nfc), screen(nfd), strict=True))
    assert all((one.kind, one.certainty) == (other.kind, other.certainty) for one, other in both)
    for form in (nfc, nfd):
        places = list(plain(form).places)
        assert places == sorted(places)
        assert all(0 <= place < len(form) for place in places)
    assert all(decomposed(nfc[: one.at]) == nfd[: other.at] for one, other in both)
