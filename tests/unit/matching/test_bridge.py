"""The Sino-Korean bridge: one word, written in two scripts."""

from __future__ import annotations

import unicodedata

import pytest

from services.chassis.model import fold
from services.matching.domain.bridge import Bridge, as_initial
from services.matching.encoder import read_readings, read_texts

READINGS = read_readings()
BRIDGE = Bridge.over(READINGS, (text.text for text in read_texts()))


def likeness(a: str, b: str) -> float:
    mine, theirs = (BRIDGE.weighted(BRIDGE.grams(text)) for text in (a, b))
    return float(BRIDGE.likenesses(mine, [theirs])[0])


@pytest.mark.parametrize(
    ("korean", "chinese"),
    [
        ("반도체", "半导体"),
        ("자동차 부품", "汽车零部件，自动车部品"),
        ("공동 연구", "共同研究"),
        ("인공지능", "人工智能"),
        ("의료기기 인증", "医疗器械认证"),
        ("투자 협력", "投资协力"),
        ("노동력", "劳动力"),  # 로 and 노, 력 and 역: the initial-sound law
        ("５Ｇ 통신 LiDAR", "5G通信 lidar"),
    ],
)
def test_words_of_chinese_origin_meet(korean: str, chinese: str) -> None:
    assert likeness(korean, chinese) > 0.2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("半導體設備", "반도체 설비"),
        ("傳感器與機器視覺", "传感器与机器视觉"),
        ("\uf9e1\uf914", "李乐"),  # compatibility ideographs
        (unicodedata.normalize("NFD", "반도체"), "半导体"),
        ("淸淨 硏究", "청정 연구"),  # as Korean prints them
        ("田畓", "전답"),
    ],
)
def test_every_way_to_write_the_same_meets(one: str, other: str) -> None:
    assert likeness(one, other) > 0.3


@pytest.mark.parametrize("character", "倣値姪尙屛愼慙擧敍槪氷汚淸畓硏窓竝粧緖郞鄕鑛隷靑飜飮鬪傳電導體裏爲徵乾")
def test_characters_of_schoolbooks_are_known_in_the_form_that_korea_prints(character: str) -> None:
    assert fold(character) in READINGS


@pytest.mark.parametrize(
    ("characters", "readings"),
    [
        ("效率 引率", "효율 인솔"),
        ("變更 更新", "변경 갱신"),
        ("音樂 娛樂", "음악 오락"),
        ("貿易 簡易", "무역 간이"),
        ("識別 標識", "식별 표지"),
        ("復舊 復活", "복구 부활"),
        ("音乐 娱乐", "음악 오락"),
        ("识别 标识", "식별 표지"),
        ("复旧 复活", "복구 부활"),
        ("說明 遊說", "설명 유세"),
        ("乾燥 干涉", "건조 간섭"),
    ],
)
@pytest.mark.parametrize("guarded", [True, False])
def test_a_character_with_several_readings_meets_all_of_them(
    characters: str, readings: str, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr("services.matching.domain.bridge.FURTHER_READINGS", {})
    meet = [likeness(*pair) > 0.3 for pair in zip(characters.split(), readings.split(), strict=True)]
    assert all(meet) is guarded


@pytest.mark.parametrize(("korean", "chinese"), [("로봇", "机器人"), ("배터리", "电池"), ("식품", "半导体")])
def test_loan_words_and_other_words_do_not(korean: str, chinese: str) -> None:
    assert likeness(korean, chinese) == 0.0


def test_what_every_text_says_weighs_less() -> None:
    common, rare = "기업 협력", "광학 감지"
    both = likeness(f"{common} {rare}", "企业合作 光学感知"), likeness(f"{common} {rare}", "企业协力 合作")
    assert both[0] > both[1]


def test_it_is_the_same_from_both_sides_and_empty_text_is_nothing() -> None:
    assert likeness("반도체 장비", "半导体设备") == likeness("半导体设备", "반도체 장비")
    assert likeness("", "半导体") == likeness("、。", "!?") == 0.0


def test_syllables_are_compared_as_at_a_words_beginning() -> None:
    assert [as_initial(s) for s in ("력", "로", "녀", "님", "각", "x", "量")] == [
        "역",
        "노",
        "여",
        "임",
        "각",
        "x",
        "量",
    ]


def test_the_readings_cover_the_characters_of_the_forum() -> None:
    assert len(READINGS) > 6500
    assert {c: READINGS[c] for c in "半导体电动汽车"} == dict(zip("半导体电动汽车", "반도체전동기차", strict=True))
