"""Ten and some more is not dozens; 백여 and 삼 년 are figures."""

from __future__ import annotations

import pytest

from services.translation.domain.comparing import compare_figures

SAME = [
    ("与十几家企业合作", "10여 개 기업과 협력"),
    ("与十几家企业合作", "Works with a dozen companies"),
    ("10여 개국에 수출", "出口到十几个国家"),
    ("十几万台", "10여만 대"),
    ("십수 년간의 연구", "十几年的研究"),
    ("与几十家企业合作", "수십 개 기업과 협력"),
    ("与几十家企业合作", "Works with dozens of companies"),
    ("십여 개 업체", "十余家企业"),
    ("십여 개 업체", "over ten companies"),
    ("특허 백여 건 보유", "拥有一百多项专利"),
    ("백여 개", "more than 100"),
    ("천여 명이 참가", "一千余人参加"),
    ("만여 명이 참가", "一万多人参加"),
    ("삼 년", "三年"),
    ("오 년간 연구", "研究五年"),
    ("일 년 반", "一年半"),
    ("두 달 반", "两个半月"),
    ("이 년 만에", "时隔两年"),
    ("부천여성회관", "富川女性会馆"),
    ("이 개발자는", "这位开发者"),
]
OTHER = [
    ("与十几家企业合作", "수십 개 기업과 협력"),
    ("与十几家企业合作", "Works with dozens of companies"),
    ("与几十家企业合作", "10여 개 기업과 협력"),
    ("특허 백여 건 보유", "拥有专利"),
    ("천여 명이 참가", "一百余人参加"),
    ("삼 년 보증", "五年质保"),
]


@pytest.mark.parametrize(("source", "target"), SAME)
def test_about_as_much_is_equal(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "equal"
    assert compare_figures(target, source).verdict == "equal"


@pytest.mark.parametrize(("source", "target"), OTHER)
def test_another_size_is_found(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "different"
    assert compare_figures(target, source).verdict == "different"
