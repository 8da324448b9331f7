"""A △ or ▲ before money or a rate of an account is a minus; as a bullet it says nothing."""

from __future__ import annotations

import pytest

from services.translation.domain.comparing import compare_figures

SAME = [
    ("영업이익 △3억 원", "营业利润-3亿韩元"),
    ("영업이익 ▲3억 원", "营业利润为负3亿韩元"),
    ("영업이익 △ 3억 원", "营业利润△3亿韩元"),
    ("영업이익 △3억 원", "营业亏损3亿韩元"),
    ("영업이익 △3억 원", "an operating loss of KRW 300 million"),
    ("영업이익: △3억 원", "Operating profit: -KRW 300 million"),
    ("당기순이익은 △1,200만 원", "净利润为-1200万韩元"),
    ("영업이익 △300", "营业利润-300"),
    ("영업손실 3억 원", "营业利润-3亿韩元"),
    ("성장률 △5.2%", "增长率-5.2%"),
    ("성장률 △5.2%", "a decline of 5.2%"),
    ("매출 100억 원(△12%)", "sales of KRW 10 billion (-12%)"),
    ("매출 100억 원(▲12%)", "销售额100亿韩元（增长12%）"),
    ("매출 100억 원(▲12%)", "销售额100亿韩元（下降12%）"),
    ("환율 ▼5원", "汇率下跌5韩元"),
    ("▲3억 원 투자 ▲10개사 지원", "投资3亿韩元，支持10家企业"),
    ("△3개 센터 △5개 연구소", "3个中心、5个研究所"),
    ("△30% 할인 △3개월 무료", "优惠30%、免费3个月"),
    ("▲2024.3.15 개최 ▲1:1 상담", "2024年3月15日举办，1对1洽谈"),
    ("영업이익 (3억) 원", "营业利润3亿韩元"),
    ("순이익은 약 30억 원", "a net profit of about KRW 3 billion"),
    ("적자 30억 원", "亏损30亿韩元"),
    ("영업손실 30억 원", "an operating loss of KRW 3 billion"),
    ("손익 30억 원", "盈亏30亿韩元"),
    ("이익 공유 30억 원", "利润分享30亿韩元"),
]
OTHER = [
    ("영업이익 △3억 원", "营业利润3亿韩元"),
    ("영업이익 ▲3억 원", "operating profit of KRW 300 million"),
    ("영업이익 △3억 원", "营业利润-30亿韩元"),
    ("영업이익 △300", "营业利润300"),
    ("2023년 영업이익 △3억 원, 2024년 5억 원", "2023年营业利润3亿韩元，2024年5亿韩元"),
    ("성장률 △5.2%", "增长率5.2%"),
    ("성장률 -5.2%", "增长5.2%"),
    ("매출 100억 원(△12%)", "sales of KRW 10 billion (+12%)"),
    ("영업이익 30억 원", "营业亏损30亿韩元"),
    ("순이익은 약 30억 원", "a net loss of about KRW 3 billion"),
    ("赤字3亿元", "흑자 3억 위안"),
    ("영업손실 3억 원", "营业利润3亿韩元"),
]


@pytest.mark.parametrize(("source", "target"), SAME)
def test_a_mark_of_a_loss_is_a_minus(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "equal"
    assert compare_figures(target, source).verdict == "equal"


@pytest.mark.parametrize(("source", "target"), OTHER)
def test_a_loss_that_became_a_profit_is_found(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "different"
    assert compare_figures(target, source).verdict == "different"
