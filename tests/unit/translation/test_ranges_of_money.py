"""Ranges of which the first number leaves out what the last one says, and terms in the other order."""

from __future__ import annotations

import pytest

from services.translation.domain.comparing import compare_figures

SAME = [
    ("8억~10억 달러", "USD 800-1 billion"),
    ("8亿至10亿美元", "$800 - 1 billion"),
    ("9억~12억 달러", "USD 900-1.2 billion"),
    ("8억~10억 달러", "USD 800m-1bn"),
    ("1000万至2000万美元", "USD 10-20 million"),
    ("5억~10억 원", "500 to 1 billion won"),
    ("5000~1억 원", "5000万至1亿韩元"),
    ("5천~1억 원", "5000万至1亿韩元"),
    ("500명~1만 명", "500至1万人"),
    ("1만5~2만 위안", "15,000 to 20,000 yuan"),
    ("1만5~2만 위안", "1万5至2万元"),
    ("1만5천~2만 위안", "1.5万至2万元"),
    ("1만5에서 2만 위안", "1.5万至2万元"),
    ("1억5~2억 원", "1.5亿至2亿韩元"),
    ("1만5개", "10,005 items"),
    ("24시간, 365일 대응", "24/7 support"),
    ("24시간·365일 대응", "7×24小时响应"),
    ("365일 24시간 운영", "24小时365天运营"),
    ("24시간 365일", "365 days a year, 24 hours a day"),
    ("하루 24시간, 연중 365일", "365天每天24小时"),
    ("주 7일 24시간", "24 hours a day, 7 days a week"),
    ("24시간 365일", "24/7/365"),
    ("24시간 365일", "365天全天候"),
]
OTHER = [
    ("8억~10억 달러", "USD 80-1 billion"),
    ("8억~10억 달러", "USD 800-1 million"),
    ("800美元至10亿美元", "USD 800-1 billion"),
    ("1만5~2만 위안", "10,005 to 20,000 yuan"),
    ("1만5천~2만 위안", "10,500 to 20,000 yuan"),
    ("24시간 365일", "12小时365天"),
    ("24시간 365일", "24小时360天"),
]


@pytest.mark.parametrize(("source", "target"), SAME)
def test_what_is_left_out_is_understood(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "equal"
    assert compare_figures(target, source).verdict == "equal"


@pytest.mark.parametrize(("source", "target"), OTHER)
def test_another_range_is_found(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "different"
    assert compare_figures(target, source).verdict == "different"
