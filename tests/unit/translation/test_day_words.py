"""Friday is not Monday, midnight not noon, and every second week not every week."""

from __future__ import annotations

import pytest

from services.translation.domain.comparing import compare_figures

SAME = [
    ("매주 월요일 10시", "每周一10点"),
    ("3월 15일(월)", "3月15日（周一）"),
    ("3월 15일(월)", "Monday, 15 March"),
    ("월요일부터 금요일까지", "周一至周五"),
    ("월요일부터 금요일까지", "weekdays from Monday to Friday"),
    ("일주일에 세 번", "每周三次"),
    ("주 1회 점검", "每周一次检查"),
    ("자정", "午夜"),
    ("정오", "中午"),
    ("밤 12시", "夜里12点"),
    ("낮 12시", "中午12点"),
    ("밤 11시", "晚上11点"),
    ("오후 7시", "晚上7点"),
    ("낮 1시", "13:00"),
    ("격주 회의", "隔周开会"),
    ("격월 발행", "Published bimonthly"),
    ("within 5 business days", "5个工作日内"),
    ("within 5 business days", "5영업일 이내"),
    ("연봉 5천만 원", "年薪5000万韩元"),
    ("연봉 5천만 원", "An annual salary of KRW 50 million"),
]
OTHER = [
    ("매주 월요일 10시", "每周五10点"),
    ("3월 15일(월)", "3月15日（周二）"),
    ("Every Monday at 10:00", "매주 금요일 10:00"),
    ("자정", "中午"),
    ("at noon", "자정에"),
    ("밤 12시", "中午12点"),
    ("격주 회의", "每周开会"),
    ("격월 발행", "每月出版"),
    ("within 5 business days", "5个自然日内"),
    ("연봉 5천만 원", "月薪5000万韩元"),
]


@pytest.mark.parametrize(("source", "target"), SAME)
def test_the_same_day_in_other_words_is_equal(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "equal"
    assert compare_figures(target, source).verdict == "equal"


@pytest.mark.parametrize(("source", "target"), OTHER)
def test_another_day_is_found(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "different"
    assert compare_figures(target, source).verdict == "different"
