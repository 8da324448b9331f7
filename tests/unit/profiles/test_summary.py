"""The beginnings of long texts in a list."""

from __future__ import annotations

import unicodedata

import pytest

from schemas.common import Text
from services.profiles.domain.summary import MAX_CHARACTERS, EntrySummary, _beginning

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
LETTERS = [
    *("가", "é", unicodedata.normalize("NFD", "값"), "e\u0301\u0323", FAMILY, "\U0001f1f0\U0001f1f7", "\u2764\ufe0f"),
    *("\U0001f44d\U0001f3fd", "\u1112\u119e\u11ab", "\U0001f3f4\U000e0067\U000e0062\U000e007f", "葛\U000e0100"),
]


def beginning(text: str) -> str:
    return _beginning(EntrySummary(id="e", kind="product", text=Text(lang="ko", text=text), topics=[])).text.text


@pytest.mark.parametrize("before", range(9))
@pytest.mark.parametrize("letter", LETTERS)
def test_a_beginning_ends_with_a_whole_letter(letter: str, before: int) -> None:
    text = "a" * before + letter * 200
    whole = unicodedata.normalize("NFC", letter)

    short = beginning(text)

    assert short.endswith("…") and len(short) <= MAX_CHARACTERS
    kept = short[before:-1]
    assert kept == whole * (len(kept) // len(whole)) and kept
    assert beginning(text[: MAX_CHARACTERS + 1]) == short, "the store reads no more than this"


@pytest.mark.parametrize("text", ["짧은 글", "가" * MAX_CHARACTERS])
def test_a_short_text_is_whole(text: str) -> None:
    assert beginning(text) == text


def test_what_has_no_end_is_cut_all_the_same() -> None:
    assert len(beginning("a" + "\u200d" * 300)) <= MAX_CHARACTERS
