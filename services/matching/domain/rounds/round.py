"""A round as it is stored: opened, scored in tiles, ranked, proposed in steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Set
from typing import Literal

import numpy as np

from services.chassis.model import Document, Invalid, InvalidState, QuotaReached

from ..budget import MAX_RETRY_SECONDS, Budget, day_end
from ..policy import Policy, PolicyRules
from .judging import Judged
from .market import Mask, Matrix
from .planning import Edge, RoundPlan

RoundState = Literal["scoring", "ranking", "proposing", "done"]
ShownState = Literal["scoring", "ranking", "proposing", "done", "failed"]
"""`failed` is not stored: it is said of a round whose job is dead, until an operator has that job tried again."""
TILE = (64, 64)
"""Left and right profiles that are scored in one step: about half a second in a thread."""
PAIRS_A_STEP = 20
FORGOTTEN_AFTER = dt.timedelta(hours=24)
"""A round that has not ended by then has failed, and no longer counts as open."""
QUOTA = "rounds_day"
COUNTRIES = ("KR", "CN")
"""The left and the right side."""


class Round(Document):
    """A round. `left` and `right`: its profiles of the two countries, by id. `left_out`: profiles that were named, and
    are not published in either. `made`: proposals of this round, by profile."""

    opened_by: str
    opened_at: dt.datetime
    ended_at: dt.datetime | None = None
    state: RoundState = "scoring"
    policy_name: str
    policy_version: int
    rules: PolicyRules
    left: list[str]
    right: list[str]
    left_out: int = 0
    forum_id: str | None = None
    """The forum whose participants they are; its must-meets are proposed first."""
    steps_done: int = 0
    proposed: int = 0
    made: dict[str, int] = {}
    with_candidates: int = 0
    chosen: str | None = None
    judged: dict[str, Judged] = {}

    @property
    def policy(self) -> Policy:
        """The policy as it was when the round was opened."""
        return Policy(id=self.policy_name, version=self.policy_version, rules=self.rules)

    @property
    def profiles(self) -> list[str]:
        """All its profiles: the left ones, then the right ones."""
        return [*self.left, *self.right]

    @property
    def tiles(self) -> list[tuple[slice, slice]]:
        """What is scored in each step: which left ones with which right ones."""
        (high, wide), (rows, columns) = TILE, (len(self.left), len(self.right))
        return [
            (slice(i, min(i + high, rows)), slice(j, min(j + wide, columns)))
            for i in range(0, rows, high)
            for j in range(0, columns, wide)
        ]

    @property
    def without_proposal(self) -> int:
        """Profiles that have a candidate, and no proposal of this round."""
        return max(0, self.with_candidates - len(self.made))

    def scored(self, step: int) -> Round:
        """After a tile; after the last one it is ranked."""
        done = step + 1
        state = "ranking" if done >= len(self.tiles) else "scoring"
        return self.model_copy(update={"steps_done": done, "state": state})

    def ranked(self, chosen: str, judged: Mapping[str, Judged], with_candidates: int) -> Round:
        """After the ranking."""
        update = {"chosen": chosen, "judged": dict(judged), "with_candidates": with_candidates, "state": "proposing"}
        return self.model_copy(update=update)

    def proposing(self, pairs: Iterable[tuple[str, str]]) -> Round:
        """After a step in which these pairs were proposed."""
        made, new = dict(self.made), list(pairs)
        for side in (side for pair in new for side in pair):
            made[side] = made.get(side, 0) + 1
        return self.model_copy(update={"made": made, "proposed": self.proposed + len(new)})

    def ended(self, now: dt.datetime) -> Round:
        """After the last step."""
        return self.model_copy(update={"state": "done", "ended_at": now})


class OpenRounds(Document):
    """The rounds that have not ended, with the instant from which each no longer counts. All of them are in one
    document, so two rounds that are opened at once cannot take one last place."""

    until: dict[str, dt.datetime] = {}

    def with_one(self, id: str, *, now: dt.datetime, most: int, failed: Set[str] = frozenset()) -> OpenRounds:
        """With one more; those that `failed` take no place. Raises InvalidState (too-many-rounds)."""
        open_ = {other: until for other, until in self.until.items() if until > now and other not in failed}
        if len(open_) >= most:
            detail = f"{len(open_)} rounds are under way, the most at once. Open yours when one of them has ended."
            raise InvalidState("too-many-rounds", detail, extra={"rounds": sorted(open_)})
        return self.model_copy(update={"until": {**open_, id: now + FORGOTTEN_AFTER}})

    def without(self, id: str) -> OpenRounds:
        """After the end of a round."""
        return self.model_copy(update={"until": {other: until for other, until in self.until.items() if other != id}})


class Tile(Document):
    """The scores of one tile, as float32, row by row, and which of its pairs are complementary. Removed after some
    days."""

    to_right: bytes
    to_left: bytes
    complementary: bytes
    made_at: dt.datetime

    @classmethod
    def of(cls, id: str, to_right: Matrix, to_left: Matrix, complementary: Mask, now: dt.datetime) -> Tile:
        """Packs the scores of a tile."""
        packed = [matrix.astype(np.float32).tobytes() for matrix in (to_right, to_left)]
        return cls(id=id, to_right=packed[0], to_left=packed[1], complementary=complementary.tobytes(), made_at=now)

    def matrices(self, shape: tuple[int, int]) -> tuple[Matrix, Matrix, Mask]:
        """What was packed."""
        scores = [np.frombuffer(data, np.float32).astype(np.float64) for data in (self.to_right, self.to_left)]
        mask = np.frombuffer(self.complementary, np.bool_).reshape(shape)
        return scores[0].reshape(shape), scores[1].reshape(shape), mask


class StoredPlan(Document):
    """The plan of a round, by the numbers of its profiles: int32, two a pair. Removed after some days."""

    pairs: bytes
    spares: bytes
    musts: int = 0
    made_at: dt.datetime

    @classmethod
    def of(cls, id: str, plan: RoundPlan, now: dt.datetime) -> StoredPlan:
        """Packs a plan."""
        pairs, spares = (np.array(edges, np.int32).tobytes() for edges in (plan.pairs, plan.spares))
        return cls(id=id, pairs=pairs, spares=spares, musts=plan.musts, made_at=now)

    def plan(self) -> RoundPlan:
        """What was packed."""
        return RoundPlan(_edges(self.pairs), _edges(self.spares), self.musts)


def _edges(data: bytes) -> list[Edge]:
    return [(int(one), int(other)) for one, other in np.frombuffer(data, np.int32).reshape(-1, 2)]


def tile_id(round_id: str, step: int) -> str:
    """The `_id` of a tile."""
    return f"{round_id}/{step}"


def next_step(plan: RoundPlan, done: int, made: Mapping[int, int]) -> tuple[list[Edge], int]:
    """The pairs of the next step, and how much of the plan is done after it. A spare is for one who has nothing yet, so
    a step holds one of each profile at most, and no step holds pairs and spares."""
    edges, first_spare = [*plan.pairs, *plan.spares], len(plan.pairs)
    if done < first_spare:
        end = min(done + PAIRS_A_STEP, first_spare)
        return edges[done:end], end
    taken = dict[int, Edge]()
    for at in range(done, len(edges)):
        chooser = edges[at][0]
        if chooser in taken or len(taken) == PAIRS_A_STEP:
            return list(taken.values()), at
        if not made.get(chooser):
            taken[chooser] = edges[at]
    return list(taken.values()), len(edges)


def spend_round(budget: Budget, now: dt.datetime, *, most: int) -> Budget:
    """One more round of an organisation today. Raises QuotaReached."""
    if budget.used >= most:
        detail = f"Your organisation has opened {most} rounds today, the most for a day in UTC. Go on tomorrow."
        seconds = int((budget.day_ends - now).total_seconds()) + 1
        raise QuotaReached("rounds-spent", detail, retry_after=min(MAX_RETRY_SECONDS, seconds), quota=QUOTA)
    return budget.with_one_more()


def round_budget(org: str, now: dt.datetime) -> Budget:
    """The budget of an organisation's rounds today, nothing of it used up."""
    end = day_end(now)
    return Budget(id=f"rounds/{org}/{end.date().isoformat()}", day_ends=end)


def must_have_two_sides(left: int, right: int) -> None:
    """Raises Invalid if one country has no profile in the round."""
    if not left or not right:
        detail = f"A round needs published profiles of both countries; these are {left} of Korea and {right} of China."
        raise Invalid(detail, pointer="/profiles")
