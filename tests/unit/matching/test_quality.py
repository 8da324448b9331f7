"""The right partner is found across languages: the demonstration's firms, with the real encoder (rules 4.6)."""

from __future__ import annotations

import datetime as dt
from statistics import mean

from deploy.demo.content import Organisation, organisations
from schemas.common import Entry, Text, entry_id, text_id
from schemas.profiles import ProfilePublished
from services.matching.domain.indexed_profile import IndexedProfile, index_profile
from services.matching.domain.profile_row import profile_row_after
from services.matching.embedders import TwoEncoders
from services.matching.encoder import Encoder
from services.matching.settings import MatchingSettings

NOW = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)


def searchable(organisation: Organisation, encoder: Encoder) -> IndexedProfile:
    def entries(side: str, said: list[dict[str, object]]) -> list[Entry]:
        found = []
        for one in said:
            text, kind = Text.model_validate(one["text"]), str(one["kind"])
            id = entry_id(organisation.owner, side, kind, text_id(text))
            found.append(Entry(id=id, kind=kind, text=text, topics=list(one["topics"])))  # type: ignore[call-overload]
        return found

    state = ProfilePublished(
        profile_id=organisation.owner,
        owner=organisation.owner,
        type="company",
        country=organisation.country,
        state="published",
        languages=organisation.profile["languages"],
        offers=entries("offer", organisation.profile["offers"]),
        needs=entries("need", organisation.profile["needs"]),
    )
    row = profile_row_after(None, organisation.owner, 1, state)
    encoded = encoder.encode([said.text for said in row.all_entries()])
    return index_profile(None, row, {said.text_id: [e] for said, e in zip(row.all_entries(), encoded, strict=True)})


def test_the_written_partner_is_among_the_best_three_and_strangers_are_not_proposed() -> None:
    """Neighbours in the file were written for each other; nothing that scores a pair knows that."""
    encoder = Encoder(TwoEncoders())
    scorer, minimum = encoder.scorer(), MatchingSettings().minimum_score
    firms = [searchable(organisation, encoder) for organisation in organisations()]
    ranks: list[int] = []
    partners: list[float] = []
    strangers: list[float] = []
    for n, me in enumerate(firms):
        scores = {other.id: scorer.score(me, other, NOW).score for other in firms if other.country != me.country}
        partner = firms[n ^ 1].id
        ranks.append(1 + sum(score > scores[partner] for score in scores.values()))
        partners.append(scores.pop(partner))
        strangers += scores.values()
    assert len(firms) >= 88
    assert mean(rank == 1 for rank in ranks) >= 0.9
    assert mean(rank <= 3 for rank in ranks) >= 0.95
    assert mean(score >= minimum for score in partners) >= 0.9
    assert mean(score >= minimum for score in strangers) <= 0.03
