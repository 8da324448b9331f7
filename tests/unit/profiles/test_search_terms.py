"""Words are found in scripts that write none apart."""

from __future__ import annotations

import unicodedata

import pytest

from services.profiles.domain.search_terms import (
    MAX_TERMS,
    contains_words,
    cut_texts,
    index_terms,
    query_terms,
    query_words,
)


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
        ("한빛 센서", "한빛센서", True),
        ("한빛센서", "한빛 센서", True),
        ("한빛 센서의 렌즈", "한빛센서", True),
        ("한빛·센서", "한빛센서", True),
        ("Hanbit Sensor", "hanbitsensor", True),
        ("고객 체험", "객체", False),
        ("the market", "them", False),
        ("㈜가람", "주식회사 가람", True),
        ("주식회사 가람", "㈜가람", True),
        ("(주)가람", "가람주식회사", True),
        ("가람 주식회사", "（주） 가람", True),
        ("주)가람", "주식회사가람", True),
        ("㈜가람", "주식회사", True),
        ("㈜가람", "주식회사 나루", False),
        ("유한회사 나루", "(유)나루", True),
        ("深圳华光科技有限公司", "深圳华光科技股份有限公司", True),
        ("深圳華光科技股份有限公司", "华光科技有限责任公司", True),
        ("华光股份有限公司", "华光股份", True),
        ("华光有限公司", "有限公司", True),
        ("Garam Co., Ltd.", "garam inc", True),
        ("傳感器與機器視覺", "传感器", True),
        ("传感器与机器视觉", "機器視覺", True),
        ("淸潔 硏究", "清洁", True),
        ("\uf9e1\uf914", "李樂", True),
        ("한\u200b빛센서", "한빛센서", True),
        ("반도체", "반도체 장비", False),
        ("ecommerce", "e-commerce", True),
        ("e-commerce", "ecommerce", True),
        ("Kbeauty", "K-beauty", True),
        ("biotech", "IoT", False),
        ("maintenance", "AI", False),
        ("Development", "EV", False),
        ("service", "IC", False),
        ("market", "AR", False),
        ("enterprise", "ERP", False),
        ("15G", "5G", False),
        ("5G 통신", "5G", True),
        ("sensors", "sensor", True),
        ("AI반도체", "AI", True),
        ("차세대AI반도체", "AI반도체", True),
        ("DJI大疆", "dji", True),
        ("大疆DJI", "dji", True),
        ("C++ developer", "C++", True),
        ("C++개발", "C++", True),
        ("C#程序", "C#", True),
        ("C++ developer", "C#", False),
        ("C# developer", "C++", False),
        ("vitamin C", "C++", False),
        ("C++ developer", "C", True),
    ],
)
def test_a_query_finds_what_holds_its_words(text: str, query: str, found: bool) -> None:
    """Bigrams alone would find abc in abxbc."""
    needed = query_terms(query)
    assert (bool(needed) and set(needed) <= set(index_terms([text])) and contains_words(query, [text])) is found


@pytest.mark.parametrize(
    "name",
    [
        "Hanbit Co.",
        "HANBIT CO",
        "Hanbit Company",
        "Hanbit L.L.C.",
        "Hanbit Pte. Ltd.",
        "Hanbit Pty Ltd",
        "Hanbit PLC",
        "Hanbit GmbH & Co. KG",
        "HanbitCo.,Ltd.",
        "Hanbit Co.,Ltd",
        "Hanbit Company Limited",
        "Hanbit K.K.",
        "Hanbit Inc.",
        "농업회사법인(주)Hanbit",
        "협동조합 Hanbit",
        "합자회사 Hanbit",
        "Hanbit 합명회사",
        "(합)Hanbit",
        "( 주 )Hanbit",
        "株)Hanbit",
        "주식 회사 Hanbit",
        "(재)Hanbit",
        "학교법인 Hanbit",
        "Hanbit公司",
        "Hanbit(有限合伙)",
        "Hanbit合伙企业（有限合伙）",
        "Hanbit 股份有限公司",
        "株式會社Hanbit",
    ],
)
def test_the_legal_form_at_the_edge_of_a_name_is_no_part_of_it(name: str) -> None:
    assert query_words(name) == ["hanbit"]
    assert contains_words(name, ["Hanbit"]) and contains_words("Hanbit", [name])


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("LLC 컨버터", ["llc", "컨버터"]),
        ("limited edition", ["limited", "edition"]),
        ("股份公司上市辅导", ["股份公司上市辅导"]),
        ("(재)활용", ["재", "활용"]),
        ("가스 CO", ["가스", "co"]),
        ("made in C", ["made", "in", "c"]),
        ("上海分公司", ["上海分公司"]),
        ("Ltd", ["ltd"]),
        ("有限公司", ["有限公司"]),
        ("주식회사", ["주식회사"]),
        ("한빛 주식회사 센서", ["한빛", "센서"]),
    ],
)
def test_a_form_that_is_a_word_stays(query: str, words: list[str]) -> None:
    assert query_words(query) == words


@pytest.mark.parametrize("query", ["", " ", "!?", "\u0000"])
def test_a_query_without_letters_wants_nothing(query: str) -> None:
    assert query_terms(query) == []


@pytest.mark.parametrize("last", ["한빛센서의 아주 긴 소개", "深圳华光科技的介绍", "an introduction of Hanbit Sensor"])
def test_where_there_are_too_many_terms_no_script_goes_first(last: str) -> None:
    first = "한빛센서"
    many = ["".join(map(chr, range(start, start + 1500))) for start in (0x4E00, 0x5800, 0xAC00)]
    kept = index_terms([first, last, *many])
    assert len(kept) == MAX_TERMS and kept == sorted(kept)
    assert {*query_terms(first), *query_terms(last)} <= set(kept)


def test_a_long_profile_is_found_by_the_beginning_of_each_of_its_texts() -> None:
    """The budget is shared: what stands late has its part, and it is said whose end is not found."""
    chars = [chr(0x4E00 + n) for n in range(20 * 400)]
    texts = ["".join(chars[at * 400 : at * 400 + 400]) for at in range(20)]
    kept = set(index_terms(texts))
    assert len(kept) == MAX_TERMS
    for text in texts:
        assert set(query_terms(text[:150])) <= kept
    assert cut_texts(texts, kept) == list(range(20))
    short = ["한빛센서", *texts[:2], "끝에 있는 짧은 글"]
    kept = set(index_terms(short))
    assert cut_texts(short, kept) == [] and len(kept) < MAX_TERMS and "한" in kept
    assert cut_texts(
        ["한빛센서", *texts, "끝에 있는 짧은 글"], set(index_terms(["한빛센서", *texts, "끝에 있는 짧은 글"]))
    ) == [*range(1, 21)]


def test_a_word_of_one_letter_beside_a_longer_one_needs_no_term_of_its_own() -> None:
    """In a long profile single letters have no place, and words are looked at in any case."""
    assert query_terms("비타민 C") == ["비타", "타민"] and query_terms("C") == ["c"]
