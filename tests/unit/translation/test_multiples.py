"""To grow by two times in Chinese is to become three times as much."""

from __future__ import annotations

import pytest

from services.translation.domain.comparing import compare_figures


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("销售额增长了两倍。", "매출이 3배로 늘었습니다."),
        ("销售额增长了两倍。", "Sales tripled."),
        ("销售额增长1.5倍。", "매출이 2.5배로 증가했습니다."),
        ("销售额增长到两倍。", "매출이 2배로 늘었습니다."),
        ("销售额增长到两倍。", "Sales doubled."),
        ("销售额增至两倍。", "매출이 2배로 늘었습니다."),
        ("产量提高近三倍。", "생산량이 4배 가까이로 늘었습니다."),
        ("增加2至3倍。", "3~4배로 늘었습니다."),
        ("매출이 2배 증가했습니다.", "销售额增长2倍。"),
        ("销售额增长一倍。", "Sales doubled."),
        ("Output is 3 times higher.", "产量提高3倍。"),
        ("产量是去年的三倍。", "생산량은 작년의 3배입니다."),
    ],
)
def test_the_same_multiple_is_equal(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "equal"
    assert compare_figures(target, source).verdict == "equal"


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("销售额增长了两倍。", "매출이 2배로 늘었습니다."),
        ("销售额增长了两倍。", "Sales doubled."),
        ("销售额增长到两倍。", "매출이 3배로 늘었습니다."),
        ("销售额增长到三倍。", "Sales quadrupled."),
    ],
)
def test_another_multiple_is_found(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "different"
    assert compare_figures(target, source).verdict == "different"
