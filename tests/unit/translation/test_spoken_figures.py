"""Figures as people write them in a hurry: ranges with one unit, numbers without their last multiplier."""

from __future__ import annotations

import pytest

from services.translation.domain.comparing import compare_figures

RIGHT = [
    # A range in front of its multiplier
    ("Revenue of USD 10-20 million", "매출 1천만~2천만 달러"),
    ("$10-20 million", "1000万至2000万美元"),
    ("US$10-20M", "1천만~2천만 달러"),
    ("KRW 10-20 billion", "100억~200억 원"),
    ("RMB 5-10 million", "500万-1000万元"),
    ("$300-500k", "30만~50만 달러"),
    ("USD 10 to 20 million", "1000万到2000万美元"),
    ("€2-3bn", "20亿至30亿欧元"),
    ("$10-20m", "1000万至2000万美元"),
    ("USD 10-20", "10~20달러"),
    ("USD 500-800", "500至800美元"),
    ("3~5억 원", "3亿至5亿韩元"),
    ("$5 and 20 million users", "5美元和2000万用户"),
    # Numbers without their last multiplier
    ("2억 5천 원 규모", "规模2.5亿韩元"),
    ("2억5천", "2亿5000万"),
    ("3억 2천5백 원", "3.25亿韩元"),
    ("1조 5천 원", "1.5万亿韩元"),
    ("2억 5천만 원", "2.5亿韩元"),
    ("1万5元", "1만 5천 위안"),
    ("3亿5元", "3억 5천만 위안"),
    ("2千5个", "2500개"),
    ("1만5천 명", "15,000 people"),
    ("一万五元", "1만 5천 위안"),
    ("1万零5个", "10,005개"),
    ("3만 20명", "3万，20名"),
    # Ordinary words
    ("3-in-1 charger", "三合一充电器"),
    ("3-in-1 charger", "3인1 충전기"),
    ("A two-in-one laptop", "二合一笔记本电脑"),
    ("1-on-1 meetings with buyers", "바이어와 1:1 상담"),
    ("1-on-1 meetings with buyers", "与采购商一对一洽谈"),
    ("1对1洽谈", "일대일 상담"),
    ("1-to-1 coaching", "1:1 코칭"),
    ("2024~25년 공급 계약", "2024至2025年供货合同"),
    ("2024-25 supply contract", "2024至2025年供货合同"),
    ("1999~02년 자료", "1999至2002年资料"),
    ("코로나19 진단키트", "新冠诊断试剂盒"),
    ("COVID-19 test kits", "新冠检测试剂盒"),
    ("$30m", "3000万美元"),
    ("€5m", "500万欧元"),
    ("£2.5m", "250万英镑"),
    ("FY2024", "2024 회계연도"),
    ("2024회계연도", "2024财年"),
    ("만원", "1万韩元"),
    ("만 원부터", "1万韩元起"),
    ("천원 상품", "1000韩元商品"),
    ("만원 버스", "拥挤的公交车"),
    ("A 30m cable", "30米电缆"),
]
WRONG = [
    ("Revenue of USD 10-20 million", "매출 10달러에서 2000만 달러"),
    ("USD 10-20 million", "10美元至2000万美元"),
    ("US$10-20M", "10~2천만 달러"),
    ("KRW 10-20 billion", "10원~200억 원"),
    ("$300-500k", "300달러~50만 달러"),
    ("$10-20m", "10달러~2천만 달러"),
    ("2억 5천 원 규모", "规模2.05亿韩元"),
    ("1万5元", "1만 5위안"),
    ("3亿5元", "3억 5위안"),
    ("1만5천 명", "10,500 people"),
    ("3-in-1 charger", "四合一充电器"),
    ("2024~25년 공급 계약", "2024至2026年供货合同"),
    ("$30m", "300万美元"),
    ("$30m", "30米"),
    ("FY2024", "2023 회계연도"),
    ("만원", "10万韩元"),
]


@pytest.mark.parametrize(("source", "target"), RIGHT)
def test_the_same_figure_in_another_notation_is_equal(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "equal"
    assert compare_figures(target, source).verdict == "equal"


@pytest.mark.parametrize(("source", "target"), WRONG)
def test_another_figure_in_such_a_notation_is_found(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "different"
    assert compare_figures(target, source).verdict == "different"
