"""Every metric of profiles, declared once. All replicas count the same database: take the maximum, not the sum."""

from __future__ import annotations

import asyncio

from prometheus_client import Gauge

from services.chassis.database import Database

from . import store

profiles = Gauge("magpie_profiles", "Profiles there are now, by state and country.", ["state", "country"])
identifiers_to_review = Gauge(
    "magpie_profiles_identifiers_to_review", "Business identifiers that fail their checksum and wait for a person."
)


async def keep_counting(database: Database, *, every_seconds: float) -> None:
    """Runs for ever. Raises what the driver raises when MongoDB does not answer; the figures then stay."""
    while True:
        await count(database)
        await asyncio.sleep(every_seconds)


async def count(database: Database) -> None:
    found = await store.census(database)
    for state in ("draft", "published", "withdrawn"):
        for country in ("KR", "CN"):
            profiles.labels(state, country).set(found.get((state, country), 0))
    identifiers_to_review.set(await store.identifiers_to_review(database))
