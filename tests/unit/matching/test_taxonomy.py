"""What firms do is a tree with names in three languages, and a statement finds its place in it by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from bench.evaluation.lines import lines
from schemas.common import Text
from services.matching.domain.classify import TOP, Classifier
from services.matching.domain.desk import Exclusions
from services.matching.domain.names import Names
from services.matching.domain.profile_row import EntryRow, ProfileRow
from services.matching.domain.taxonomy import LANGS, NARROWER, RELATED, SAME_SECTOR, taxonomy
from services.matching.embedders import KNOWN, Embedder, embedder
from services.matching.node_vectors import fingerprint, node_vectors, read_taxonomy
from services.matching.trained import load

SHIPPED = read_taxonomy()
NAMES = Names(SHIPPED.written())
EARLIER_TOPICS = (
    "material chemicals polymers rare-earth optics coating composites advanced-materials steel textile semiconductor "
    "display oled fabless packaging metrology sensor photonics led electronics energy battery hydrogen solar wind ess "
    "nuclear smart-grid recycling carbon ev-charging automotive lidar ev autonomous-driving shipbuilding railway "
    "aerospace drone space satellite port manufacturing robotics robot smart-factory automation machinery elevator "
    "3d-printing machine-tools ai software cloud big-data machine-learning nlp speech digital-twin iot 5g telecom "
    "security cybersecurity blockchain fintech metaverse health bio biotech pharma medical-device diagnostics "
    "digital-health senior-care aesthetics rehabilitation water environment air-quality waste climate desalination "
    "construction building smart-city agriculture food smart-farm aquaculture livestock food-tech seeds pet cosmetics "
    "beauty fashion e-commerce retail franchise tourism sports toys content game media music webtoon animation "
    "education edutech ip-licensing language logistics cold-chain supply-chain customs shipping warehouse trade "
    "landing programme incubation accelerator investment venture-capital legal patent certification talent "
    "exhibition policy standards"
).split()


def tree(**nodes: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {id: {"label": {lang: f"{id} {lang}" for lang in LANGS}, **rest} for id, rest in nodes.items()}


def test_the_shipped_tree_names_every_node_in_three_languages() -> None:
    assert 150 <= len(SHIPPED.nodes) <= 200
    for node in SHIPPED.nodes.values():
        assert all(node.label[lang] for lang in LANGS)
        assert all(node.synonyms[lang] for lang in LANGS), node.id


@pytest.mark.parametrize("topic", EARLIER_TOPICS)
def test_every_earlier_topic_is_still_one(topic: str) -> None:
    assert SHIPPED.known([topic])


@pytest.mark.parametrize(
    "written",
    (
        "반도체·디스플레이 이차전지 모빌리티 원자력 바이오 우주 해양자원 수소 사이버보안 인공지능 통신 로봇 양자 "
        "新一代信息技术 装备制造 新材料 生物技术 新能源汽车 新能源 节能环保 数字创意 企业服务 專利 Venture-Capital"
    ).split(),
)
def test_national_technologies_and_strategic_industries_have_a_node(written: str) -> None:
    """Korea's twelve, China's nine, traditional characters, capitals."""
    assert SHIPPED.known([written])


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ({"a": {"broader": "b"}}, "a names nodes that are none: b"),
        ({"a": {"related": ["b"]}}, "a names nodes that are none: b"),
        ({"a": {"broader": "b"}, "b": {"broader": "a"}}, "a part of itself"),
        ({"a": {"ko": ["x"]}, "b": {"zh": ["X"]}}, "X means two nodes, a and b"),
        ({"a": {"label": {"ko": "가", "zh": "甲"}}}, "a has no label in en"),
        ({"a": {}, "b": {"broader": "a", "completes": ["a"]}}, "only a sector may"),
        ({"a": {"completes": ["c"]}, "b": {}, "c": {"broader": "b"}}, "no sector: c"),
    ],
)
def test_a_tree_that_is_none_is_refused_and_the_node_is_named(nodes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        taxonomy(tree(**nodes))


def test_overlap_falls_with_the_distance() -> None:
    known = taxonomy(
        tree(
            top={},
            field={"broader": "top"},
            part={"broader": "field"},
            other={"broader": "top", "related": ["far"]},
            away={},
            far={"broader": "away"},
        )
    )

    def overlap(a: Sequence[str], *others: Sequence[str]) -> list[float]:
        mine, *theirs = (known.degrees(dict.fromkeys(nodes, 1.0)) for nodes in (a, *others))
        return [float(one) for one in known.overlaps(mine, theirs)]

    assert overlap(["part"], ["part", "far"], [], ["field"], ["other"]) == [1, 0, NARROWER, SAME_SECTOR]
    assert overlap(["field"], ["part"]) == [NARROWER] and overlap(["top"], ["field"]) == [SAME_SECTOR]
    assert overlap(["far"], ["other"]) == overlap(["other"], ["far"]) == [RELATED]
    assert overlap(["part"], ["far"], ["?"]) == [0, 0] and overlap([], [], ["part"]) == [0, 0]
    less = known.degrees({"part": 0.4})
    assert known.overlaps(known.degrees({"part": 0.6, "far": 0.2}), [less]) == pytest.approx(0.4)


def test_a_name_counts_as_it_is_written() -> None:
    """Spaces between syllables do not matter, Latin names are whole words, short capitals are no ordinary word."""

    def nodes(text: str) -> set[str]:
        return {node for node, _ in NAMES.found(text)}

    assert nodes("전력 반도체 모듈") == nodes("전력반도체모듈") == {"power-semiconductor"}
    assert nodes("we make it well") == set() and "digital" in nodes("IT 기업")
    assert nodes("the air is soiled") == set() and nodes("soil") == {"agriculture"}
    assert nodes("專利申請") == nodes("专利申请") == {"patent"}
    assert nodes("") == set()


def test_a_statement_without_vectors_is_classified_by_its_names() -> None:
    by_names = Classifier(SHIPPED, NAMES)
    assert by_names.classify("전고체전지용 고체전해질 공급")[0][0] == "next-gen-battery"
    assert by_names.classify("좋은 하루") == []
    many = by_names.classify("화장품, 식품, 게임, 의류, 관광, 로봇, 태양광")
    assert len(many) == TOP and all(0 < chance < 1 for _, chance in many)


@pytest.mark.parametrize("kind", [kind for kind in KNOWN if load(kind.name)])
def test_the_vectors_belong_to_the_taxonomy_that_ships(kind: type[Embedder]) -> None:
    """After a change of the taxonomy: `python -m services.matching.node_vectors`."""
    vectors = node_vectors(kind(), SHIPPED, load(kind.name))
    assert vectors is not None and len(vectors) == len(SHIPPED.nodes)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_vectors_of_another_taxonomy_are_not_used() -> None:
    name = "use-multilingual-3"
    other = taxonomy(tree(a={}))
    assert fingerprint(other) != fingerprint(SHIPPED)
    assert node_vectors(embedder(name), other, load(name)) is None
    assert node_vectors(embedder(name), SHIPPED, None) is None


def test_most_statements_are_found_by_names_alone() -> None:
    """The names were written before these texts."""
    by_names, texts = Classifier(SHIPPED, NAMES), lines("taxonomy.tuning")
    right = sum(text["node"] in dict(by_names.classify(text["text"])) for text in texts)
    assert right / len(texts) >= 0.85


@pytest.mark.parametrize(
    ("said", "is_named"),
    [
        ("5단 서랍장", False),
        ("6인용 텐트", False),
        ("5 layer corrugated box", False),
        ("5축 가공 서비스", False),
        ("5공정 도금 라인", False),
        ("5G 기지국 안테나", True),
        ("5세대 이동통신 모듈", True),
        ("6G通信芯片", True),
    ],
)
def test_a_generation_of_networks_is_found_by_its_name_only(said: str, is_named: bool) -> None:
    """In a vector 5G is any 5; here each node is as near as can be."""
    vectors = np.tile(np.eye(1, 4, dtype=np.float32), (len(SHIPPED.nodes), 1))
    generations = [at for at, node in enumerate(SHIPPED.nodes) if node in ("5g", "6g")]
    others = [at for at in range(len(vectors)) if at not in generations]
    vectors[others] = 0
    found = dict(Classifier(SHIPPED, NAMES, vectors).classify(said, np.eye(1, 4, dtype=np.float32)[0]))
    assert any(node in found for node in ("5g", "6g")) is is_named


SAID = Text(lang="en", text="Something that we sell.")


@pytest.mark.parametrize(
    ("excluded", "topic", "is_excluded"),
    [
        ("semiconductors", "semiconductor", True),
        ("semiconductor", "semiconductors", True),
        ("smart-farm", "smartfarm", True),
        ("battery", "battery-materials", True),
        ("battery-materials", "battery", False),
        ("battery", "semiconductor", False),
        ("our-own-word", "Our Own Word", True),
        ("our-own-word", "another-word", False),
    ],
)
def test_what_an_owner_excludes_is_meant_by_any_of_its_names_and_with_its_parts(
    excluded: str, topic: str, is_excluded: bool
) -> None:
    kept, known = Exclusions(topics=[excluded]), read_taxonomy()
    row = ProfileRow(id="c", offers=[EntryRow(id="e", kind="supply", text_id="t", text=SAID, topics=["other", topic])])
    assert kept.exclude(row, known) is kept.exclude_doc(row.model_dump() | {"_id": "c"}, known) is is_excluded


def test_an_owner_who_excludes_nothing_excludes_no_one() -> None:
    row = ProfileRow(
        id="c", group="sk", offers=[EntryRow(id="e", kind="supply", text_id="t", text=SAID, topics=["ai"])]
    )
    assert not Exclusions().exclude(row, read_taxonomy()) and Exclusions(groups=["SK"]).exclude(row, read_taxonomy())
