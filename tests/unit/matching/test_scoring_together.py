"""Many pairs are scored at once, and none of them gets another score by that."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import random
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import numpy.typing as npt
import pytest

from services.matching.domain.alignment import Alignment
from services.matching.domain.concepts import ENOUGH
from services.matching.domain.fit_parts import GATE, MAX_NAMES
from services.matching.domain.indexed_profile import EncodedStatement, IndexedEntry, IndexedProfile, packed
from services.matching.domain.pair_model import FEATURES, TOPICS_WEIGHT, PairModel
from services.matching.domain.pair_score import Scorer

from .test_scoring import BRIDGE, NOW, RARITY, TAXONOMY

SIZE = 512
DRAW = np.random.default_rng(7)
ALIGNMENT = Alignment(
    DRAW.standard_normal((SIZE, 8), dtype=np.float32),
    (DRAW.standard_normal((8, SIZE)) / SIZE).astype(np.float32),
)
LEARNT = PairModel((5.6, 2.3, 8.6, 0.9, 1.5, 1.7, 5.8, -1.6, 4.0), -2.1, ALIGNMENT)
WORDS = "반도체 검사 장비 半导体 检测 设备 电池 배터리 회수 冷链 物流 물류 lidar gan-on-si 5g ai".split()
KINDS = ("technology", "product")


def vector(near: npt.NDArray[np.float32] | None = None) -> npt.NDArray[np.float32]:
    found = DRAW.standard_normal(SIZE, dtype=np.float32) + (0 if near is None else 30 * near)
    return np.asarray(found / np.linalg.norm(found), dtype=np.float32)


CENTRES = [vector() for _ in range(4)]


def drawn_entry(id: str, draw: random.Random) -> IndexedEntry:
    text = " ".join(draw.choices(WORDS, k=draw.randint(0, 5)))
    whole = vector(draw.choice(CENTRES))
    said = [
        EncodedStatement(
            start=at,
            end=at + 1,
            weight=draw.choice([0.0, 0.3, 1.0]),
            is_wish=draw.random() < 0.3,
            vector=packed(vector(whole)),
            hubness=round(draw.uniform(0, 0.3), 4),
            nodes={draw.choice(list(TAXONOMY.nodes)): draw.random()} if draw.random() < 0.6 else {},
            concepts=np.sort(DRAW.permutation(8)[: DRAW.integers(5)]).astype(np.uint32).tobytes(),
        )
        for at in range(draw.randint(0, 6))
    ]
    return IndexedEntry(
        id=id,
        side=draw.choice(["need", "offer"]),
        kind=draw.choice(KINDS),
        text_id=id,
        topics=draw.sample(["semiconductor", "cars", "food", "unheard-of"], draw.randint(0, 2)),
        expires_at=draw.choice([None, None, NOW, NOW + dt.timedelta(1)]),
        encoder=draw.choice(["e/1", "e/1", "f/1"]),
        vector=whole.astype(np.float16).tobytes(),
        hubness=round(draw.uniform(0, 0.3), 4),
        grams=BRIDGE.grams(text).tobytes(),
        names=[word for word in text.split() if word.isascii()],
        lang=draw.choice(["ko", "zh", "en", ""]),
        # One that is said twice has two best statements.
        statements=said + said[:1],
    )


def drawn_profiles(count: int) -> list[IndexedProfile]:
    draw = random.Random(3)
    return [
        IndexedProfile(
            id=f"p{n}",
            owner=f"o{n}",
            country=draw.choice(["KR", "CN"]),
            languages=draw.choice([["ko"], ["zh"], ["ko", "zh"]]),
            certificates_end=draw.choice([[], ["2026-11-30"]]),
            entries=[drawn_entry(f"{n}-{k}", draw) for k in range(draw.randint(0, 4))],
        )
        for n in range(count)
    ]


def said(scorer: Scorer, a: IndexedProfile, b: IndexedProfile) -> Mapping[str, object]:
    found = asdict(scorer.score(a, b, NOW))
    return found | {"interest": sorted(found["interest"].items())}


@pytest.mark.parametrize("model", [PairModel(), LEARNT], ids=["line", "learnt"])
def test_a_pair_has_the_same_score_alone_and_among_others_in_any_order(model: PairModel) -> None:
    scorer, profiles = Scorer(BRIDGE, TAXONOMY, RARITY, model), drawn_profiles(150)
    others = profiles[1:]
    together = scorer.scores(profiles[0], others, NOW)
    backwards = scorer.scores(profiles[0], others[::-1], NOW)[::-1]
    assert together == backwards == [scorer.score(profiles[0], other, NOW) for other in others]
    for a, b in itertools.combinations(profiles[:15], 2):
        assert said(scorer, a, b) == said(scorer, b, a)
    assert sum(bool(score.score) for score in together) > 10


def test_those_below_the_minimum_are_left_out_and_nothing_else() -> None:
    scorer, (me, *others) = Scorer(BRIDGE, TAXONOMY, RARITY, LEARNT), drawn_profiles(150)
    scores = scorer.scores(me, others, NOW)
    minimum = sorted(score.score for score in scores)[-8]
    kept = [(other, score) for other, score in zip(others, scores, strict=True) if score.score >= minimum]
    assert scorer.fitting(me, others, NOW, minimum) == kept and 8 <= len(kept) < len(others)


def exactly(model: PairModel, need: IndexedEntry, offer: IndexedEntry) -> dict[str, float]:
    """The parts of one fit, number by number, as docs/rules.md describes them."""
    asked, given = need.said, offer.said
    best = {}
    for (x, u), (y, v) in itertools.product(enumerate(asked.vectors), enumerate(given.vectors)):
        cosine = math.fsum((u.astype(float) * v.astype(float)).tolist()) * asked.scales[x] * given.scales[y]
        strength = math.log(asked.weights[x]) + math.log(given.weights[y])
        best[x, y] = (2 * cosine - asked.hubness[x] - given.hubness[y], strength)
    likeness, strength = max(best.values(), key=lambda one: one[0] + GATE * one[1])
    whole = math.fsum((need.vector_array.astype(float) * offer.vector_array.astype(float)).tolist())
    rarity = {gram: math.log((BRIDGE.size + 1) / (BRIDGE.frequency.get(gram, 0) + 1)) ** 2
              for gram in (*need.gram_array.tolist(), *offer.gram_array.tolist())}  # fmt: skip
    weight = [sum(map(rarity.__getitem__, grams)) for grams in (
        {*need.gram_array.tolist()} & {*offer.gram_array.tolist()}, need.gram_array.tolist(), offer.gram_array.tolist(),
    )]  # fmt: skip
    p, q = (e.vector_array + (e.vector_array @ ALIGNMENT.into) @ ALIGNMENT.back for e in (need, offer))
    about = [{**e.said.nodes, **dict.fromkeys(TAXONOMY.known(e.topics), 1.0)} for e in (need, offer)]
    declared = [dict.fromkeys(TAXONOMY.known(e.topics), 1.0) for e in (need, offer)]

    def overlap(a: Mapping[str, float], b: Mapping[str, float]) -> float:
        return max((min(a[n], b[m]) * TAXONOMY.nearness(n, m) for n in a for m in b), default=0.0)

    common = named(need).keys() & named(offer).keys()
    both = squares({one: min(named(need)[one], named(offer)[one]) for one in common})
    return {
        "statement": likeness,
        "whole": 2 * whole - need.hubness - offer.hubness,
        "bridge": weight[0] / math.sqrt(weight[1] * weight[2]) if weight[0] else 0.0,
        "strength": strength,
        "aligned": float(p @ q / np.linalg.norm(p) / np.linalg.norm(q)) if model.alignment.into.size else 0.0,
        "nodes": overlap(*about),
        "names": min(len(need.name_set & offer.name_set), MAX_NAMES) / MAX_NAMES,
        "one_language": float(need.lang == offer.lang != ""),
        "concepts": 1 - math.exp(-both / ENOUGH),
        "topics": overlap(*declared),
    }


def squares(weights: Mapping[int, float]) -> float:
    return sum(weight**2 for weight in weights.values())


def named(entry: IndexedEntry) -> dict[int, float]:
    """What an entry names, by how rare it is and how much the statement says that names it."""
    return {
        one: degree * math.log((RARITY.size + 1) / (RARITY.frequency.get(one, 0) + 1))
        for one, degree in entry.said.concepts.items()
    }


@pytest.mark.parametrize("model", [PairModel(), LEARNT], ids=["line", "learnt"])
def test_all_at_once_gives_what_one_by_one_gives(model: PairModel) -> None:
    scorer, seen = Scorer(BRIDGE, TAXONOMY, RARITY, model), 0
    for a, b in itertools.combinations(drawn_profiles(40), 2):
        for fit in scorer.fits(a, b, NOW):
            parts = exactly(model, fit.need, fit.offer)
            assert fit.parts == pytest.approx(parts, abs=6e-5)
            if model.weights:
                logit = model.bias + TOPICS_WEIGHT * parts["topics"]
                logit += sum(w * parts[name] for name, w in zip(FEATURES, model.weights, strict=True))
                assert fit.fit == pytest.approx(1 / (1 + math.exp(-logit)), abs=6e-5)
            seen += 1
    assert seen > 100


def test_a_copy_of_an_entry_is_scored_by_its_own_texts() -> None:
    """What was computed of an entry is kept with it, and must not go over to a copy that says something else."""
    scorer, entries = Scorer(BRIDGE, TAXONOMY, RARITY, LEARNT), [e for p in drawn_profiles(40) for e in p.entries]
    need, offer = (next(e for e in entries if e.side == side and e.statements) for side in ("need", "offer"))
    a, b = (IndexedProfile(id=id, owner=id, country="KR", languages=[], entries=[]) for id in "ab")
    before = scorer.fit(a, need, b, offer)
    silent = need.model_copy(update={"statements": [s.model_copy(update={"weight": 0.0}) for s in need.statements]})
    assert scorer.fit(a, silent, b, offer).parts["strength"] < before.parts["strength"]
