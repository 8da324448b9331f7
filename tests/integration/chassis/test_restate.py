"""A state that is said once more: beyond a forged record, and never where readers would refuse it for good."""

from __future__ import annotations

from argparse import ArgumentTypeError
from dataclasses import replace
from typing import Any

import pytest

from services.chassis.model.documents import MAX_FIRST, MAX_STEP, Projection, is_newer
from services.chassis.model.events import MAX_SEQUENCE
from services.chassis.restate import MAX_BEYOND, Jumps, NothingToSay, _sequence, restate
from tests.integration.chassis.rig import NOTES, Noted, NoteErased, Rig, add

STATED = replace(NOTES, state_event=lambda note: Noted(n=note.total), erased_event=NoteErased)


async def revision(rig: Rig, id: str) -> Any:
    found = await rig.database.collection("notes").find_one({"_id": id}) or {}
    return found.get("revision")


async def erased(rig: Rig, id: str) -> None:
    """Leaves the gravestone of a note that had five revisions."""
    await rig.database.collection("notes").insert_one({"_id": id, "revision": 5, "at": 1, "gone": True})


async def written(rig: Rig, id: str) -> None:
    async with rig.commands() as commands:
        for _ in range(5):
            await commands.run(add(id))


@pytest.mark.parametrize("made", [written, erased])
async def test_a_jump_that_readers_set_aside_is_not_said_unless_the_operator_means_it(rig: Rig, made: Any) -> None:
    await made(rig, "a")
    committer, readers = rig.committer(1), Projection(id="a", sequence=5)
    with pytest.raises(Jumps, match=r"the owner is at 5, .* set aside 1006 .* --jump"):
        await restate(committer, STATED, "a", beyond=5 + MAX_STEP)
    assert await revision(rig, "a") == 5, "nothing was written"
    assert await restate(committer, STATED, "a", beyond=4 + MAX_STEP) == 5 + MAX_STEP
    assert is_newer(5 + MAX_STEP, readers)
    assert await restate(committer, STATED, "a", beyond=50_000, jump=True) == await revision(rig, "a") == 50_001


async def test_a_forged_first_record_is_answered_whatever_readers_have_taken(rig: Rig) -> None:
    """Readers have no row to compare the first record of a key with, nor has the owner."""
    said = await restate(rig.committer(1), STATED, "none", beyond=MAX_FIRST)
    assert said == MAX_FIRST + 1 and is_newer(said, Projection(id="none", sequence=MAX_FIRST))
    with pytest.raises(NothingToSay):
        await restate(rig.committer(1), replace(STATED, erased_event=None), "nothing", beyond=1)


def test_no_sequence_is_taken_after_which_readers_refuse_the_key() -> None:
    assert MAX_FIRST + MAX_STEP < _sequence(str(MAX_BEYOND)) + 1 < MAX_SEQUENCE
    for refused in (-1, MAX_BEYOND + 1, MAX_SEQUENCE, 2**62):
        with pytest.raises(ArgumentTypeError, match="readers refuse"):
            _sequence(str(refused))
