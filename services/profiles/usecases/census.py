"""Counts what there is in the database, for the gauges in `metrics.py`."""

from __future__ import annotations

import asyncio

from services.chassis.mongo import Database, explain
from services.chassis.ops import Backoff, logger, run_forever

from .. import metrics
from ..store import count_identifiers_to_review, count_profiles

log = logger(__name__)


async def keep_counting(database: Database, every_seconds: float) -> None:
    """Counts again and again, with this pause; runs until cancelled. While MongoDB is away the figures stay."""

    async def step() -> None:
        await count(database)
        await asyncio.sleep(every_seconds)

    await run_forever(step, backoff=Backoff(0.5, 10.0), report=_report)


def _report(error: BaseException) -> None:
    log.error("loop_failed", loop="census", reason=explain(error))


async def count(database: Database) -> None:
    """Sets each gauge once, also to 0 for a state without profiles. Raises what the driver raises."""
    found = await count_profiles(database)
    for state in ("draft", "published", "withdrawn"):
        for country in ("KR", "CN"):
            metrics.profiles.labels(state, country).set(found.get((state, country), 0))
    metrics.identifiers_to_review.set(await count_identifiers_to_review(database))
