"""A text is its statements, and each weighs what it says."""

from __future__ import annotations

import numpy as np
import pytest

from schemas.common import Text
from services.matching.domain.indexed_profile import (
    MIN_WEIGHT,
    WISH_SHARE,
    EncodedStatement,
    IndexedEntry,
    packed,
)
from services.matching.domain.statements import MAX_CHARACTERS, MAX_STATEMENTS, spans, statements
from services.matching.embedders import SentenceEncoder
from services.matching.encoder import Encoder

INTRODUCTION = "당사는 2009년에 설립되어 임직원 120명이 근무하는 강소기업이며 2023년 매출은 350억 원입니다."
OFFER = "자율주행 차량용 라이다 센서의 신호 처리 기술을 이전합니다."
DENIED = "라이다 신호 처리 기술은 외부에 이전하지 않습니다."
WISH = "자율주행용 라이다 센서를 구매하려고 공급사를 찾습니다."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "1) 라이다 센서 공급\n2) 신호처리 SW 이전. 문의 환영!",
            ["라이다 센서 공급", "신호처리 SW 이전.", "문의 환영!"],
        ),
        (
            "我们提供激光雷达；年产10万台，v2.0.1版本。欢迎合作",
            ["我们提供激光雷达", "年产10万台，v2.0.1版本。", "欢迎合作"],
        ),
        ("We sell LiDAR 2.4 kg. Samples ship in 5 days.", ["We sell LiDAR 2.4 kg.", "Samples ship in 5 days."]),
        ("• 배터리 팩\r\n- 모터 제어기\n\n같은 줄\n같은 줄", ["배터리 팩", "모터 제어기", "같은 줄"]),
        ("12", ["12"]),
        (
            "공급 품목\n- 라이다\n- 배터리\n- 로봇\n- 차량용 카메라 모듈",
            ["공급 품목", "라이다", "배터리", "로봇", "차량용 카메라 모듈"],
        ),
        ("主营产品：\n• 激光雷达\n• 电池\n• 机器人", ["主营产品", "激光雷达", "电池", "机器人"]),
        ("We offer: LED; EV; lidar sensors; a; b2; of", ["We offer: LED", "EV", "lidar sensors"]),
        ("Hanbit Co., Ltd. offers automotive lidar.", ["Hanbit Co., Ltd. offers automotive lidar."]),
        ("We are Hanbit Co., Ltd. We offer lidar.", ["We are Hanbit Co., Ltd.", "We offer lidar."]),
        ("Led by Dr. Kim of Seoul Nat. Univ. we sell.", ["Led by Dr. Kim of Seoul Nat. Univ. we sell."]),
        ("Sensors, e.g. lidar. No. 1 in Korea.", ["Sensors, e.g. lidar.", "No. 1 in Korea."]),
        ("U.S. market entry partner wanted. Call us.", ["U.S. market entry partner wanted.", "Call us."]),
        ("We sell to the casino. The chips are ours.", ["We sell to the casino.", "The chips are ours."]),
        ("라이다를 공급합니다. lidar 센서도 있습니다.", ["라이다를 공급합니다.", "lidar 센서도 있습니다."]),
    ],
)
def test_sentences_items_and_lines_are_statements(text: str, found: list[str]) -> None:
    assert statements(text) == found
    assert [text[start:end] for start, end in spans(text)] == found


def test_long_texts_have_bounded_statements() -> None:
    text = "가나다라마바사 " * 2000
    assert len(statements(text)) <= MAX_STATEMENTS
    assert max(map(len, statements(text))) <= MAX_CHARACTERS


def test_a_packed_vector_is_off_by_half_a_step_at_most() -> None:
    vectors = np.stack([np.linspace(-0.2, 0.1, 512, dtype=np.float32), np.zeros(512, np.float32)])
    said = IndexedEntry(
        **dict.fromkeys(("id", "kind", "text_id", "encoder"), "x"),
        side="need",
        vector=b"",
        hubness=0,
        grams=b"",
        statements=[EncodedStatement(start=0, end=1, weight=1, vector=packed(one), hubness=0) for one in vectors],
    ).said
    assert np.abs(said.vectors * said.scales[:, None] - vectors).max() <= 0.2 / 127 / 2 + 1e-6


def test_an_introduction_weighs_little_a_denial_nothing_and_a_wish_is_no_offer() -> None:
    encoder = Encoder(SentenceEncoder())
    encoded = encoder.encode([Text(lang="ko", text="\n".join((INTRODUCTION, OFFER, DENIED, WISH)))])[0]
    introduced, offered, denied, wished = encoded.statements
    assert introduced.weight < 0.3 < 0.7 < offered.weight and denied.weight == pytest.approx(MIN_WEIGHT)
    assert wished.is_wish and not offered.is_wish
    weights = {}
    for side in ("offer", "need"):
        entry = IndexedEntry(id=side, side=side, kind="product", text_id="t", **encoded.model_dump())
        weights[side] = entry.said.weights[3]
    assert weights["offer"] == pytest.approx(WISH_SHARE * weights["need"])
