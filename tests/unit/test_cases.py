"""Inputs of the list of cases that people met (docs/cases.md), as they stand there, where no other test has them."""

from __future__ import annotations

import pytest

from schemas.common import Text
from services.chassis.model import clean, public_text
from services.translation.domain.quality import failed_checks
from services.translation.engines.glossary import read_glossary

GLOSSARY = read_glossary()


@pytest.mark.parametrize(
    "text",
    ["mAP@0.5", "5000mAh@0.2C", "-97dBm@2.4GHz", "voice-core@2.4.1", "25 kg @ 6.80 USD"],
)
def test_k1_a_value_at_a_condition_is_taken(text: str) -> None:
    assert public_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "联系手机13800138000，微信同号",
        "문의는 0315550123으로",
        "8613800138000",
        "138 001 38000",
        "010,1234,5678",
        "VX wangwei88",
        "加V：wangwei88",
        "https://t.me/wangwei88",
        "t.me/wangwei88",
        "https://u.wechat.com/kABCdefGHIjk",
    ],
)
def test_k2_a_way_to_reach_a_person_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="at character"):
        public_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "1600-2000평",
        "1800-2400 kWh",
        "TR-1800-2400",
        "ISSN 1599-1873",
        "02. 2024-2026 로드맵",
        "양산 라인: SMT-3",
        "카카오톡: API 연동",
        "微信：WeCom",
    ],
)
def test_k3_a_range_a_code_or_a_heading_is_taken(text: str) -> None:
    assert public_text(text) == text


@pytest.mark.parametrize(
    ("source", "lang", "target", "into"),
    [
        ("总投资1.2万亿元。", "zh", "총투자액은 1.2만 위안입니다.", "ko"),
        ("We raised $5M last year.", "en", "작년에 5달러를 투자받았습니다.", "ko"),
        ("28 GHz 대역 안테나를 만듭니다.", "ko", "We make antennas for the 28 MHz band.", "en"),
        ("정제 한 알에 10 mg이 들어 있습니다.", "ko", "每片含有10克。", "zh"),
    ],
)
def test_k4_a_wrong_figure_is_flagged(source: str, lang: str, target: str, into: str) -> None:
    assert {"numbers", "units", "figures_unsure"} & set(
        failed_checks(Text(lang=lang, text=source), Text(lang=into, text=target), GLOSSARY)
    )


@pytest.mark.parametrize(
    ("sent", "stored"),
    [("첫째\r\n둘째", "첫째\n둘째"), ("가격\t100", "가격 100"), ("\uf0b7 반도체 장비", "• 반도체 장비")],
)
def test_k8_what_word_processors_paste_is_normalised(sent: str, stored: str) -> None:
    assert clean(sent, lines=True) == stored


@pytest.mark.parametrize(
    "text",
    [
        "+82 10 1234 5678",
        "82-10-1234-5678",
        "02-1234-5678",
        "031) 123-4567",
        "1588-1234",
        "０１０－１２３４－５６７８",
        "138 0013 8000",
        "021 6234 5678",
    ],
)
def test_d6_a_telephone_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="phone number at character 1"):
        public_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-15 12",
        "00123456789 건",
        "192.168.10.101",
        "1,500,000,000원",
        "120-81-47521",
        "91330100799655058B",
    ],
)
def test_d6_a_date_an_address_or_a_firms_number_is_taken(text: str) -> None:
    assert public_text(text) == text
