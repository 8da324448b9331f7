"""A gloss renders the known terms and says that it is one."""

from __future__ import annotations

import unicodedata

import pytest

from services.translation.domain.glossary import (
    Glossary,
    Term,
    ambiguous_words,
    conflicting_words,
    is_word_of,
    merge_terms,
)
from services.translation.engines.glossary import read_glossary


def term(id: str, ko: str, zh: str, en: str) -> Term:
    return Term(id=id, ko=ko, zh=zh, en=en, topic="t")


SMALL = Glossary(
    [
        term("chip", "반도체", "半导体", "semiconductor"),
        term("tool", "반도체 장비", "半导体设备", "semiconductor equipment"),
        term("part", "부품", "零部件", "parts"),
    ]
)


@pytest.mark.parametrize(
    ("text", "source", "target", "gloss"),
    [
        ("반도체 장비 부품을 찾습니다", "ko", "zh", "[术语对照] 半导体设备 · 零部件"),
        ("我们生产半导体设备，也做半导体", "zh", "ko", "[용어 풀이] 반도체 장비 · 반도체"),
        ("Semiconductors and parts.", "en", "zh", "[术语对照] 半导体 · 零部件"),
        ("partsman", "en", "ko", None),
        ("아무것도 모르는 문장", "ko", "en", None),
        ("ＳＥＭＩＣＯＮＤＵＣＴＯＲ", "en", "ko", "[용어 풀이] 반도체"),
        ("我們生產半導體設備和零部件", "zh", "ko", "[용어 풀이] 반도체 장비 · 부품"),
        (unicodedata.normalize("NFD", "반도체 장비 부품"), "ko", "zh", "[术语对照] 半导体设备 · 零部件"),
        ("반도체\u200b 장비", "ko", "zh", "[术语对照] 半导体设备"),
    ],
)
def test_the_longest_terms_in_the_order_of_the_text(text: str, source: str, target: str, gloss: str | None) -> None:
    assert SMALL.gloss(text, source=source, target=target) == gloss


def test_the_shipped_glossary_is_large_enough_and_unambiguous() -> None:
    terms = read_glossary().terms
    assert len(terms) >= 210 and any(t.locked for t in terms) and len({t.id for t in terms}) == len(terms)


def test_a_word_for_two_terms_is_found() -> None:
    assert ambiguous_words([*SMALL.terms, term("other", "부품", "配件", "component")]) == ["ko: 부품"]


def test_shipped_words_are_words_of_their_languages() -> None:
    assert [
        t.id for t in read_glossary().terms for lang in ("ko", "zh", "en") if not is_word_of(lang, t.word(lang))
    ] == []


def test_a_term_clashes_with_others_and_never_with_itself() -> None:
    assert conflicting_words(term("part", "부품", "零部件", "parts"), SMALL.terms) == []
    assert conflicting_words(term("new", "부품", "新", "Semiconductor"), SMALL.terms) == [
        ("ko", "part"),
        ("en", "chip"),
    ]


def test_a_traditional_spelling_of_a_shipped_word_is_taken_already() -> None:
    assert conflicting_words(term("new", "새", "半導體", "new"), SMALL.terms) == [("zh", "chip")]


def test_organisers_terms_stand_in_the_place_of_shipped_ones() -> None:
    mine = term("part", "부속", "配件", "component")
    assert merge_terms(SMALL.terms, [mine, term("new", "가", "新", "new")])[2:] == [
        mine,
        term("new", "가", "新", "new"),
    ]
