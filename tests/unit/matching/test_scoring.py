"""Interest is mutual or it is none."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.common import Text
from services.matching.domain.bridge import Bridge
from services.matching.domain.concepts import Rarity
from services.matching.domain.indexed_profile import EncodedStatement, IndexedEntry, IndexedProfile, packed
from services.matching.domain.pair_score import LEAD, LEAST_REASON, Fit, Scorer, against, harmonic_mean, pair_score
from services.matching.domain.profile_row import EntryRow, ProfileRow, Side
from services.matching.domain.taxonomy import taxonomy
from services.matching.encoder import read_readings, read_texts
from services.matching.usecases.propose_matches import ranked
from services.matching.vector_index import View

NOW = dt.datetime(2026, 12, 1, 3, tzinfo=dt.UTC)
BRIDGE = Bridge.over(read_readings(), (text.text for text in read_texts()))
TAXONOMY = taxonomy(
    {
        name: {"label": dict.fromkeys(("ko", "zh", "en"), name), "broader": broader, "completes": completes}
        for name, broader, completes in (
            ("chips", None, ["cars"]),
            ("semiconductor", "chips", []),
            ("display", "chips", []),
            ("cars", None, []),
            ("automotive", "cars", []),
            ("food", None, []),
        )
    }
)
RARITY = Rarity({1: 400, 2: 20}, 750)
SCORER = Scorer(BRIDGE, TAXONOMY, RARITY)


def entry(
    id: str,
    side: Side = "need",
    *,
    kind: str = "technology",
    vector: tuple[float, ...] = (1, 0),
    text: str = "",
    topics: tuple[str, ...] = (),
    hubness: float = 0.0,
    encoder: str = "e/1",
    expires_at: dt.datetime | None = None,
) -> IndexedEntry:
    return IndexedEntry(
        id=id,
        side=side,
        kind=kind,
        text_id=f"text-{id}",
        topics=list(topics),
        expires_at=expires_at,
        encoder=encoder,
        vector=np.array(vector, dtype=np.float16).tobytes(),
        hubness=hubness,
        grams=BRIDGE.grams(text).tobytes(),
    )


def profile(
    id: str, *entries: IndexedEntry, country: str = "KR", languages: tuple[str, ...] = ("en",)
) -> IndexedProfile:
    return IndexedProfile(id=id, owner=f"org-{id}", country=country, languages=list(languages), entries=list(entries))


def fit(need_of: str, offer_of: str, value: float, n: int = 0) -> Fit:
    need, offer = entry(f"need-{need_of}-{n}"), entry(f"offer-{offer_of}-{n}", "offer")
    return Fit(need_of, need, offer_of, offer, value, {})


def test_what_i_asked_for_interests_me_fully_and_a_lead_a_little_less() -> None:
    found = pair_score("a", "b", [fit("a", "b", 0.8)])
    assert found.interest == {"a": 0.8, "b": pytest.approx(LEAD * 0.8)}
    assert found.score == pytest.approx(harmonic_mean(0.8, 0.56), abs=1e-4)


def test_no_fit_is_no_score() -> None:
    assert pair_score("a", "b", []).score == 0


def test_the_score_is_the_pairs_own_whoever_asks() -> None:
    a = profile("a", entry("n", text="반도체 장비"), entry("o", "offer", kind="supply", vector=(0.6, 0.8)))
    b = profile("b", entry("p", "offer", text="半导体设备", vector=(0.8, 0.6)), entry("q", kind="supply"), country="CN")
    one, two = SCORER.score(a, b, NOW), SCORER.score(b, a, NOW)
    assert one.score == two.score > 0 and one.interest == two.interest


def test_evidence_names_each_need_and_offer_once_best_first() -> None:
    fits = [fit("a", "b", 0.5), fit("a", "b", 0.9), fit("b", "a", 0.7), fit("a", "b", 0.0, 3)]
    assert [e.fit for e in pair_score("a", "b", fits).evidence] == [0.9, 0.7]


@pytest.mark.parametrize(
    ("fits", "told"),
    [
        ((0.9, 0.18, 0.125), [0.9]),
        ((0.9, LEAST_REASON, 0.30), [0.9, LEAST_REASON]),
        ((0.2, 0.15), [0.2]),
        ((0.0,), []),
        ((0.9, 0.8, 0.7, 0.6, 0.5), [0.9, 0.8, 0.7, 0.6]),
    ],
)
def test_after_the_best_a_reason_is_told_only_if_it_fits_by_itself(fits: tuple[float, ...], told: list[float]) -> None:
    found = pair_score("a", "b", [fit("a", "b", value, n) for n, value in enumerate(fits)])
    assert [reason.fit for reason in found.evidence] == told


class _Candidates:
    def __init__(self, me: IndexedProfile, *others: IndexedProfile) -> None:
        self.me, self._others = me, others

    def candidates(self, now: dt.datetime) -> list[IndexedProfile]:
        return list(self._others)


@pytest.mark.parametrize(
    ("new", "minimum", "found"), [("good", 0.3, 1), ("fair", 0.3, 1), ("fair", 0.6, 0), ("bad", 0.3, 0)]
)
def test_a_new_entry_is_proposed_for_what_it_fits_itself(new: str, minimum: float, found: int) -> None:
    needs = (
        entry("good"),
        entry("fair", kind="supply", vector=(0.18, 1)),
        entry("bad", kind="product", vector=(0.08, 1)),
    )
    offers = (entry(f"o-{one.kind}", "offer", kind=one.kind) for one in needs)
    me = profile("a", *needs).model_copy(update={"unproposed": [new]})
    view = _Candidates(me, profile("b", *offers, country="CN"))
    assert len(ranked(cast(View, view), SCORER, NOW, minimum)) == found


def test_only_equal_kinds_and_encoders_and_live_entries_meet() -> None:
    need = entry("n")
    over = entry("late", "offer", expires_at=NOW)
    others = (entry("k", "offer", kind="supply"), entry("e", "offer", encoder="f/1"), over, entry("o", "offer"))
    assert [f.offer.id for f in SCORER.fits(profile("a", need), profile("b", *others), NOW)] == ["o"]


def test_a_text_that_is_near_to_everything_fits_less() -> None:
    need = entry("n")
    plain, hub = entry("o", "offer", vector=(0.4, 0.9)), entry("h", "offer", vector=(0.4, 0.9), hubness=0.4)
    a, b = profile("a", need), profile("b")
    assert SCORER.fit(a, need, b, hub).fit < SCORER.fit(a, need, b, plain).fit


def test_the_bridge_and_common_topics_only_add() -> None:
    apart = {"vector": (0.2, 0.9), "hubness": 0.1}
    a, b = profile("a"), profile("b")
    need = entry("n", text="반도체 검사 장비", topics=("semiconductor",))
    bare = SCORER.fit(a, need, b, entry("o", "offer", text="海鲜食品", **apart))  # type: ignore[arg-type]
    bridged = SCORER.fit(a, need, b, entry("o", "offer", text="半导体检测设备", **apart))  # type: ignore[arg-type]
    same = SCORER.fit(a, need, b, entry("o", "offer", topics=("semiconductor",), **apart))  # type: ignore[arg-type]
    near = SCORER.fit(a, need, b, entry("o", "offer", topics=("display", "unheard-of"), **apart))  # type: ignore[arg-type]
    assert bare.fit < near.fit < same.fit and bare.fit < bridged.fit
    assert bridged.parts["bridge"] > 0.2 and (same.parts["topics"], near.parts["topics"]) == (1.0, 0.5)


def test_sectors_that_complete_each_other_have_nothing_in_common() -> None:
    assert TAXONOMY.is_complementary(["semiconductor"], ["automotive"])
    assert TAXONOMY.is_complementary(["automotive"], ["display"])
    assert not TAXONOMY.is_complementary(["semiconductor", "automotive"], ["automotive"])
    assert not TAXONOMY.is_complementary(["food"], ["automotive"]) and not TAXONOMY.is_complementary(["?"], ["food"])


def test_what_is_over_makes_no_one_complementary() -> None:
    a = profile("a", entry("n", topics=("semiconductor",)))
    for expires_at, is_complementary in ((None, True), (NOW, False)):
        over = entry("o", "offer", topics=("automotive",), expires_at=expires_at)
        assert SCORER.score(a, profile("b", over, country="CN"), NOW).complementary is is_complementary


def test_what_speaks_against_a_pair_is_said() -> None:
    a, b = profile("a", languages=("ko",)), profile("b", languages=("zh",), country="CN")
    assert against(a, b, NOW) == ["no_common_language"]
    assert against(a, profile("c", languages=(), country="CN"), NOW) == []  # which ones are spoken there is not known
    late = a.model_copy(update={"certificates_end": ["2026-12-01"], "languages": ["zh"]})
    assert against(late, b, NOW) == []  # its last day still counts, where the firm is
    assert against(late, b, NOW + dt.timedelta(hours=12)) == ["expired_certificate"]


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=8))
def test_a_score_lies_between_nothing_and_the_weaker_interest_doubled(pairs: list[tuple[bool, float]]) -> None:
    found = pair_score(
        "a", "b", [fit(*(("a", "b") if mine else ("b", "a")), value, n) for n, (mine, value) in enumerate(pairs)]
    )
    low = min(found.interest.values())
    assert 0 <= found.score <= max(found.interest.values()) + 1e-4 and found.score <= 2 * low + 1e-4


def spoken(
    id: str, side: Side, *statements: tuple[float, dict[str, float]], topics: tuple[str, ...] = ()
) -> IndexedEntry:
    """An entry of statements with these weights and nodes."""
    vector = packed(np.array([1, 0], dtype=np.float32))
    said = [
        EncodedStatement(start=at, end=at + 1, weight=weight, vector=vector, hubness=0, nodes=nodes)
        for at, (weight, nodes) in enumerate(statements)
    ]
    return entry(id, side, topics=topics).model_copy(update={"statements": said})


def test_what_two_entries_are_about_is_a_part_of_the_fit() -> None:
    """It counts as far as the statement says something; what an owner has declared is certain."""
    a, b = profile("a"), profile("b")
    offer = spoken("o", "offer", (1.0, {"display": 0.8}))

    def nodes(need: IndexedEntry) -> float:
        return SCORER.fit(a, need, b, offer).parts["nodes"]

    assert nodes(spoken("n", "need", (1.0, {"display": 0.6}))) == 0.6
    assert nodes(spoken("n", "need", (0.1, {"display": 0.6}), (1.0, {"food": 0.9}))) == 0.06
    assert nodes(spoken("n", "need", (1.0, {"semiconductor": 0.6}))) == 0.3
    assert nodes(spoken("n", "need", (1.0, {}), topics=("display",))) == 0.8
    assert nodes(spoken("n", "need", (1.0, {"gone": 0.6}), (1.0, {}))) == nodes(entry("n")) == 0


def test_what_a_row_says_by_now_holds_though_its_texts_are_not_encoded_yet() -> None:
    """One entry is under export control by now, one has ended, one has another topic, one is gone."""
    indexed = profile(
        "k", *(entry(id, "offer", topics=("ai",)) for id in ("controlled", "ended", "renamed", "gone", "same"))
    )
    said = Text(lang="en", text="Something that we sell.")

    def row(id: str, **fields: Any) -> EntryRow:
        return EntryRow(**({"id": id, "kind": "technology", "text_id": "t", "text": said, "topics": ["ai"]} | fields))

    offers = [row("controlled", export_controlled=True), row("ended", expires_at=NOW), row("renamed", topics=["ict"])]
    found = indexed.restricted_to(ProfileRow(id="k", sequence=1, offers=[*offers, row("same")]))
    assert [(one.id, one.topics) for one in found.live_entries(NOW)] == [("renamed", ["ict"]), ("same", ["ai"])]
