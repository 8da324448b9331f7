"""Has a step of a plan made in another process."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from ..limited_process import run_limited
from .messages import Message, Order, Placed, Proved
from .steps import HELP_SHARE

GRACE_SECONDS = 15.0
"""Beyond its time the process is ended."""
M = TypeVar("M", bound=Message)


class PlanningFailed(Exception):
    """The process has given no answer."""


@dataclass(frozen=True)
class PlanLimits:
    """Of a step: its seconds, the deterministic time of CP-SAT (0: it is not asked), and the memory of each process."""

    seconds: float
    solver_work: float
    memory_mb: int


async def place(asked: bytes, *, seed: int, limits: PlanLimits) -> Placed:
    """The first schedule of a problem (JSON, with its names). Raises PlanningFailed."""
    order = Order(step="place", seed=seed, end=time.monotonic() + limits.seconds, **_limits(limits))
    return await _made(order, asked, b"[]", Placed)


async def prove(asked: bytes, spots: bytes, *, seed: int, limits: PlanLimits) -> Proved:
    """The plan from the first schedule, with its report. Raises PlanningFailed."""
    order = Order(step="prove", seed=seed, end=time.monotonic() + limits.seconds, **_limits(limits))
    return await _made(order, asked, spots, Proved)


def _limits(limits: PlanLimits) -> dict[str, float | int]:
    return {"seconds": limits.seconds, "solver_work": limits.solver_work, "memory_mb": limits.memory_mb}


async def _made(order: Order, asked: bytes, spots: bytes, kind: type[M]) -> M:
    sent = b"\n".join([order.model_dump_json().encode(), asked, spots])
    seconds = order.seconds * (1 + HELP_SHARE) + GRACE_SECONDS
    limits = (str(order.memory_mb), str(math.ceil(seconds)))
    written = await run_limited("services.matching.plan_maker", sent, *limits, wall_seconds=seconds)
    try:
        # In a thread: the report of a thousand people is some hundred kilobytes.
        return await asyncio.to_thread(kind.model_validate_json, written)
    except ValidationError:
        raise PlanningFailed(
            f"The step `{order.step}` came to its limits and is tried again; raise MAGPIE_MATCHING_PLAN_MEMORY_MB "
            f"({order.memory_mb} MB) if this goes on."
        ) from None
