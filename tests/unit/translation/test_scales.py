"""Scales, tolerances, ages and names with numerals are what they say."""

from __future__ import annotations

import pytest

from services.translation.domain.comparing import compare_figures

SAME = [
    ("섭씨 25도", "25摄氏度"),
    ("섭씨 25도", "25 °C"),
    ("섭씨 25도", "摄氏25度"),
    ("화씨 77도", "华氏77度"),
    ("25도에서 보관", "在25度保存"),
    ("20대 소비자를 겨냥", "Aimed at consumers in their 20s"),
    ("20~30대", "people in their 20s and 30s"),
    ("1990년대", "the 90s"),
    ("공차 ±0.05mm로 가공", "加工公差±0.05毫米"),
    ("공차 ±0.05mm로 가공", "加工公差0.05毫米"),
    ("±3%", "a tolerance of 3%"),
    ("±3%", "±3%"),
    ("三只松鼠和第四范式", "싼즈쑹수와 포스패러다임"),
    ("双11促销", "광군제 프로모션"),
    ("3자 물류", "第三方物流"),
    ("3PL 서비스", "第三方物流服务"),
    ("365일 24시간 운영", "全年365天24小时运营"),
    ("24시간 365일", "24 hours a day, 365 days a year"),
]
OTHER = [
    ("섭씨 25도", "华氏25度"),
    ("화씨 77도", "摄氏77度"),
    ("2020년대를 겨냥", "consumers in their 20s"),
    ("두께 ±0.05mm", "厚度0.05毫米"),
    ("온도 변화 ±3%", "温度变化3%"),
]


@pytest.mark.parametrize(("source", "target"), SAME)
def test_the_same_in_other_words_is_equal(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "equal"
    assert compare_figures(target, source).verdict == "equal"


@pytest.mark.parametrize(("source", "target"), OTHER)
def test_another_meaning_is_found(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "different"
    assert compare_figures(target, source).verdict == "different"
