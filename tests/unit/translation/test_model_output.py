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
        ("翻译如下：\n寻找激光雷达伙伴。", "寻找激光雷达伙伴。"),
        ("네, 번역은 다음과 같습니다:\n파트너를 찾습니다.", "파트너를 찾습니다."),
        ("다음은 번역문입니다:\n파트너를 찾습니다.", "파트너를 찾습니다."),
        ('"', '"'),
        ("", ""),
    ],
)
def test_only_the_translation_stays(answer: str, text: str) -> None:
    assert extract_translation(answer, ORIGINAL) == text


@pytest.mark.parametrize(
    "answer",
    [
        "以下是我公司的主要产品：\n- 半导体检测设备制造\n- 模组",
        "Here is what we supply (stock held in China, samples available):\n- wafers",
        "以下产品出口：\n一、芯片\n二、模组",
        "다음은 당사 제품입니다:\n반도체",
        "물론 저희가 찾는 파트너는 다음과 같습니다:\n대리점",
        "以下是我们的翻译服务：\n口译\n笔译",
        "다음은 당사의 번역 서비스입니다:\n통역",
        "Here are our translation services:\nKorean and Chinese",
    ],
)
def test_the_first_line_of_a_translation_stays(answer: str) -> None:
    """Only a line that announces a translation is none of it."""
    assert extract_translation(answer, ORIGINAL) == answer


@pytest.mark.parametrize(
    ("answer", "original"),
    [("“라이다”", "“LiDAR”"), ("번역: 두 언어", "Translation: two languages"), ("```\nx\n```", "```\ny\n```")],
)
def test_what_the_original_has_itself_stays(answer: str, original: str) -> None:
    assert extract_translation(answer, original) == answer
