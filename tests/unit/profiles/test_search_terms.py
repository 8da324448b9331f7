"""Words are found in scripts that write none apart."""

from __future__ import annotations

import unicodedata

import pytest

from services.profiles.domain.search_terms import contains_words, index_terms, query_terms


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("铁路12306售票", "12306", True),
        ("ＡＣＭＥ 로봇", "acme", True),
        ("반도체장비개발", "장비", True),
        ("렌즈", "렌즈", True),
        ("A单B", "单", True),
        ("반도체 장비", "반도체　장비", True),
        (unicodedata.normalize("NFD", "반도체 장비"), "반도체 장비", True),
        ("반도체 장비", unicodedata.normalize("NFD", "반도체 장비"), True),
        ("Straße", "STRASSE", True),
        ("anything", ".*", False),
        ("price", "$ne", False),
        ("abxbc", "abc", False),
        ("반도체", "반도체 장비", False),
    ],
)
def test_a_query_finds_what_holds_its_words(text: str, query: str, found: bool) -> None:
    """Bigrams alone would find abc in abxbc."""
    needed = query_terms(query)
    assert (bool(needed) and set(needed) <= set(index_terms([text])) and contains_words(query, [text])) is found


@pytest.mark.parametrize("query", ["", " ", "!?", "\u0000"])
def test_a_query_without_letters_wants_nothing(query: str) -> None:
    assert query_terms(query) == []
