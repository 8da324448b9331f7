"""A search or an encoding that has died is made up for by the next sweep."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from services.chassis.commit import AnyJob
from services.matching.usecases import sweep as sweeping
from services.matching.usecases.sweep import sweep
from tests.integration.matching.bridge import Bridge
from tests.integration.matching.test_proposing import provider, seeker, settled
from tests.support.services import Running
from tests.support.waiting import eventually


def failing(job: AnyJob) -> AnyJob:
    """The same, but it fails and is dead at once."""

    async def fails(job: Any) -> Any:
        raise ValueError("a failure of its own")

    return dataclasses.replace(job, work=fails, options=dataclasses.replace(job.options, max_tries=1))


@pytest.mark.parametrize("swept", [True, False])
async def test_a_profile_whose_encoding_has_died_is_encoded_by_the_next_sweep(
    matching: Running, monkeypatch: pytest.MonkeyPatch, swept: bool
) -> None:
    """Without a sweep it cannot be found, until its owner changes it or an operator sees the dead job."""
    bridge, service = Bridge(matching), matching.service
    database, jobs = service.database, service.workers._jobs
    real = jobs["embed"]
    jobs["embed"] = failing(real)
    await bridge.publish(seeker("p-kr"), key="p-kr")

    async def dead() -> Any:
        return await database.db.jobs.find_one({"kind": "embed", "dead": True})

    async def is_searched() -> Any:
        return await database.db.indexed.find_one({"_id": "p-kr", "unproposed": []})

    await eventually(dead, "the encoding is dead")
    jobs["embed"] = real
    monkeypatch.setattr(sweeping, "MAX_SWEEPS", 1 if swept else 0)
    assert await sweep(database, service.commands) == (1 if swept else 0)
    if not swept:
        assert await database.db.indexed.find_one({}) is None
        return
    await eventually(is_searched, "it is encoded, and searched for")
    assert await sweep(database, service.commands) == 0, "what is encoded is not encoded again"
    assert (await dead())["reason"].startswith("ValueError"), "the dead job stays, with its reason"


@pytest.mark.parametrize("swept", [True, False])
async def test_a_pair_that_a_dead_search_would_have_found_is_found_by_the_next_sweep(
    matching: Running, monkeypatch: pytest.MonkeyPatch, swept: bool
) -> None:
    """The first profile is searched for before the second one is there, and the search for that one dies. Without a
    sweep they never meet, also when the first one's search runs once more: nothing of it is new."""
    bridge, service = Bridge(matching), matching.service
    database, jobs = service.database, service.workers._jobs
    await bridge.publish(seeker("p-kr"), key="p-kr")

    async def searched() -> Any:
        return await database.db.indexed.find_one({"_id": "p-kr", "unproposed": []})

    async def dead() -> Any:
        return await database.db.jobs.find_one({"kind": "propose", "dead": True})

    async def matches() -> int:
        return int(await database.db.matches.count_documents({"state": "proposed"}))

    await eventually(searched, "the first one is searched for")
    await settled(matching)
    real = jobs["propose"]
    jobs["propose"] = failing(real)
    await bridge.publish(provider("p-cn"), key="p-cn")
    await eventually(dead, "the search for the second one is dead")
    monkeypatch.setattr(sweeping, "MAX_SWEEPS", 2 if swept else 0)
    assert await sweep(database, service.commands) == (1 if swept else 0)
    assert await sweep(database, service.commands) == 0, "not twice, and not at once again"
    jobs["propose"] = real
    if not swept:
        assert await matches() == 0
        return
    # The first sweep may have come before the search was whole again: the next one is due later.
    await database.db.indexed.update_one({"_id": "p-cn"}, {"$unset": {"sweep_at": 1}})

    async def found() -> bool:
        await sweep(database, service.commands)
        return await matches() == 1

    await eventually(found, "they are proposed to each other")
    assert await sweep(database, service.commands) == 0, "what is found is not searched for again"
    assert (await dead())["reason"].startswith("ValueError"), "the dead job stays, with its reason"
