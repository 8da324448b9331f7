"""A match and its life: proposed -> accepted by one side -> agreed; declined, expired or withdrawn (rules 6)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from schemas import matches as contract
from schemas.matches import Evidence
from services.chassis.documents import Document
from services.chassis.errors import Contrary

State = Literal["proposed", "accepted", "agreed", "declined", "expired", "withdrawn"]
OPEN: frozenset[str] = frozenset({"proposed", "accepted", "agreed"})
UNANSWERED: frozenset[str] = frozenset({"proposed", "accepted"})
DECLINE_REASONS = ("not_relevant", "timing", "already_in_contact", "competitor", "other")


class Match(Document):
    """`reason` of a decline is private: it stays here."""

    parties: list[str]
    revisions: dict[str, int]
    score: float
    interest: dict[str, float]
    evidence: list[Evidence]
    against: list[str] = []
    state: State = "proposed"
    accepted_by: list[str] = []
    representatives: dict[str, str] = {}
    reason: str | None = None
    origin: str = "live"
    expires_at: dt.datetime

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def other(self, side: str) -> str:
        return next(party for party in self.parties if party != side)


class Pair(Document):
    """Two profiles, by the order of their ids: the rule that they have one open match, and rest after a decline."""

    match_id: str | None = None
    rest_until: dt.datetime | None = None


class Desk(Document):
    """The open matches of a profile: the rule about their number, and what a withdrawal must reach."""

    scores: dict[str, float] = {}
    agreed: list[str] = []

    @property
    def waiting(self) -> int:
        """Proposals that wait for an answer."""
        return len(self.scores) - len(self.agreed)

    def with_match(self, match: Match) -> Desk:
        agreed = sorted({*self.agreed, match.id} if match.state == "agreed" else {*self.agreed} - {match.id})
        return self.model_copy(update={"scores": {**self.scores, match.id: match.score}, "agreed": agreed})

    def without(self, match_id: str) -> Desk:
        scores = {id: score for id, score in self.scores.items() if id != match_id}
        return self.model_copy(update={"scores": scores, "agreed": [id for id in self.agreed if id != match_id]})


def pair_id(a: str, b: str) -> str:
    return "|".join(sorted((a, b)))


@dataclass(frozen=True)
class Answered:
    """A match after an act, and the event that tells of it; None when nothing is new."""

    match: Match
    event: type[contract.MatchState] | None


def accept(match: Match, *, side: str, member_id: str, now: dt.datetime) -> Answered:
    """One side's yes. The same again is no news. Raises Contrary after the end of the match."""
    _must_be_answerable(match, now)
    if side in match.accepted_by:
        return Answered(match, None)
    accepted_by = sorted({*match.accepted_by, side})
    both = len(accepted_by) == len(match.parties)
    changed = match.model_copy(
        update={
            "accepted_by": accepted_by,
            "representatives": {**match.representatives, side: member_id},
            "state": "agreed" if both else "accepted",
        }
    )
    return Answered(changed, contract.MatchAgreed if both else contract.MatchAccepted)


def decline(match: Match, *, reason: str, now: dt.datetime) -> Answered:
    """One side's no. After both have agreed it is too late: a meeting is cancelled, a profile withdrawn."""
    if match.state == "declined":
        return Answered(match, None)
    _must_be_answerable(match, now)
    if match.state == "agreed":
        raise _contrary(match, "Both sides have agreed; cancel the meeting instead.")
    return Answered(match.model_copy(update={"state": "declined", "reason": reason}), contract.MatchDeclined)


def expire(match: Match, *, now: dt.datetime) -> Answered:
    """Its time is over without two answers."""
    if match.state not in UNANSWERED or now < match.expires_at:
        return Answered(match, None)
    return Answered(match.model_copy(update={"state": "expired"}), contract.MatchExpired)


def withdraw(match: Match, *, reason: str) -> Answered:
    if not match.is_open:
        return Answered(match, None)
    return Answered(match.model_copy(update={"state": "withdrawn", "reason": reason}), contract.MatchWithdrawn)


def _must_be_answerable(match: Match, now: dt.datetime) -> None:
    if match.state in ("declined", "expired", "withdrawn"):
        raise _contrary(match, "The match has ended; a new one may be proposed later.")
    if match.state in UNANSWERED and now >= match.expires_at:
        raise Contrary("lapsed", "The time to answer is over.", extra={"state": "expired"})


def _contrary(match: Match, detail: str) -> Contrary:
    return Contrary("not-in-this-state", f"It is {match.state}. {detail}", extra={"state": match.state})


def told(match: Match, event: type[contract.MatchState]) -> contract.MatchState:
    """What the topic hears: no text, and no reason of a decline."""
    return event(
        match_id=match.id,
        parties=match.parties,
        revisions=match.revisions,
        score=match.score,
        interest=match.interest,
        evidence=match.evidence,
        against=match.against,
        state=match.state,
        accepted_by=match.accepted_by,
        representatives=match.representatives,
        reason=match.reason if match.state == "withdrawn" else None,
        origin=match.origin,
        expires_at=match.expires_at.isoformat(timespec="milliseconds"),
    )
