"""What models put around a translation goes; what belongs to the text stays."""

from __future__ import annotations

import datetime as dt

import pytest

from services.chassis.http.asking import retry_after_seconds
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


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 0 ", 1.0),
        ("999999", 3600.0),
        ("soon", None),
        ("-1", None),
        ("Thu, 04 Aug 2022 09:00:30 GMT", 30.0),
        ("Thu, 04 Aug 2022 08:00:00 GMT", 1.0),
        ("Thu, 04 Aug 2022 09:00:30", None),
    ],
)
def test_how_long_a_server_wants_to_be_left_alone(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, dt.datetime(2022, 8, 4, 9, tzinfo=dt.UTC)) == seconds
