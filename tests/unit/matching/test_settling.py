"""Who wants to settle abroad, or looks for a programme, finds who helps with it: what the mission began with. Texts of
a line each; the second half of them was written and tried when the weights stood."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from schemas.common import Entry, Text, entry_id, text_id
from schemas.profiles import ProfilePublished
from services.matching.domain import pair_model
from services.matching.domain.indexed_profile import IndexedProfile, index_profile
from services.matching.domain.profile_row import Side, profile_row_after
from services.matching.embedders import TwoEncoders
from services.matching.encoder import Encoder
from services.matching.settings import MatchingSettings

NOW = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
PAIRS = list(csv.DictReader(Path(__file__).with_name("settling.tsv").open(encoding="utf-8"), delimiter="\t"))


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(TwoEncoders())


def said(encoder: Encoder, id: str, side: Side, kind: str, text: Text) -> IndexedProfile:
    entries = [Entry(id=entry_id(id, side, kind, text_id(text)), kind=kind, text=text, topics=[])]
    state = ProfilePublished(
        profile_id=id,
        owner=id,
        type="company",
        country="KR" if side == "need" else "CN",
        state="published",
        languages=["en"],
        offers=entries if side == "offer" else [],
        needs=entries if side == "need" else [],
    )
    row = profile_row_after(None, id, 1, state)
    encoded = encoder.encode([text])
    return index_profile(None, row, {text_id(text): [encoded[0]]})


def found(encoder: Encoder, fits: str) -> int:
    scorer = encoder.scorer()
    scores = []
    for pair in (pair for pair in PAIRS if pair["fits"] == fits):
        need = said(encoder, "a", "need", pair["kind"], Text(lang=pair["need_lang"], text=pair["need"]))
        offer = said(encoder, "b", "offer", pair["kind"], Text(lang=pair["offer_lang"], text=pair["offer"]))
        scores.append(scorer.score(need, offer, NOW).score)
    return sum(score >= MatchingSettings().minimum_score for score in scores)


@pytest.mark.parametrize("guarded", [True, False])
def test_who_wants_to_settle_finds_who_helps_to(
    guarded: bool, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(pair_model, "KIND_WEIGHTS", {})
    assert len(PAIRS) == 24
    assert (found(encoder, "yes") >= 6) is guarded
    assert found(encoder, "no") <= 2
