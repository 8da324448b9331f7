"""The desk of a profile: its open matches, how many there may be, and whom it excludes (docs/rules.md, section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from services.chassis.model import Doc, Document, InvalidState

from .match import Match
from .profile_row import ProfileRow
from .taxonomy import Taxonomy, key

MAX_ASKS, MAX_MATCHES = 2, 4
"""Of one organisation at one profile: asks by name that wait for an answer, and open matches."""
MAX_FORUMS = 50
"""Forums at which one profile is registered."""


class Exclusions(BaseModel):
    """Profiles, groups and topics that a profile must never be matched with; private. A topic excludes every profile
    that names it or a part of it, by any of its names."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    profiles: list[str] = []
    groups: list[str] = []
    topics: list[str] = []

    def exclude(self, other: ProfileRow, taxonomy: Taxonomy) -> bool:
        """Whether they exclude this profile."""
        topics = (topic for entry in other.all_entries() for topic in entry.topics)
        return self._exclude(other.id, other.group, topics, taxonomy)

    def exclude_doc(self, other: Doc, taxonomy: Taxonomy) -> bool:
        """Whether they exclude a profile by its stored document, of which `offers` and `needs` need their topics
        only."""
        entries = (entry for side in ("offers", "needs") for entry in other.get(side, ()))
        topics = (topic for entry in entries for topic in entry.get("topics", ()))
        return self._exclude(other["_id"], other.get("group"), topics, taxonomy)

    def _exclude(self, id: str, group: str | None, topics: Iterable[str], taxonomy: Taxonomy) -> bool:
        if id in self.profiles or (group is not None and key(group) in map(key, self.groups)):
            return True
        return bool(self.topics) and taxonomy.include(self.topics, topics)


class OpenMatch(BaseModel):
    """What a desk stores of a match. `answered`: one side has accepted it, or asked for it. `owner`: the organisation
    on the other side. `asks`: that one has asked by name, and waits for the answer. `is_must`: an organiser has chosen
    the pair."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    score: float
    answered: bool
    agreed: bool
    owner: str
    asks: bool = False
    is_must: bool = False


class Desk(Document):
    """The open matches of a profile, by id: the rules about their number, and what a withdrawal of the profile reaches.

    The profile's exclusions are stored here too. Every proposal writes both desks, so a proposal cannot miss an
    exclusion that is set at the same time."""

    matches: dict[str, OpenMatch] = {}
    excluded: Exclusions = Exclusions()
    had_match: bool = False
    """Whether the profile has ever had one."""
    forums: list[str] = []
    """Those at which the profile is registered: what its withdrawal must reach."""

    @property
    def waiting(self) -> int:
        """The number of matches that wait for an answer."""
        return sum(not match.agreed for match in self.matches.values())

    def weakest_unanswered(self) -> str | None:
        """The match with the lowest score that neither side has answered and no organiser has chosen, or None."""
        # The id decides between equal scores, so that a decision that runs again displaces the same match.
        may_go = (item for item in self.matches.items() if not (item[1].answered or item[1].is_must))
        unanswered = [(match.score, id) for id, match in may_go]
        return min(unanswered)[1] if unanswered else None

    def after(self, match: Match) -> Desk:
        """The desk after a write of one of its matches: with an open one, without one that has ended."""
        others = {id: m for id, m in self.matches.items() if id != match.id}
        if not match.is_open:
            return self.model_copy(update={"matches": others})
        return self.model_copy(update={"matches": {**self.matches, match.id: self.seen(match)}, "had_match": True})

    def at_forum(self, forum_id: str) -> Desk:
        """The desk after a registration. Raises InvalidState (too-many-forums)."""
        if forum_id not in self.forums and len(self.forums) >= MAX_FORUMS:
            detail = f"A profile is registered at {MAX_FORUMS} forums at most. Withdraw from one of them first."
            raise InvalidState("too-many-forums", detail)
        return self.model_copy(update={"forums": sorted({*self.forums, forum_id})})

    def seen(self, match: Match) -> OpenMatch:
        """A match as this desk stores it."""
        other = match.other(self.id)
        return OpenMatch(
            score=match.score,
            answered=bool(match.accepted_by),
            agreed=match.state == "agreed",
            owner=match.owners[other],
            asks=match.asker == other,
            is_must=match.is_must,
        )


@dataclass(frozen=True)
class DeskRoom:
    """Whether a desk has room for a new match, and the weaker one that must leave for it, if any."""

    is_free: bool
    displaces: str | None = None


def find_room(desk: Desk, newcomer: OpenMatch, *, max_open: int) -> DeskRoom:
    """Room for a new match at a desk. No organisation takes more than its share of it. A proposal displaces a weaker
    one at a full desk, one of an organiser any; an ask by name (`answered` by its asker) displaces none."""
    theirs = [match for match in desk.matches.values() if match.owner == newcomer.owner]
    if len(theirs) >= MAX_MATCHES or (newcomer.asks and sum(match.asks for match in theirs) >= MAX_ASKS):
        return DeskRoom(False)
    if desk.waiting < max_open:
        return DeskRoom(True)
    weakest = desk.weakest_unanswered()
    if newcomer.answered or weakest is None:
        return DeskRoom(False)
    if desk.matches[weakest].score >= newcomer.score and not newcomer.is_must:
        return DeskRoom(False)
    return DeskRoom(True, weakest)
