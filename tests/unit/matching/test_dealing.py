"""What makes strangers fit and silences partners, by its kind: common words and abbreviations that two texts share,
terms of trade, ended offers, what goods do not do, wishes. Of `dealing.tsv`, `tuning` was looked at while the rules
were written, `apart` and `later` were not, but one hand wrote texts and rules; `later` came last, and some of its words
were added to the lists since."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

from bench.evaluation.fits import Fits, indexed
from bench.evaluation.matching import score
from schemas.common import Text
from services.matching.domain.speech import is_wish
from services.matching.embedders import TwoEncoders
from services.matching.encoder import SAYS_SOMETHING, Encoder, read_common_words
from services.matching.settings import MatchingSettings

LINES = [line.split("\t") for line in Path(__file__).with_name("dealing.tsv").read_text(encoding="utf-8").splitlines()]
KNOWN_WRONG = {("tuning", "words"): 1, ("later", "words"): 2, ("tuning", "ended"): 1, ("apart", "goods"): 1}
"""Strangers that still fit, in English on both sides, and two English offers that are taken for denials."""
KINDS = {key: [line[2:] for line in lines] for key, lines in groupby(LINES, lambda line: (line[0], line[1]))}


@cache
def encoder() -> Encoder:
    return Encoder(TwoEncoders())


@cache
def fits() -> Fits:
    return Fits(encoder().scorer())


def text(said: str) -> Text:
    lang = "ko" if re.search("[가-힣]", said) else "zh" if re.search("[\u4e00-\u9fff]", said) else "en"
    return Text(lang=lang, text=said)


def value(need: str, offer: str) -> float:
    asked, given = encoder().encode([text(need), text(offer)])
    return score(fits(), indexed("need", "product", need, asked), indexed("offer", "product", offer, given))


def weight(said: str) -> float:
    return max(one.weight for one in encoder().encode([text(said)])[0].statements)


def is_right(expected: str, texts: list[str]) -> bool:
    if expected in ("low", "high"):
        need, offer = texts
        return (value(need, offer) >= MatchingSettings().minimum_score) is (expected == "high")
    if expected in ("weak", "says"):
        return (weight(texts[0]) >= SAYS_SOMETHING) is (expected == "says")
    return is_wish(texts[0]) is (expected == "wish")


def wrong(half: str, kind: str) -> Iterator[str]:
    for expected, *texts in KINDS[half, kind]:
        if not is_right(expected, texts):
            yield f"{expected}: {' | '.join(texts)}"


@pytest.mark.parametrize(("half", "kind"), KINDS)
def test_what_only_looks_alike_does_not_fit_and_what_is_offered_counts(half: str, kind: str) -> None:
    found = list(wrong(half, kind))
    assert len(found) <= KNOWN_WRONG.get((half, kind), 0), found


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("We look for LiDAR, Type-C and NCM811 parts.", ["lidar", "type-c", "ncm811"]),
        ("It connects to EtherCAT and Profinet in our plant", ["ethercat", "profinet"]),
        ("Smart Farm Sensors Of The Future", []),
        ("Partner wanted. Korean market.", []),
        ("WE SUPPLY BATTERIES FOR ROBOTS", []),
        ("GEAR PUMPS", []),
        ("HEALTH FOODS", []),
        ("LED LAMPS", ["led"]),
        ("DURAN", ["duran"]),
        ("Bottles of DURAN glass", ["duran"]),
        ("사과 10 kg/box, EA, min", []),
        ("티셔츠 S M L XL, color Red Blue", []),
        ("Innovation and Passion for Better Life", []),
        ("Copyright 2024. All rights reserved", []),
        ("CDMO服务", ["cdmo"]),
        ("CE, FDA, ISO 9001 인증 및 CAN 통신 지원, www.maker.com 참고", ["can"]),
        ("提供AI、IoT平台，支持ROS2", ["ros2"]),
    ],
)
def test_a_name_looks_like_one_and_is_not_of_any_trade(said: str, names: list[str]) -> None:
    assert read_common_words().names(said) == names


@pytest.mark.parametrize(
    "said",
    [
        *(
            "CDMO服务",
            "3PL服务",
            "EMS manufacturing",
            "Staff training",
            "企业培训",
            "기업 교육",
            "수출상담회",
            "CDMO",
            "CMO",
            "EMS",
            "3PL",
        ),
        *("무역 설명회 안내", "Red ginseng", "Import agent for Korean brands"),
    ],
)
def test_a_service_of_trade_is_one(said: str) -> None:
    assert not read_common_words().says_nothing(said)


@pytest.mark.parametrize(
    "said",
    [
        *(
            "무료 샘플 제공",
            "OEM",
            "품명 규격 수량 단가 비고",
            "품목",
            "모델명",
            "产品名称",
            "型号",
            "起订量",
            "Item Qty Unit Price Remarks",
        ),
        *(
            "序号 名称 规格 单价 备注",
            "序號 名稱 規格 單價 備註",
            "Model",
            "Minimum order: 10 kg",
            "Looking for an import agent for the Korean market",
            "품목 규격 재질",
        ),
    ],
)
def test_terms_of_trade_and_headings_of_tables_say_nothing(said: str) -> None:
    assert read_common_words().says_nothing(said)


@pytest.mark.parametrize(
    ("said", "content"),
    [
        ("CE, KC 인증을 받은 어린이 카시트를 찾습니다.", "어린이 카시트를 찾습니다."),
        ("CE 인증 대행 서비스를 제공합니다", "인증 대행 서비스를 제공합니다"),
        ("利用AI和IoT的钢铁缺陷检测。", "钢铁缺陷检测。"),
        ("We need titanium fasteners for robots.", "titanium fasteners robots."),
        ("B2B", "B2B"),
        ("수성 도료", "수성 도료"),
    ],
)
def test_what_is_compared_is_what_tells_the_field(said: str, content: str) -> None:
    assert read_common_words().content(said) == content
