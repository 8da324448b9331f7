"""A profile that is withdrawn or erased while it is encoded for the first time leaves nothing in the index."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from unittest.mock import Mock

import pytest

from deploy.local.system import Servers
from schemas.profiles import ProfileState
from services.chassis.commit.jobs import Claimed
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.model.events import Cause, Incoming
from services.matching import store
from services.matching.job_kinds import EMBED, ProfileJob
from services.matching.usecases.embed_profile import EmbedProfile
from services.matching.usecases.project_profile import project_profile
from tests.integration.matching.machine.cast import Cast
from tests.integration.matching.machine.world import World, a_world


@pytest.fixture
def world(servers: Servers, run_id: str) -> Iterator[World]:
    with a_world(servers.uri, run_id) as world:
        yield world


@pytest.mark.parametrize("guarded", [True, False])
def test_what_is_erased_while_it_is_encoded_is_not_indexed(
    world: World, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast, cause = Cast("x"), Cause("erasure")
    world.run(cast.enter(world))
    if not guarded:
        monkeypatch.setattr(UnitOfWork, "expect", lambda *_: None)
    id = cast.profiles[0]
    now = dt.datetime.now(dt.UTC)
    erasure: Incoming[ProfileState | None] = Incoming(
        data=None, id="e", type="erased", topic="profiles", key=id, sequence=2, time=now, cause=cause
    )
    embed = EmbedProfile(world.database, Mock(is_metered=False), Mock())
    job = Claimed("embed/1", EMBED.name, "token", 1, ProfileJob(profile_id=id, sequence=1), Cause("publication"))
    once = [erasure]

    async def encoded(uow: UnitOfWork) -> None:
        await embed.apply(uow, job, {})
        if once:
            await world.lanes[1].run(partial(project_profile, event=once.pop()), cause=cause)

    world.run(world.lanes[0].run(encoded, cause=job.cause))
    row = world.run(world.database.one(store.PROFILES, id))
    assert row is not None and not row.is_public
    assert (world.run(world.database.one(store.INDEXED, id)) is None) is guarded
