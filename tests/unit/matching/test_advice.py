"""An owner learns what keeps its profile from being found, and nothing about any single other firm."""

from __future__ import annotations

import datetime as dt
from string import Formatter
from typing import Any

import pytest

from schemas.common import Text
from services.matching.domain.advice import (
    MAX_FINDINGS,
    MOST,
    STEP,
    Finding,
    Surroundings,
    at_least,
    bounded,
    of_entries,
    of_profile,
    of_surroundings,
)
from services.matching.domain.advice_sentences import COUNTS, LANGS, SENTENCES, count_sentence, first_language, sentence
from services.matching.domain.calendar import ZONES
from services.matching.domain.desk import Desk, OpenMatch
from services.matching.domain.indexed_profile import MIN_WEIGHT, EncodedStatement, IndexedEntry, IndexedProfile
from services.matching.domain.profile_row import EntryRow, ProfileRow
from services.matching.encoder import read_common_words
from services.matching.node_vectors import read_taxonomy

NOW = dt.datetime(2026, 12, 1, 3, tzinfo=dt.UTC)
TAXONOMY = read_taxonomy()
IS_OF_TRADE = read_common_words().says_nothing


def said(text: str, at: int, weight: float, nodes: dict[str, float], *, is_wish: bool = False) -> EncodedStatement:
    return EncodedStatement(
        start=at, end=at + len(text), weight=weight, is_wish=is_wish, vector=b"", hubness=0, nodes=nodes
    )


def profile(*statements: tuple[str, float, dict[str, float]], is_wish: bool = False, **entry: Any) -> Any:
    """A Korean profile with one offer of these statements, as it is stored and as it is indexed."""
    text, found = "", []
    for words, weight, nodes in statements:
        found.append(said(words, len(text), weight, nodes, is_wish=is_wish))
        text += words + "\n"
    row = EntryRow(id="o", kind="technology", text_id="t", text=Text(lang="ko", text=text or "x"), **entry)
    topics, expires_at = row.topics, row.expires_at
    indexed = IndexedEntry(
        id="o", side="offer", kind="technology", text_id="t", encoder="e/1", vector=b"", hubness=0, grams=b"",
        statements=found, topics=topics, expires_at=expires_at,
    )  # fmt: skip
    shared: dict[str, Any] = {"id": "p", "owner": "org", "country": "KR", "languages": ["ko"]}
    return (
        ProfileRow(state="published", offers=[row], **shared),
        IndexedProfile(entries=[] if row.export_controlled else [indexed], **shared),
    )


def codes(row: ProfileRow, me: IndexedProfile) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.reason) for finding in of_entries(row, me, TAXONOMY, NOW, is_of_trade=IS_OF_TRADE)]


TERMS = """
무료 샘플 제공
OEM
문의 바랍니다.
欢迎洽谈
歡迎洽談
Price is negotiable.
We ship from Busan.
Certificates: ISO 9001
""".strip().splitlines()
CLEAR = ("차량용 라이다 기술을 이전합니다", 0.9, {"lidar": 0.8})


def test_a_clear_text_is_left_alone() -> None:
    assert codes(*profile(CLEAR)) == []


@pytest.mark.parametrize(
    ("words", "weight", "reason"),
    [
        ("2005년에 설립된 강소기업입니다", 0.02, "introduction"),
        ("2023년 수출의 탑을 수상했습니다", 0.02, "award"),
        ("2022年荣获省级科技进步奖", 0.02, "award"),
        ("기술은 이전하지 않습니다", MIN_WEIGHT, "negated"),
        ("이 제품은 단종되었습니다", MIN_WEIGHT, "ended"),
        ("本项目已结束", MIN_WEIGHT, "ended"),
        ("本項目已結束", MIN_WEIGHT, "ended"),
        ("2022年榮獲省級科技進步獎", 0.02, "award"),
        *((words, MIN_WEIGHT, "terms") for words in TERMS),
    ],
)
def test_a_statement_that_weighs_nothing_is_named_with_its_reason(words: str, weight: float, reason: str) -> None:
    row, me = profile(CLEAR, (words, weight, {}))
    (finding,) = of_entries(row, me, TAXONOMY, NOW, is_of_trade=IS_OF_TRADE)
    assert (finding.code, finding.reason) == ("silent_statement", reason)
    assert finding.span is not None and row.offers[0].text.text[slice(*finding.span)] == words


def test_a_wish_under_an_offer_is_named() -> None:
    assert codes(*profile(("총판을 찾습니다", 0.9, {"trade": 0.6}), is_wish=True)) == [
        ("says_nothing", None),
        ("silent_statement", "wish"),
    ]


def test_a_text_that_says_nothing_or_anything_is_named() -> None:
    assert codes(*profile(("좋은 회사입니다", 0.02, {})))[0] == ("says_nothing", None)
    assert codes(*profile(("좋은 기술이 많습니다", 0.6, {}))) == [("too_general", None)]
    assert codes(*profile(("에너지 사업", 0.6, {"energy": 0.7}))) == [("too_general", None)]
    assert codes(*profile(("좋은 기술이 많습니다", 0.6, {}), topics=["lidar"])) == []


def test_ends_and_marks_are_named() -> None:
    day = dt.timedelta(days=1)
    assert codes(*profile(CLEAR, expires_at=NOW - day)) == [("expired", None)]
    assert codes(*profile(CLEAR, expires_at=NOW + day)) == [("expires_soon", None)]
    assert codes(*profile(CLEAR, expires_at=NOW + 40 * day)) == []
    assert codes(*profile(CLEAR, export_controlled=True)) == [("export_controlled", None)]


def test_the_state_of_a_profile_is_named() -> None:
    row, _ = profile(CLEAR)
    empty = Desk(id="p")

    def found(row: ProfileRow, desk: Desk = empty) -> list[str]:
        return [finding.code for finding in of_profile(row, desk, 1, NOW)]

    assert found(row) == []
    assert found(row.model_copy(update={"state": "withdrawn", "offers": []})) == ["not_published"]
    assert found(row.model_copy(update={"offers": []})) == ["no_entries"]
    assert found(row.model_copy(update={"country": "JP"})) == ["country"]
    assert found(row.model_copy(update={"certificates_end": ["2026-11-30"]})) == ["certificate_expired"]
    waiting = OpenMatch(score=0.5, answered=False, agreed=False, owner="other")
    assert found(row, empty.model_copy(update={"matches": {"m": waiting}})) == ["desk_full"]


def test_what_others_keep_it_from_is_named() -> None:
    _, me = profile(CLEAR)

    def found(surroundings: Surroundings, *, rests: bool = False) -> list[str]:
        return [finding.code for finding in of_surroundings(me, surroundings, rests=rests, now=NOW)]

    assert found(Surroundings(met=frozenset({"o"}))) == []
    assert found(Surroundings()) == ["no_counterpart"]
    assert found(Surroundings(met=frozenset({"o"}), understood=False)) == ["no_common_language"]
    assert found(Surroundings(met=frozenset({"o"})), rests=True) == ["at_rest"]


def test_counts_never_tell_of_one_firm() -> None:
    """One more changes nothing but at a step, and below the first step all are one."""
    assert {at_least(count) for count in range(STEP)} == {0}
    assert [at_least(count) for count in (5, 9, 10, 49, 50, 500)] == [5, 5, 10, 45, 50, 50]
    for lang in LANGS:
        assert len({count_sentence("near", at_least(count), lang) for count in range(STEP)}) == 1


def test_every_finding_has_a_sentence_in_three_languages() -> None:
    for key, texts in SENTENCES.items():
        assert set(texts) == set(LANGS), key
        fields = {lang: {field for _, field, _, _ in Formatter().parse(text) if field} for lang, text in texts.items()}
        assert len({frozenset(found) for found in fields.values()}) == 1, key
        code, _, reason = key.partition(".")
        finding = Finding(code, reason=reason or None, until=NOW)
        assert all("{" not in sentence(finding, lang, ZONES["KR"]) for lang in LANGS)
    assert all(set(texts) == set(LANGS) for texts in COUNTS.values())
    assert "50" in count_sentence("fitting", MOST, "en")


def test_the_language_is_one_of_the_profiles() -> None:
    assert first_language(["ja", "zh", "ko"]) == "zh" and first_language(["ja"]) == "en"


def test_many_findings_are_cut_and_those_about_the_whole_come_first() -> None:
    found = bounded([*(Finding("expired", str(n)) for n in range(500)), Finding("desk_full")])
    assert len(found) == MAX_FINDINGS and found[0].code == "desk_full"
