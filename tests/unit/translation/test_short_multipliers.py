"""Beside money m, b, mn, bn, tn and k multiply; elsewhere m is a length."""

from __future__ import annotations

import pytest

from services.translation.domain.comparing import compare_figures

SAME = [
    ("250만 달러", "2.5m dollars"),
    ("250만 달러", "$2.5m"),
    ("250만 달러", "US$ 2.5 m"),
    ("250万美元", "2.5m US dollars"),
    ("250万美元", "2.5m USD"),
    ("2억 달러", "200 m dollars"),
    ("2억 달러", "200mn dollars"),
    ("300만 달러 투자", "a 3m-dollar investment"),
    ("30억 원", "3bn won"),
    ("50억 달러", "5b dollars"),
    ("3조 원", "3tn won"),
    ("5만 달러", "50k dollars"),
    ("5천만 위안", "50m yuan"),
    ("100만~250만 달러", "1-2.5m dollars"),
    ("100만~250만 달러", "1m-2.5m dollars"),
    ("100万至250万美元", "$1m to $2.5m"),
    ("높이 2.5m 컨베이어", "a 2.5m conveyor"),
    ("1.2m 유로 팔레트", "a 1.2m Euro pallet"),
    ("3m, 5달러", "3m, 5 dollars"),
    ("2.5m당 3달러", "3 dollars per 2.5m"),
]
OTHER = [
    ("250만 달러", "2.5bn dollars"),
    ("250만 달러", "2.5 dollars"),
    ("250만 달러", "25m dollars"),
    ("250만 달러", "2.5m won"),
    ("30억 원", "3m won"),
    ("길이 2.5m", "2.5m dollars long"),
    ("길이 250만 m", "2.5m long"),
]


@pytest.mark.parametrize(("source", "target"), SAME)
def test_a_short_multiplier_beside_money_is_read(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "equal"
    assert compare_figures(target, source).verdict == "equal"


@pytest.mark.parametrize(("source", "target"), OTHER)
def test_another_amount_or_a_length_is_found(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "different"
    assert compare_figures(target, source).verdict == "different"
