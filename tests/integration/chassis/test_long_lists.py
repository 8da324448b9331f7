"""A list of thousands of documents is read in slices."""

from __future__ import annotations

import asyncio

import pytest

from services.chassis.mongo import database
from tests.integration.chassis.rig import NOTES, Rig
from tests.support.turns import HELD_SECONDS, NoTurns, garbage_as_in_a_service, longest_hold

MANY = 80_000


@pytest.mark.parametrize("guarded", [True, False])
async def test_the_loop_turns_while_a_long_list_becomes_models(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(database, "Slices", NoTurns)
    await rig.database.db[NOTES.name].insert_many([{"_id": f"{n:05}", "total": n} for n in range(MANY)])
    answered: list[int] = []
    with garbage_as_in_a_service():
        held = asyncio.ensure_future(longest_hold(until=lambda: bool(answered)))
        found = await rig.database.find(NOTES, {})
        answered.append(len(found))
        longest = await held
    print(f"{MANY} documents; the loop was held {1000 * longest.clock:.0f} ms, {1000 * longest.cpu:.0f} of CPU")
    assert answered == [MANY] and (longest.cpu < HELD_SECONDS) is guarded
