"""Topic `matches`: proposed partnerships of two profiles, from the proposal to their end.

Records stay for 30 days, also after an erasure. So they contain no text of a profile: evidence names texts by their
ids, and readers take the texts from the topic `profiles`."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from .common import Count, Instant, MemberId, Part, ProfileId, known
from .envelope import Event


class EvidenceEntry(Part):
    """An offer or need of a profile and its text, by their ids, and which statement of the text it was."""

    profile_id: ProfileId
    id: str
    text_id: str
    start: Annotated[int | None, Field(ge=0, description="First character of the statement in the text, from 0.")] = (
        None
    )
    end: Annotated[int | None, Field(ge=0, description="The character after the statement's last.")] = None


class Evidence(Part):
    """Which offer answers which need, and how well. `parts` holds the terms of the fit, by name."""

    need: EvidenceEntry
    offer: EvidenceEntry
    fit: Annotated[float, Field(description="In [0, 1].")]
    parts: dict[str, float] = {}


class MatchState(Event):
    """The whole state of a match, which every event of the topic has."""

    topic: ClassVar[str] = "matches"

    match_id: str
    parties: Annotated[list[ProfileId], Field(description="The two profiles, sorted by id.")]
    revisions: Annotated[
        dict[str, Count], Field(description="The revision of each profile from which the scores were computed.")
    ]
    score: Annotated[float, Field(description="Harmonic mean of both interests, in [0, 1].")]
    interest: Annotated[dict[str, float], Field(description="Each side's interest in the other, in [0, 1].")]
    evidence: list[Evidence]
    against: Annotated[
        list[Annotated[str, known("no_common_language", "expired_certificate", "below_minimum")]],
        Field(description="Objections: no_common_language, expired_certificate, below_minimum."),
    ] = []
    labels: Annotated[
        list[Annotated[str, known("complementary_sector")]],
        Field(description="Reasons to propose it besides the score: complementary_sector."),
    ] = []
    state: Annotated[
        str,
        known("proposed", "accepted", "agreed", "declined", "expired", "withdrawn"),
        Field(description="proposed, accepted, agreed, declined, expired or withdrawn."),
    ]
    accepted_by: list[ProfileId] = []
    representatives: Annotated[dict[str, MemberId], Field(description="The member who accepted for each side.")] = {}
    reason: Annotated[
        Annotated[str, known("displaced", "no_longer_fits", "profile_withdrawn", "profile_erased")] | None,
        Field(description="Why it was withdrawn: displaced, no_longer_fits, profile_withdrawn or profile_erased."),
    ] = None
    origin: Annotated[
        str,
        known("live", "request", "round"),
        Field(description="live (a changed profile), request (a named partner) or round (all at once)."),
    ]
    policy_version: Annotated[
        str | None, Field(description="Name and version of the policy by which it was made, for example live@3.")
    ] = None
    expires_at: Instant


class MatchProposed(MatchState):
    """The platform proposes two profiles to each other, or one side requests the other by name."""

    event_type: ClassVar[str] = "magpie.match.proposed"


class MatchUpdated(MatchState):
    """Scored again after the profile of one side changed: score, evidence and objections are new."""

    event_type: ClassVar[str] = "magpie.match.updated"


class MatchAccepted(MatchState):
    """One side has accepted; the other side has not answered yet."""

    event_type: ClassVar[str] = "magpie.match.accepted"


class MatchAgreed(MatchState):
    """Both sides have accepted. Their representatives no longer change."""

    event_type: ClassVar[str] = "magpie.match.agreed"


class MatchDeclined(MatchState):
    """One side has declined. Its reason is private and not part of the event."""

    event_type: ClassVar[str] = "magpie.match.declined"


class MatchExpired(MatchState):
    """The match was not accepted by both sides before `expires_at`."""

    event_type: ClassVar[str] = "magpie.match.expired"


class MatchWithdrawn(MatchState):
    """The platform has ended the match; `reason` says why."""

    event_type: ClassVar[str] = "magpie.match.withdrawn"


STATES: tuple[type[MatchState], ...] = (
    MatchProposed,
    MatchUpdated,
    MatchAccepted,
    MatchAgreed,
    MatchDeclined,
    MatchExpired,
    MatchWithdrawn,
)
"""All events of the topic."""
