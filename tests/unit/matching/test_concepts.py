"""What two texts name is the same thing in any language, and the shipped list of it holds together."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from services.matching.domain.concepts import MAX_NAMED, Concepts, Rarity, concept, shared
from services.matching.domain.pair_model import FEATURES
from services.matching.encoder import read_concepts
from services.matching.trained import REFERENCE, load

LINES = [line for line in (REFERENCE / "concepts.tsv").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
SHIPPED = read_concepts()
BATTERIES = Concepts(
    map(
        concept,
        [
            "배터리;전지\t电池\tbattery",
            "고체\t固体;固态\tsolid",
            "전고체 배터리;전고체전지\t固态电池\tsolid-state battery",
        ],
    )
)
TEXTS = {
    "ko": "전고체 배터리용 황화물계 고체전해질 분말을 공급합니다",
    "zh": "求购用于固态电池的硫化物固体电解质粉体",
    "en": "We buy sulfide solid electrolyte powder for a solid-state battery",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_a_text_names_is_the_same_in_every_language(text: str) -> None:
    assert {"solid electrolyte", "solid-state battery", "sulfide", "powder", "battery"} <= SHIPPED.found(text)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("뿌리혹병에 강한 배추 품종", "选育抗根肿病的大白菜新品种"),
        ("유리 기판 연마용 세리아 슬러리", "玻璃抛光用氧化铈抛光液"),
        ("치과용 지르코니아 블록", "牙科氧化锆瓷块"),
        ("노인 돌봄 로봇", "elder care robots"),
    ],
)
def test_an_offer_and_a_need_name_the_same_without_a_common_word(a: str, b: str) -> None:
    assert SHIPPED.found(a) & SHIPPED.found(b)


def test_a_part_is_there_with_the_whole_if_two_languages_say_so() -> None:
    assert BATTERIES.found("전고체전지") == {"battery", "solid", "solid-state battery"}
    # Only Chinese writes a solar cell with the word for a battery.
    lines = ["배터리\t电池\tbattery", "태양광 셀\t太阳能电池\tsolar cell"]
    assert Concepts(map(concept, lines)).found("太阳能电池") == {"solar cell"}


def test_what_both_name_is_told_without_its_parts_and_in_the_readers_language() -> None:
    both = sorted(BATTERIES.both_name("고체 배터리와 전고체전지", "固态电池"))
    assert both == ["solid-state battery"] and not BATTERIES.both_name("배터리", "固体")
    assert [BATTERIES.label(both[0], lang) for lang in ("ko", "zh", "en")] == [
        "전고체 배터리",
        "固态电池",
        "solid-state battery",
    ]


CIRCLE = ["가나다;라마\t甲乙丙;丁戊\tone", "가나;라마바\t甲乙;丁戊己\tother", "나다\t乙丙\tthird"]


@pytest.mark.parametrize("asked", [*permutations(["one", "other", "third"])], ids="-".join)
def test_parts_are_the_same_whichever_was_asked_for_first(asked: tuple[str, ...]) -> None:
    first, second = (Concepts(map(concept, CIRCLE)) for _ in range(2))
    mine = {id: first.parts(id) for id in asked}
    assert mine == {id: second.parts(id) for id in sorted(asked)} and mine["other"] == {"one", "third"}


def test_the_shipped_list_names_each_concept_in_three_languages_and_once() -> None:
    known = [concept(line) for line in LINES]
    ids = [english[0] for _, _, english in known]
    assert len(ids) >= 4900
    assert ids == sorted(ids, key=str.lower), "keep the lines in the order of the first English name"
    for line, names in zip(LINES, known, strict=True):
        assert all(name == name.strip() for one in names for name in one), line
        assert all(len(set(one)) == len(one) for one in names), line


@pytest.mark.parametrize(
    "line", ["배터리\t电池", "배터리\t\tbattery", "배터리\t电池\tbattery\tBatterie", "배터리\t β\tb"]
)
def test_a_line_without_three_languages_is_refused_and_named(line: str) -> None:
    with pytest.raises(ValueError, match="배터리"):
        concept(line)


def test_a_rare_concept_tells_more_than_a_common_one_and_several_tell_more() -> None:
    rarity = Rarity.over([[1], [1], [1, 2], *([] for _ in range(747))])
    often, seldom, both = (rarity.weighted(dict.fromkeys(ids, 1.0)) for ids in ([1], [2], [1, 2, 3, 4]))
    values = shared(both, [often, seldom, both, rarity.weighted({})])
    assert 0 < values[0] < values[1] < values[2] < 1 and values[3] == 0
    assert np.array_equal(shared(rarity.weighted({}), [often, both]), [0.0, 0.0])


def test_what_a_statement_hardly_says_hardly_counts() -> None:
    rarity = Rarity({}, 750)
    said, hardly = rarity.weighted({7: 1.0}), rarity.weighted({7: 0.1})
    assert shared(said, [hardly])[0] == shared(hardly, [said])[0] < 0.02 < shared(said, [said])[0]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("최고의 자동화 설비", "chair"),
        ("검사 과정", "apple"),
        ("정보 리스크 관리", "barley"),
        ("용기 포장", "bubble"),
        ("We offer supply chain software", "chain"),
    ],
)
def test_a_name_does_not_begin_in_one_word_and_end_in_another(text: str, named: str) -> None:
    assert named in {id for line in LINES for id in concept(line)[2]} and named not in SHIPPED.found(text)


def test_a_name_may_be_written_in_two_words_and_inside_a_longer_one() -> None:
    assert "solid electrolyte" in SHIPPED.found("황화물계 고체 전해질") & SHIPPED.found("차세대고체전해질 소재")
    assert "supply chain" in SHIPPED.found("We offer supply chain software")


def test_who_lists_everything_does_not_meet_everybody() -> None:
    rarity = Rarity.over([[one] for one in range(200) for _ in range(3)])
    stuffed, plain = rarity.weighted(dict.fromkeys(range(200), 1.0)), rarity.weighted({150: 1.0, 199: 1.0})
    assert len(stuffed[0]) == MAX_NAMED and shared(stuffed, [plain])[0] == 0


@pytest.mark.parametrize("second", ["새 전지\t新电池\tbattery"])
def test_two_lines_that_cannot_be_told_apart_are_refused(second: str) -> None:
    with pytest.raises(ValueError, match="battery"):
        Concepts(map(concept, ["배터리\t电池\tbattery", second]))


@pytest.mark.parametrize("embedder", ["use-multilingual-3", "use-e5-1"])
def test_what_was_learnt_gives_weight_to_what_both_name(embedder: str) -> None:
    trained = load(embedder)
    assert trained is not None and trained.pair.weights[FEATURES.index("concepts")] > 2
