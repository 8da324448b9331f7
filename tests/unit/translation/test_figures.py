"""Figures are read as what they mean, and compared so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.evaluation.figures import evaluate
from bench.evaluation.lines import lines
from services.translation.domain import comparing
from services.translation.domain.comparing import compare_figures
from services.translation.domain.figure import value_key
from services.translation.domain.figures import figures_in, normalised
from services.translation.domain.unit_names import NAMES
from services.translation.domain.unit_symbols import ENGLISH_NAMES, SYMBOLS
from services.translation.domain.units import unit_at
from tests.support.timing import cpu_seconds

PAIRS = [json.loads(line) for line in (Path(__file__).parent / "figure_pairs.jsonl").read_text().splitlines()]
LENGTH = "[length]"
AREA = "[length] ** 2"
POWER = "[mass] * [length] ** 2 / [time] ** 3"


def readings(text: str) -> list[tuple[str, str]]:
    """The first reading of each figure by name, so that a list of them can be read."""
    return [min(figure.readings) for figure in figures_in(normalised(text))]


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        # Nested multipliers, separators, numerals
        ("1.2万亿元", "CNY", 1.2e12),
        ("1조 2천억 원", "KRW", 1.2e12),
        ("3억 5천만 원", "KRW", 350_000_000),
        ("三千六百万元", "CNY", 36_000_000),
        ("1万2000个", "count", 12_000),
        ("1만 9,800위안", "CNY", 19_800),
        ("万亿元", "CNY", 1e12),
        ("1,234,567개", "count", 1_234_567),
        ("１０万台", "count", 100_000),
        ("스무 명", "count", 20),
        ("이천오백 명", "count", 2500),
        ("twenty-five", "count", 25),
        ("three hundred and fifty", "count", 350),
        ("half a million", "count", 500_000),
        ("壹佰贰拾个", "count", 120),
        # K, M, B and words
        ("$5M", "USD", 5_000_000),
        ("EUR 750k", "EUR", 750_000),
        ("RMB 360 million", "CNY", 360_000_000),
        # Units
        ("5千瓦", POWER, 5_000_000),
        ("50万千瓦", POWER, 500_000_000_000),
        ("2.5兆瓦", POWER, 2.5e9),
        ("25㎛", LENGTH, 25e-6),
        ("25微米", LENGTH, 25e-6),
        ("1,800㎡", AREA, 1800),
        ("121평", AREA, 400),
        ("20ppm", "ratio", 20e-6),
        # Shares of a whole
        ("百分之十五", "kept", 0.15),
        ("三成", "kept", 0.3),
        ("三分之一", "ratio", 1 / 3),
        ("3분의 1", "ratio", 1 / 3),
        ("两三", "count", 2),
        ("2%포인트", "points", 2),
        ("九五折", "discount", 0.05),
        # Signs, times, spans, ranks
        ("零下30度", "celsius", -30),
        ("영하 30도", "celsius", -30),
        ("오후 3시 30분", "clock", 15 * 60 + 30),
        ("下午三点半", "clock", 15 * 60 + 30),
        ("1시간 30분", "seconds", 5400),
        ("一年半", "months", 18),
        ("이틀", "seconds", 2 * 86400),
        ("第三季度", "quarter", 3),
        ("하반기", "half", 2),
        ("제2", "ordinal", 2),
        ("2nd", "day", 2),
        ("上世纪九十年代", "decade", 1990),
        ("수천 개", "vague", 1000),
    ],
)
def test_a_figure_is_read(written: str, kind: str, value: float) -> None:
    found = figures_in(normalised(written))
    assert len(found) == 1 and min(found[0].readings)[0] in {kind for kind, _ in found[0].readings}
    assert (kind, value_key(value)) in found[0].readings


@pytest.mark.parametrize(
    "date",
    [
        "2024년 3월 5일",
        "2024年3月5日",
        "2024. 3. 5.",
        "2024-03-05",
        "24.03.05",
        "March 5, 2024",
        "5 March 2024",
        "5th of Mar. 2024",
    ],
)
def test_a_date_is_the_same_in_every_notation(date: str) -> None:
    assert compare_figures("2024年3月5日", date).verdict == "equal"
    assert compare_figures("2024年5月3日", date).verdict == "different"


@pytest.mark.parametrize(
    "words",
    [
        "一站式服务",
        "进一步统一",
        "二氧化碳",
        "第三方检测",
        "四川大学",
        "三星电子",
        "千岛湖",
        "세계 시장",
        "두산",
        "구조 개선",
        "반도체 기반",
        "半导体",
        "May we help?",
    ],
)
def test_words_with_numerals_in_them_are_no_figures(words: str) -> None:
    assert [figure for figure in figures_in(normalised(words)) if figure.required] == []


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("당사는 2차전지용 분리막을 생산합니다.", "我司生产动力电池隔膜。"),
        ("4차 산업혁명", "第四次工业革命"),
        ("“十四五”期间", "제14차 5개년 계획 기간"),
        ("3D 스캔", "三维扫描"),
        ("5G", "5세대"),
        ("24/7 support", "全天候支持"),
        ("ISO9001认证", "ISO 9001 인증"),
    ],
)
def test_numbers_inside_terms_are_kept_and_not_counted(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "equal"


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("5G 모듈", "4G模组"),
        ("ISO 9001 인증", "ISO 14001认证"),
        ("4차 산업혁명", "第三次工业革命"),
        ("HB-200X", "HB-300X"),
    ],
)
def test_another_number_inside_a_term_is_found(source: str, target: str) -> None:
    assert compare_figures(source, target).verdict == "different"


def test_what_cannot_be_read_is_unsure_and_not_equal() -> None:
    """The same writing on both sides is the same, whatever it means."""
    assert compare_figures("12,5元", "12.5위안").verdict == "unsure"
    assert compare_figures("3×10^6", "300万").verdict == "unsure"
    assert compare_figures("3×10⁶", "3 x 10^6").verdict == "equal"
    assert compare_figures("9" * 40, "9" * 41).verdict == "unsure"


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: str(pair["source"])[:30])
def test_pairs_are_judged(pair: dict[str, Any]) -> None:
    assert (compare_figures(pair["source"], pair["target"]).verdict == "equal") == pair["right"]


def test_the_tuning_half_is_judged_by_the_flags_of_the_product() -> None:
    found = evaluate(lines("figures.tuning"))
    assert found["caught_share"] >= 0.98 and found["flagged_share"] <= 0.03
    assert sum(tag["pairs"] for tag in found["by_tag"].values()) == 220


GUARDS = [
    ("_is_turned", "35 MPa에서 70 MPa로 높였습니다.", "由70 MPa提高到35 MPa。"),
    ("_differ_in_manner", "수명은 최소 10만 회입니다.", "寿命最多10万次。"),
    ("_differ_in_manner", "전력을 1/5로 줄였습니다.", "功耗降低了五分之一。"),
    ("_periods_differ", "연간 6,000톤을 생산합니다.", "月产6000吨。"),
    ("_differ_in_manner", "매출이 10% 감소했습니다.", "销售额增长10%。"),
    ("_have_other_spans", "Reorders within a month.", "在一年内再次下单。"),
]


@pytest.mark.parametrize("is_guarded", [True, False])
@pytest.mark.parametrize(("guard", "source", "target"), GUARDS)
def test_equal_values_with_another_meaning_are_found(
    guard: str, source: str, target: str, is_guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_guarded:
        monkeypatch.setattr(comparing, guard, lambda *_: False)
    assert (compare_figures(source, target).verdict == "different") is is_guarded


def test_every_unit_of_the_tables_is_known_to_the_library() -> None:
    for name in (*NAMES, *SYMBOLS, *ENGLISH_NAMES):
        found = unit_at(name, 0)
        assert found is not None and found.end == len(name), name


@pytest.mark.parametrize(
    "part", ["1 ", "1-", "万", "1일 ", "two ", "1년 6개월 ", "第", "a year a week ", "24/7 ", "1,"]
)
def test_time_is_linear_in_the_length(part: str) -> None:
    def seconds(size: int) -> float:
        text = (part * size)[:size]
        return cpu_seconds(lambda: compare_figures(text, text[1:] + "7명"), looks=3)

    assert seconds(4000) < 0.01 + 7 * seconds(1000)
