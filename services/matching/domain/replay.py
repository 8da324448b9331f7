"""What a policy would have proposed: the live rules, played through on the profiles of today (docs/rules.md,
section 5).

Every profile comes in once, in the order of publication. No one answers, so what is displaced is what is weakest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .desk import Desk, OpenMatch, find_room
from .pair import pair_id
from .policy import PolicyRules
from .rounds.judging import gini


@dataclass(frozen=True)
class Fitting:
    """Another profile that may be proposed, with its score."""

    id: str
    score: float
    complementary: bool


@dataclass(frozen=True)
class History:
    """Profiles in the order of publication, who owns them, and for each the others that may be proposed to it, best
    first."""

    order: Sequence[str]
    owners: Mapping[str, str]
    fitting: Mapping[str, Sequence[Fitting]]


@dataclass(frozen=True)
class Outcome:
    """What a policy leaves open at the end: the score of each pair, by `pair_id`; and how many it has displaced."""

    open: Mapping[str, float]
    displaced: int

    def of(self, profile_id: str) -> list[float]:
        """The scores of a profile's proposals."""
        return self._by_profile.get(profile_id, [])

    @cached_property
    def _by_profile(self) -> Mapping[str, list[float]]:
        found: dict[str, list[float]] = {}
        for pair, score in self.open.items():
            for profile_id in pair.split("|"):
                found.setdefault(profile_id, []).append(score)
        return found


def replay(history: History, rules: PolicyRules) -> Outcome:
    """Plays a policy through. The same history and rules give the same outcome."""
    floor, present = _Floor(history.owners, rules), set[str]()
    for id in history.order:
        fitting = history.fitting.get(id, ())
        left = [one for one in fitting if one.id in present and one.score >= rules.minimum_score]
        made = list[Fitting]()
        while left and len(made) < rules.proposals:
            chosen = _next(left, made, rules)
            left.remove(chosen)
            if floor.propose(id, chosen):
                made.append(chosen)
        present.add(id)
    return Outcome(floor.open, floor.displaced)


class _Floor:
    """The desks of all profiles, and the proposals that are open."""

    def __init__(self, owners: Mapping[str, str], rules: PolicyRules) -> None:
        self.owners, self.rules = owners, rules
        self.desks = {id: Desk(id=id) for id in owners}
        self.open: dict[str, float] = {}
        self.displaced = 0

    def propose(self, id: str, chosen: Fitting) -> bool:
        """Whether both desks had room; then the weaker ones that had to leave are gone."""
        pair, weaker, after = pair_id(id, chosen.id), set[str](), dict[str, Desk]()
        for mine, other in ((id, chosen.id), (chosen.id, id)):
            newcomer = OpenMatch(score=chosen.score, answered=False, agreed=False, owner=self.owners[other])
            room = find_room(self.desks[mine], newcomer, max_open=self.rules.max_open)
            if not room.is_free:
                return False
            weaker |= {room.displaces} if room.displaces else set()
            after[mine] = _with(self.desks[mine], {**self.desks[mine].matches, pair: newcomer})
        self.desks |= after
        self.open[pair] = chosen.score
        for one in weaker:
            self._leave(one)
        return True

    def _leave(self, pair: str) -> None:
        self.displaced += 1
        del self.open[pair]
        for id in pair.split("|"):
            kept = {other: match for other, match in self.desks[id].matches.items() if other != pair}
            self.desks[id] = _with(self.desks[id], kept)


def _with(desk: Desk, matches: Mapping[str, OpenMatch]) -> Desk:
    return desk.model_copy(update={"matches": dict(matches)})


def _next(left: Sequence[Fitting], made: Sequence[Fitting], rules: PolicyRules) -> Fitting:
    if rules.keeps_place(len(made), sum(one.complementary for one in made)):
        return next((one for one in left if one.complementary), left[0])
    return left[0]


def compare(history: History, before: Outcome, after: Outcome) -> dict[str, Any]:
    """Who gains and who loses: proposals of each profile whose proposals differ, and their scores added up. More
    proposals are a gain; of as many, a higher sum is."""
    gains, loses = list[dict[str, Any]](), list[dict[str, Any]]()
    for id in sorted(history.order):
        old, new = before.of(id), after.of(id)
        difference = (len(new) - len(old), round(sum(new) - sum(old), 4))
        if difference != (0, 0.0):
            change = {"profile_id": id, "before": len(old), "after": len(new), "score": difference[1]}
            (gains if difference > (0, 0.0) else loses).append(change)
    return {
        "profiles": len(history.order),
        "before": _summary(history, before),
        "after": _summary(history, after),
        "same": len(before.open.keys() & after.open.keys()),
        "gains": gains,
        "loses": loses,
    }


def _summary(history: History, outcome: Outcome) -> dict[str, Any]:
    counts = np.array([len(outcome.of(id)) for id in history.order], dtype=np.float64)
    return {
        "proposals": len(outcome.open),
        "without_proposal": int((counts == 0).sum()),
        "displaced": outcome.displaced,
        "gini": round(gini(counts), 4),
        "mean_score": round(sum(outcome.open.values()) / len(outcome.open), 4) if outcome.open else 0.0,
    }
