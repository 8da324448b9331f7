"""A measure in another unit may be rounded where the text says that it is."""

from __future__ import annotations

import pytest

from services.translation.domain.comparing import compare_figures

SAME = [
    ("부지 3,000평", "用地约9900平方米"),
    ("부지 3,000평", "用地约9917平方米"),
    ("부지 3,000평", "用地9917平方米"),
    ("부지 3,000평", "用地约1万平方米"),
    ("부지 3,000평", "用地9900多平方米"),
    ("부지 3,000평", "面积9917平方米左右"),
    ("부지 3,000평", "a site of about 9,900 square meters"),
    ("占地50亩", "약 3만 3천㎡"),
    ("占地50亩", "1만여 평"),
    ("占地200亩", "약 13만 3천㎡"),
    ("占地约200亩", "about 13.3 hectares"),
    ("330㎡", "약 100평"),
    ("3,000평 이상", "约9900平方米以上"),
    ("10 miles", "约16公里"),
]
OTHER = [
    ("부지 3,000평", "用地约99平方米"),
    ("부지 3,000평", "用地约3000平方米"),
    ("부지 3,000평", "用地约990平方米"),
    ("부지 3,000평", "用地约9200平方米"),
    ("부지 3,000평", "用地9900平方米"),
    ("부지 3,000평", "签约9900平方米"),
    ("占地50亩", "약 3천㎡"),
    ("占地50亩", "약 50㎡"),
    ("占地200亩", "약 20만㎡"),
    ("약 3,000㎡", "约3100㎡"),
    ("약 3,000평", "约3,010坪"),
    ("3,000평 이상", "约9900平方米以下"),
]


@pytest.mark.parametrize(("source", "target"), SAME)
def test_a_rounded_measure_is_the_same(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "equal"
    assert compare_figures(target, source).verdict == "equal"


@pytest.mark.parametrize(("source", "target"), OTHER)
def test_another_measure_is_found(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "different"
    assert compare_figures(target, source).verdict == "different"


def test_a_table_of_other_measures_is_different() -> None:
    """More than a text has of roundings: they are not tried with each other."""
    assert compare_figures("3,000평 " * 300, "约9900平方米 " * 300).verdict == "different"
