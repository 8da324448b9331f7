"""A match and its life: proposed, accepted by one side, agreed; or declined, expired or withdrawn (docs/rules.md,
section 6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from schemas import matches as contract
from schemas.matches import Evidence, EvidenceEntry
from services.chassis.model import Document, InvalidState

from .indexed_profile import IndexedEntry
from .members import member_key
from .pair_score import BELOW_MINIMUM, Fit, PairScore

State = Literal["proposed", "accepted", "agreed", "declined", "expired", "withdrawn"]
OPEN: frozenset[str] = frozenset({"proposed", "accepted", "agreed"})
UNANSWERED: frozenset[str] = frozenset({"proposed", "accepted"})
REST = dt.timedelta(days=182)
"""Two organisations that declined or met are not proposed to each other for this long, unless one of them asks."""
COMPLEMENTARY = "complementary_sector"


class Match(Document):
    """Two profiles that were proposed to each other. `owners`, by party, and the `reason` of a decline are private and
    stay in this service."""

    parties: list[str]
    owners: dict[str, str]
    """Kept here because an erased profile has none any more, and its organisation still has met or declined."""
    revisions: dict[str, int]
    score: float
    interest: dict[str, float]
    evidence: list[Evidence]
    against: list[str] = []
    labels: list[str] = []
    state: State = "proposed"
    accepted_by: list[str] = []
    representatives: dict[str, str] = {}
    reason: str | None = None
    origin: str = "live"
    policy_version: str | None = None
    expires_at: dt.datetime
    countries: str = ""
    """Of both parties, `CN-KR`; private, for the metrics, as an erased profile has none any more."""
    made_at: dt.datetime | None = None
    is_must: bool = False
    """An organiser had chosen the pair: it makes way for no other one."""
    basis: dict[str, str] = {}
    """By what of each party it was scored; empty if that is not known."""

    @property
    def is_open(self) -> bool:
        """Whether it can still lead to a meeting."""
        return self.state in OPEN

    def other(self, side: str) -> str:
        """The profile on the other side."""
        return next(party for party in self.parties if party != side)

    @property
    def asker(self) -> str | None:
        """The side that has asked for the other one by name, as long as that one has not agreed; else None."""
        is_ask = self.origin == "request" and len(self.accepted_by) == 1
        return self.accepted_by[0] if is_ask else None

    @property
    def member_keys(self) -> list[str]:
        """Both representatives, in order; one if a person represents both sides."""
        return sorted({member_key(self.owners[side], member) for side, member in self.representatives.items()})


@dataclass(frozen=True)
class MatchChange:
    """A match after an act, and the event that reports it; None if the act changed nothing."""

    match: Match
    event: type[contract.MatchState] | None


def accept(match: Match, *, side: str, member_id: str, now: dt.datetime) -> MatchChange:
    """One side accepts, represented by this member. Accepting twice changes nothing.

    Raises InvalidState if the match has ended or its time is over."""
    _must_be_answerable(match, now)
    if side in match.accepted_by:
        return MatchChange(match, None)
    accepted_by = sorted({*match.accepted_by, side})
    both = len(accepted_by) == len(match.parties)
    changed = match.model_copy(
        update={
            "accepted_by": accepted_by,
            "representatives": {**match.representatives, side: member_id},
            "state": "agreed" if both else "accepted",
        }
    )
    return MatchChange(changed, contract.MatchAgreed if both else contract.MatchAccepted)


def decline(match: Match, *, reason: str, now: dt.datetime) -> MatchChange:
    """One side declines. Declining twice changes nothing.

    Raises InvalidState if the match has ended, or both have agreed: then a meeting is cancelled or a profile
    withdrawn instead."""
    if match.state == "declined":
        return MatchChange(match, None)
    _must_be_answerable(match, now)
    if match.state == "agreed":
        raise _not_in_this_state(match, "Both sides have agreed; cancel the meeting instead.")
    return MatchChange(match.model_copy(update={"state": "declined", "reason": reason}), contract.MatchDeclined)


def expire(match: Match, *, now: dt.datetime) -> MatchChange:
    """The match ends if its time is over without two answers; otherwise nothing changes."""
    if match.state not in UNANSWERED or now < match.expires_at:
        return MatchChange(match, None)
    return MatchChange(match.model_copy(update={"state": "expired"}), contract.MatchExpired)


def withdraw(match: Match, *, reason: str) -> MatchChange:
    """An open match ends for a reason of the system: `displaced`, `profile_withdrawn`, ..."""
    if not match.is_open:
        return MatchChange(match, None)
    return MatchChange(match.model_copy(update={"state": "withdrawn", "reason": reason}), contract.MatchWithdrawn)


def rescore(
    match: Match, found: PairScore, *, minimum: float, revisions: Mapping[str, int], basis: Mapping[str, str]
) -> MatchChange:
    """The match after a revision of either side, scored by what `basis` says of each.

    A match that no longer reaches the minimum is withdrawn if neither side has answered it; one that was answered, or
    requested by name, is kept and marked."""
    fits = found.score >= minimum or match.origin == "request"
    if not fits and match.state == "proposed":
        return withdraw(match, reason="no_longer_fits")
    fields = score_fields(found)
    if not fits:
        fields["against"] = [*fields["against"], BELOW_MINIMUM]
    # No change, no event. Scores are rounded, so the last bits of a float are no change.
    if all(getattr(match, name) == value for name, value in fields.items()):
        return MatchChange(match, None)
    told = {"revisions": dict(revisions), "basis": dict(basis)}
    return MatchChange(match.model_copy(update={**fields, **told}), contract.MatchUpdated)


class ScoreFields(TypedDict):
    """What a match stores of a score."""

    score: float
    interest: dict[str, float]
    evidence: list[Evidence]
    against: list[str]


def score_fields(found: PairScore) -> ScoreFields:
    """What a match stores of a score."""
    return ScoreFields(
        score=found.score,
        interest=dict(found.interest),
        evidence=[_evidence(fit) for fit in found.evidence],
        against=list(found.against),
    )


def _evidence(fit: Fit) -> Evidence:
    return Evidence(
        need=_entry(fit.need_of, fit.need, fit.need_span),
        offer=_entry(fit.offer_of, fit.offer, fit.offer_span),
        fit=fit.fit,
        parts=dict(fit.parts),
    )


def _entry(profile_id: str, entry: IndexedEntry, span: tuple[int, int]) -> EvidenceEntry:
    start, end = span if span[1] else (None, None)
    return EvidenceEntry(profile_id=profile_id, id=entry.id, text_id=entry.text_id, start=start, end=end)


def _must_be_answerable(match: Match, now: dt.datetime) -> None:
    if match.state in ("declined", "expired", "withdrawn"):
        raise _not_in_this_state(match, "The match has ended; a new one may be proposed later.")
    # The deadline counts, not the job that expires the match: the job may run late.
    if match.state in UNANSWERED and now >= match.expires_at:
        raise InvalidState("lapsed", "The time to answer is over.", extra={"state": "expired"})


def _not_in_this_state(match: Match, detail: str) -> InvalidState:
    return InvalidState("not-in-this-state", f"It is {match.state}. {detail}", extra={"state": match.state})


def to_event(match: Match, event: type[contract.MatchState]) -> contract.MatchState:
    """The event for the topic: without texts, and without the reason of a decline."""
    return event(
        match_id=match.id,
        parties=match.parties,
        revisions=match.revisions,
        score=match.score,
        interest=match.interest,
        evidence=match.evidence,
        against=match.against,
        labels=match.labels,
        state=match.state,
        accepted_by=match.accepted_by,
        representatives=match.representatives,
        reason=match.reason if match.state == "withdrawn" else None,
        origin=match.origin,
        policy_version=match.policy_version,
        expires_at=match.expires_at.isoformat(timespec="milliseconds"),
    )


def state_event(match: Match) -> contract.MatchState:
    """The event that says the state of the match once more."""
    return to_event(match, contract.MatchUpdated)


def complementary(matches: Sequence[Match]) -> int:
    """How many of these matches were made for a complementary sector."""
    return sum(COMPLEMENTARY in match.labels for match in matches)
