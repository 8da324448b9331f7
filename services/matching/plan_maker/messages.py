"""What is said to the process that plans, and what it answers: lines of JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from ..domain.forum_plans.plan import PlannedMeeting, PlanReport
from ..domain.scheduling.problem import Spot


class Message(BaseModel):
    """Base of both. Frozen."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Order(Message):
    """Which step is asked for; the problem with its names follows in a line of its own, and the spots so far in another
    one. `end`: of the monotonic clock of this machine, for all but what would help; `solver_work`: 0 asks no solver."""

    step: Literal["place", "prove"]
    seed: int
    seconds: float
    end: float
    solver_work: float
    memory_mb: int


class Placed(Message):
    """What the first step gives: a spot by wish, None for those that have none."""

    spots: list[Spot | None]

    @property
    def count(self) -> int:
        """How many stand."""
        return sum(spot is not None for spot in self.spots)


class Proved(Message):
    """What the second step gives."""

    meetings: list[PlannedMeeting]
    report: PlanReport
