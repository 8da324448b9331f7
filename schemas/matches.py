"""Topic `matches`: a proposed partnership of two profiles and its life. Kept for 30 days, so it holds nothing that a
profile wrote: evidence names texts, readers have them from `profiles`."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from .common import MemberId, Part, ProfileId
from .envelope import Event


class EvidenceEntry(Part):
    """An offer or need of a profile, by id."""

    profile_id: ProfileId
    id: str
    text_id: str


class Evidence(Part):
    """Which need met which offer, and how well; `parts` are the parts of the fit."""

    need: EvidenceEntry
    offer: EvidenceEntry
    fit: Annotated[float, Field(description="In [0, 1].")]
    parts: dict[str, float] = {}


class MatchState(Event):
    topic: ClassVar[str] = "matches"

    match_id: str
    parties: Annotated[list[ProfileId], Field(description="Two profiles, in the order of their ids.")]
    revisions: Annotated[dict[str, int], Field(description="The revision of each profile that was judged.")]
    score: Annotated[float, Field(description="Harmonic mean of the two interests, in [0, 1].")]
    interest: Annotated[dict[str, float], Field(description="Each side's interest in the other, in [0, 1].")]
    evidence: list[Evidence]
    against: Annotated[
        list[str],
        Field(description="What speaks against it: no_common_language, expired_certificate, below_minimum."),
    ] = []
    labels: Annotated[list[str], Field(description="Why it was chosen beside its score: complementary_sector.")] = []
    state: Annotated[str, Field(description="proposed, accepted, agreed, declined, expired or withdrawn.")]
    accepted_by: list[ProfileId] = []
    representatives: Annotated[dict[str, MemberId], Field(description="Who answered for a side.")] = {}
    reason: Annotated[
        str | None,
        Field(description="Why it was withdrawn: displaced, no_longer_fits, profile_withdrawn, profile_erased."),
    ] = None
    origin: Annotated[str, Field(description="live, round or request.")]
    expires_at: Annotated[str, Field(description="Instant, ISO 8601 UTC.")]


class MatchProposed(MatchState):
    event_type: ClassVar[str] = "magpie.match.proposed"


class MatchUpdated(MatchState):
    """Judged again after one side's profile was revised: score, evidence and what speaks against it."""

    event_type: ClassVar[str] = "magpie.match.updated"


class MatchAccepted(MatchState):
    """One side has said yes."""

    event_type: ClassVar[str] = "magpie.match.accepted"


class MatchAgreed(MatchState):
    """Both sides have said yes; their representatives are fixed."""

    event_type: ClassVar[str] = "magpie.match.agreed"


class MatchDeclined(MatchState):
    """One side has said no; why stays with matching."""

    event_type: ClassVar[str] = "magpie.match.declined"


class MatchExpired(MatchState):
    event_type: ClassVar[str] = "magpie.match.expired"


class MatchWithdrawn(MatchState):
    event_type: ClassVar[str] = "magpie.match.withdrawn"
