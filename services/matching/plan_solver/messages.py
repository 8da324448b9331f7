"""What is said to the process of the solver, and what it answers, as lines of JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from ..domain.scheduling.problem import Problem, Spot

PROBLEM = TypeAdapter(Problem)
SPOTS = TypeAdapter(list[Spot | None])


class Wish(BaseModel):
    """A problem with the best schedule that is known. `work`: deterministic time of CP-SAT, about a second a unit on a
    quick machine, whose use is the same on every machine; `end`: of the monotonic clock of this machine."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    problem: Problem
    spots: list[Spot | None]
    enough: int
    seed: int
    work: float
    end: float
    workers: int = 1


class Answer(BaseModel):
    """After each stage: the best schedule, the most meetings that any could have (None: not known yet), and whether
    that many were found."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    stage: Literal["targets", "number", "score"]
    spots: list[Spot | None]
    bound: int | None = None
    work: float = 0.0
