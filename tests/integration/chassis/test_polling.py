"""Workers look for the kinds that were told; a poll finds the others, and asks once for all of them."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from services.chassis.commit import workers as workers_module
from services.chassis.commit.commands import Commands
from services.chassis.commit.job_kind import JobKind, Payload
from services.chassis.commit.jobs import AnyJob, Claimed, Job
from services.chassis.commit.unit_of_work import JOBS, UnitOfWork
from services.chassis.commit.workers import Workers
from tests.integration.chassis.rig import NOTES, Rig, add, running
from tests.support.waiting import eventually


class Turn(Payload):
    number: int


BUSY, QUIET = JobKind("busy", Turn), [JobKind(f"quiet{n}", Turn) for n in range(4)]
TURNS = 60


async def _again(uow: UnitOfWork, job: Claimed[Turn], result: None) -> None:
    """One job of this kind plans the next, so the kind is told all the time."""
    await add("turns")(uow)
    if job.payload.number < TURNS:
        uow.enqueue(BUSY, Turn(number=job.payload.number + 1), cause=f"busy{job.payload.number + 1}")


async def _done(uow: UnitOfWork, job: Claimed[Turn], result: None) -> None:
    await add("quiet")(uow)


async def _nothing(job: Claimed[Turn]) -> None:
    """All is done in the decision."""


def _jobs() -> list[AnyJob]:
    return [
        Job(kind=BUSY, work=_nothing, apply=_again),
        *(Job(kind=kind, work=_nothing, apply=_done) for kind in QUIET),
    ]


async def _plan(kind: JobKind[Turn], uow: UnitOfWork) -> None:
    await add("planned")(uow)
    uow.enqueue(kind, Turn(number=1), cause=f"first of {kind.name}")


async def test_a_busy_kind_costs_no_query_for_each_other_kind(
    rig: Rig, lane: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers_module, "POLL_SECONDS", 0.0)
    asked, claim = Counter[str](), Workers._claim

    async def counting(self: Workers, job: AnyJob, room: int) -> list[Claimed[Payload]]:
        asked[job.kind.name] += 1
        return await claim(self, job, room)

    monkeypatch.setattr(Workers, "_claim", counting)
    await lane.run(partial(_plan, BUSY))
    async with running(rig.workers(lane, *_jobs()).serve()):
        await eventually(partial(_is_noted, rig, "turns", TURNS), "all turns")
    assert asked[BUSY.name] >= TURNS and sum(asked.values()) == asked[BUSY.name]


async def test_what_another_process_plans_is_found_beside_a_busy_kind(
    rig: Rig, lane: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers_module, "POLL_SECONDS", 0.0)
    await lane.run(partial(_plan, QUIET[2]))
    rig.database.due_kinds.take()  # as if another process had told its own workers
    await lane.run(partial(_plan, BUSY))
    async with running(rig.workers(lane, *_jobs()).serve()):
        await eventually(partial(_is_noted, rig, "quiet", 1), "the quiet one")
        await eventually(partial(_is_noted, rig, "turns", TURNS), "all turns")
    assert await rig.database.db[JOBS].count_documents({}) == 0


async def _is_noted(rig: Rig, name: str, total: int) -> bool:
    note = await rig.database.one(NOTES, name)
    return note is not None and note.total == total
