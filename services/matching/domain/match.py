"""A match and its life: proposed -> accepted by one side -> agreed; declined, expired or withdrawn (rules 6)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from schemas import matches as contract
from schemas.matches import Evidence, EvidenceEntry
from services.chassis.documents import Document
from services.chassis.errors import Contrary

from .candidate import ProfileRow
from .scoring import BELOW_MINIMUM, Fit, Judgement

State = Literal["proposed", "accepted", "agreed", "declined", "expired", "withdrawn"]
OPEN: frozenset[str] = frozenset({"proposed", "accepted", "agreed"})
UNANSWERED: frozenset[str] = frozenset({"proposed", "accepted"})
REST = dt.timedelta(days=182)
"""So long a pair that declined or met is not proposed again, unless one side asks."""
COMPLEMENTARY = "complementary_sector"
DECLINE_REASONS = ("not_relevant", "timing", "already_in_contact", "competitor", "other")


class Match(Document):
    """`reason` of a decline is private: it stays here."""

    parties: list[str]
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


class Exclusions(BaseModel):
    """Whom a profile never wants to meet; private. A topic excludes every profile that names it."""

    model_config = ConfigDict(frozen=True)

    profiles: list[str] = []
    groups: list[str] = []
    topics: list[str] = []

    def exclude(self, other: ProfileRow) -> bool:
        if other.id in self.profiles or (other.group is not None and other.group in self.groups):
            return True
        return any(topic in self.topics for said in other.said() for topic in said.topics)


class OpenMatch(BaseModel):
    """What a desk knows of a match. `answered`: one side has said yes, or asked for it."""

    model_config = ConfigDict(frozen=True)

    score: float
    answered: bool
    agreed: bool


class Desk(Document):
    """The open matches of a profile, by id: the rule about their number, and what a withdrawal must reach. With it the
    profile's exclusions, so that one who proposes cannot miss them: every proposal writes both desks."""

    matches: dict[str, OpenMatch] = {}
    excluded: Exclusions = Exclusions()

    @property
    def waiting(self) -> int:
        """Proposals that wait for an answer."""
        return sum(not match.agreed for match in self.matches.values())

    def weakest_unanswered(self) -> str | None:
        unanswered = [(match.score, id) for id, match in self.matches.items() if not match.answered]
        return min(unanswered)[1] if unanswered else None

    def with_match(self, match: Match) -> Desk:
        known = OpenMatch(score=match.score, answered=bool(match.accepted_by), agreed=match.state == "agreed")
        return self.model_copy(update={"matches": {**self.matches, match.id: known}})

    def without(self, match_id: str) -> Desk:
        return self.model_copy(update={"matches": {id: m for id, m in self.matches.items() if id != match_id}})


@dataclass(frozen=True)
class Place:
    """What a new proposal finds at a desk: room, a weaker one to displace, or neither."""

    is_free: bool
    displaces: str | None = None


def place(desk: Desk, *, score: float, most: int, asked: bool) -> Place:
    """`asked`: somebody wants this very partner, which counts more than any score."""
    if desk.waiting < most:
        return Place(True)
    weakest = desk.weakest_unanswered()
    if weakest is None or (not asked and desk.matches[weakest].score >= score):
        return Place(False)
    return Place(True, weakest)


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


def rejudge(match: Match, found: Judgement, *, minimum: float, revisions: dict[str, int]) -> Answered:
    """After a revision of either side. What no longer fits is withdrawn while nobody has answered; what somebody has
    answered, or asked for by name, is kept, and marked."""
    fits = found.score >= minimum or match.origin == "request"
    if not fits and match.state == "proposed":
        return withdraw(match, reason="no_longer_fits")
    told = judged(found)
    if not fits:
        told["against"] = [*told["against"], BELOW_MINIMUM]
    if all(getattr(match, name) == value for name, value in told.items()):
        return Answered(match, None)
    return Answered(match.model_copy(update={**told, "revisions": revisions}), contract.MatchUpdated)


def judged(found: Judgement) -> dict[str, Any]:
    """What a match keeps of a judgement."""
    return {
        "score": found.score,
        "interest": dict(found.interest),
        "evidence": [_evidence(fit) for fit in found.evidence],
        "against": list(found.against),
    }


def _evidence(fit: Fit) -> Evidence:
    return Evidence(
        need=EvidenceEntry(profile_id=fit.need_of, id=fit.need.id, text_id=fit.need.text_id),
        offer=EvidenceEntry(profile_id=fit.offer_of, id=fit.offer.id, text_id=fit.offer.text_id),
        fit=fit.fit,
        parts=dict(fit.parts),
    )


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
        labels=match.labels,
        state=match.state,
        accepted_by=match.accepted_by,
        representatives=match.representatives,
        reason=match.reason if match.state == "withdrawn" else None,
        origin=match.origin,
        expires_at=match.expires_at.isoformat(timespec="milliseconds"),
    )
