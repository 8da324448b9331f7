from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.chassis.commit.commands import Commands
from services.chassis.mongo.database import Database
from tests.integration.chassis.rig import ALL, Rig


@pytest.fixture
async def rig(servers: Any, run_id: str) -> AsyncIterator[Rig]:
    database = Database(servers.uri, f"promise_{run_id}", source="/magpie/test")
    await database.prepare(ALL)
    yield Rig(servers.bootstrap, database, run_id, servers.uri)
    await database.client.drop_database(database.db.name)
    database.close()


@pytest.fixture
async def lane(rig: Rig) -> AsyncIterator[Commands]:
    async with rig.commands() as commands:
        yield commands
