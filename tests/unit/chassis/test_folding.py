"""Texts that a reader takes for the same have one folded form."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.model import fold
from services.chassis.model.simplified import PAIRS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("傳感器與機器視覺", "传感器与机器视觉"),
        ("臺灣／台灣", "台湾/台湾"),
        ("爲 為 裏 裡 啓 啟 衆 眾 產 産 說 説", "为 为 里 里 启 启 众 众 产 产 说 说"),
        ("淸潔 靑色 硏究 窓戸 値", "清洁 青色 研究 窗户 值"),
        ("\uf914 \uf9e1 \uf9b1", "乐 李 铃"),  # compatibility ideographs
        ("⼈⼯", "人工"),  # radicals
        (unicodedata.normalize("NFD", "한빛 센서"), "한빛 센서"),
        ("ＬｉＤＡＲ　５Ｇ", "lidar 5g"),
        ("ｱﾙﾐ", "アルミ"),
        ("한\u200b빛\u00ad센\u2060서\ufe0f", "한빛센서"),
        ("㈜가람", "(주)가람"),
        ("Straße", "STRASSE"),
        ("乾燥 徵信 復合 識別", "干燥 征信 复合 识别"),
    ],
)
def test_what_reads_the_same_folds_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize("text", ["反半", "沈沉", "坏坯", "像象", "覆复"])
def test_what_is_another_word_in_simplified_chinese_stays_apart(text: str) -> None:
    assert fold(text[0]) != fold(text[1])


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_the_table_has_one_simplified_form_for_each_and_no_chains() -> None:
    table = {pair[0]: pair[1] for pair in PAIRS.split()}
    assert len(table) == len(PAIRS.split()) > 3500
    assert not set(table) & set(table.values())
