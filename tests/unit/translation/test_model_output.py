"""What models put around a translation goes; what belongs to the text stays."""

from __future__ import annotations

import pytest

from services.translation.domain.model_output import extract_translation

ORIGINAL = "라이다 파트너를 찾습니다."


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("寻找激光雷达伙伴。", "寻找激光雷达伙伴。"),
        ('"寻找激光雷达伙伴。"', "寻找激光雷达伙伴。"),
        ("「寻找激光雷达伙伴。」", "寻找激光雷达伙伴。"),
        ("```text\n寻找激光雷达伙伴。\n```", "寻找激光雷达伙伴。"),
        ("译文：寻找激光雷达伙伴。", "寻找激光雷达伙伴。"),
        ("**Translation:** We look for partners.", "We look for partners."),
        ("Sure! Here is the translation:\n\n“We look for partners.”", "We look for partners."),
        ("以下是译文：\n寻找激光雷达伙伴。", "寻找激光雷达伙伴。"),
        ("<think>라이다 means lidar\n</think>\n\n寻找激光雷达伙伴。", "寻找激光雷达伙伴。"),
        ("“合作”与“共赢”", "“合作”与“共赢”"),
        ("好的产品：激光雷达", "好的产品：激光雷达"),
        ("Here: at the fair", "Here: at the fair"),
        ('"', '"'),
        ("", ""),
    ],
)
def test_only_the_translation_stays(answer: str, text: str) -> None:
    assert extract_translation(answer, ORIGINAL) == text


@pytest.mark.parametrize(
    ("answer", "original"),
    [("“라이다”", "“LiDAR”"), ("번역: 두 언어", "Translation: two languages"), ("```\nx\n```", "```\ny\n```")],
)
def test_what_the_original_has_itself_stays(answer: str, original: str) -> None:
    assert extract_translation(answer, original) == answer
