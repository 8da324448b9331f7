"""A list of thousands of documents is read in slices."""

from __future__ import annotations

import pytest

from services.chassis.mongo import database
from tests.integration.chassis.rig import NOTES, Rig
from tests.support.turns import part_held

MANY = 80_000


async def test_the_loop_turns_while_a_long_list_becomes_models(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    await rig.database.db[NOTES.name].insert_many([{"_id": f"{n:05}", "total": n} for n in range(MANY)])

    async def read() -> None:
        assert len(await rig.database.find(NOTES, {})) == MANY

    assert await part_held(read, monkeypatch, database) < 1 / 3
