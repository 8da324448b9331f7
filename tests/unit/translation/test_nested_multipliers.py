"""Multipliers inside multipliers: thousands and hundreds before ten thousands are one number."""

from __future__ import annotations

import pytest

from services.translation.domain.comparing import compare_figures
from services.translation.domain.figure import value_key
from services.translation.domain.figures import figures_in, normalised


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("2천5백만 위안", "CNY", 25_000_000),
        ("2천 5백만 위안", "CNY", 25_000_000),
        ("2천 500만 위안", "CNY", 25_000_000),
        ("1천5백억 원", "KRW", 150_000_000_000),
        ("1千5百亿元", "CNY", 150_000_000_000),
        ("3천2백5십만 원", "KRW", 32_500_000),
        ("2억 3천5백만 원", "KRW", 235_000_000),
        ("1조 2천5백억 원", "KRW", 1.25e12),
        ("1천 만 원", "KRW", 10_000_000),
        ("3천500만 원", "KRW", 35_000_000),
        ("2만3500억 원", "KRW", 2.35e12),
        ("2万3500亿韩元", "KRW", 2.35e12),
        ("1만 2천억 위안", "CNY", 1.2e12),
        ("1万2千亿元", "CNY", 1.2e12),
        ("1万2000亿元", "CNY", 1.2e12),
        ("만 5천 원", "KRW", 15_000),
        ("만5천원", "KRW", 15_000),
        ("천5백 원", "KRW", 1500),
        ("三千多万元", "CNY", 30_000_000),
        ("三十多亿元", "CNY", 3_000_000_000),
        ("二十余万台", "count", 200_000),
    ],
)
def test_it_is_one_number(written: str, kind: str, value: float) -> None:
    found = figures_in(normalised(written))
    assert [(kind, value_key(value)) in one.readings for one in found] == [True]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("자본금 2천5백만 위안", "出资2500万元"),
        ("5천3백만 명", "5300万人"),
        ("1천5백억 원", "KRW 150 billion"),
        ("2조3500억 원", "2万3500亿韩元"),
        ("年产值三千多万元", "연 생산액 3,000여만 위안"),
        ("年产值三千多万元", "annual output of over RMB 30 million"),
        ("만 19세 이상", "19岁以上"),
        ("5만 2억 원", "5万，2亿韩元"),
        ("1.5万韩元", "만 5천 원"),
    ],
)
def test_a_right_translation_is_equal(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "equal"


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("2천5백만 위안", "20.05亿元"),
        ("3천2백만 원", "30.02亿韩元"),
        ("2万3500亿韩元", "2조 3천억 원"),
        ("三千多万元", "3,000여 위안"),
    ],
)
def test_another_value_is_found(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "different"
