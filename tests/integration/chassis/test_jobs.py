"""Promise 9: slow work is claimed by lease and finished only by whoever still holds it."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.chassis.commit import committer
from services.chassis.commit.commands import Commands
from services.chassis.commit.job_kind import JobKind, Payload
from services.chassis.commit.jobs import AnyJob, Claimed, Job, RunOptions, Work
from services.chassis.commit.unit_of_work import JOBS, UnitOfWork
from services.chassis.commit.workers import Workers
from services.chassis.model.documents import Ref
from tests.integration.chassis.rig import TALLIES, Rig, Tally, add, running
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]


class CauseJob(Payload):
    cause: str


WORK = JobKind("work", CauseJob)


async def plan(rig: Rig, lane: Commands, *causes: str) -> None:
    async def decide(uow: UnitOfWork) -> None:
        await add("planned")(uow)
        for cause in causes:
            uow.enqueue(WORK, CauseJob(cause=cause), cause=cause)

    await lane.run(decide)


async def tallied(uow: UnitOfWork, job: Claimed[CauseJob], result: None) -> None:
    tally = await uow.get_or(TALLIES, Tally(id="work"))
    uow.put(TALLIES, tally.model_copy(update={"total": tally.total + 1}))


def job(work: Work[CauseJob, None], **options: Any) -> AnyJob:
    return Job(kind=WORK, work=work, apply=tallied, options=RunOptions(**options))


async def jobs_left(rig: Rig) -> int:
    return int(await rig.database.db[JOBS].count_documents({}))


async def finished(rig: Rig) -> bool:
    return await jobs_left(rig) == 0


async def test_a_job_runs_once_though_two_replicas_look_for_it(rig: Rig, lane: Commands) -> None:
    worked: Counter[str] = Counter()

    async def work(job: Claimed[CauseJob]) -> None:
        worked[job.payload.cause] += 1
        await asyncio.sleep(0.01)

    counted = job(work)
    await plan(rig, lane, *(f"c{i}" for i in range(40)))
    async with running(rig.workers(lane, counted).serve()), running(rig.workers(lane, counted).serve()):
        await eventually(lambda: finished(rig), "all done")
    assert worked == {f"c{i}": 1 for i in range(40)} and await rig.tally("work") == 40


async def test_the_cause_names_the_job(rig: Rig, lane: Commands) -> None:
    """The same cause plans it once, even while it runs; another cause is another job."""
    await plan(rig, lane, "one")
    await plan(rig, lane, "one", "two")
    assert await jobs_left(rig) == 2


async def test_a_job_is_planned_only_beside_a_write(rig: Rig, lane: Commands) -> None:
    async def decide(uow: UnitOfWork) -> None:
        uow.enqueue(WORK, CauseJob(cause="c"), cause="c")

    with pytest.raises(LookupError, match="replay"):
        await lane.run(decide)


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_thawed_worker_changes_nothing(
    guarded: bool, rig: Rig, lane: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease ran out while it was frozen, another did the job. Without the token both take effect."""
    if not guarded:
        monkeypatch.setattr(UnitOfWork, "finish", lambda self, job_id, token: None)
        monkeypatch.setattr("services.chassis.commit.workers.Superseded", _Never)
        monkeypatch.setattr(UnitOfWork, "stored_token", lambda self, job_id: _Anything())
    thaw, began = asyncio.Event(), Counter[str]()

    async def frozen(job: Claimed[CauseJob]) -> None:
        began["frozen"] += 1
        await thaw.wait()

    async def healthy(job: Claimed[CauseJob]) -> None:
        began["healthy"] += 1

    async def nothing(self: Workers) -> None:
        """A frozen process renews nothing."""

    await plan(rig, lane, "w1")
    first = rig.workers(lane, job(frozen, concurrency=1), lease_seconds=1.0)  # it claims nothing more
    monkeypatch.setattr(Workers, "renew", nothing)
    async with running(first.serve()):
        await eventually(lambda: began["frozen"] == 1, "first claim")
        async with running(rig.workers(lane, job(healthy)).serve()):

            async def worked() -> bool:
                return await rig.tally("work") >= 1

            await eventually(worked, "taken over")
        thaw.set()
        await eventually(lambda: not first._running, "the thawed one has ended")
    # Without it nothing ends the job either, so it may even be done again and again.
    assert (await rig.tally("work") == 1) is guarded


class _Never(Exception):
    """Stands for the guard's refusal, which is taken away."""


class _Anything:
    def __ne__(self, other: object) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


async def test_no_owner_waits_behind_the_flood_of_another(rig: Rig, lane: Commands) -> None:
    order: list[str] = []

    async def work(job: Claimed[CauseJob]) -> None:
        order.append(job.payload.cause)

    async def flood(uow: UnitOfWork) -> None:
        await add("planned")(uow)
        for n in range(120):
            uow.enqueue(WORK, CauseJob(cause=f"greedy-{n}"), cause=f"greedy-{n}", owner="greedy")

    async def ask(uow: UnitOfWork) -> None:
        await add("planned")(uow)
        for n in range(3):
            uow.enqueue(WORK, CauseJob(cause=f"other-{n}"), cause=f"other-{n}", owner="other")

    await lane.run(flood)
    await lane.run(ask)
    async with running(rig.workers(lane, job(work, concurrency=2)).serve()):
        await eventually(lambda: finished(rig), "all done", 60)
    assert max(order.index(f"other-{n}") for n in range(3)) < 12, "between the first ones of the flood"
    assert len(order) == 123, "and the flood is worked off all the same"


async def test_a_long_job_renews_its_lease(rig: Rig, lane: Commands) -> None:
    began: Counter[str] = Counter()

    async def slow(job: Claimed[CauseJob]) -> None:
        began[job.kind] += 1
        await asyncio.sleep(2.5)

    await plan(rig, lane, "s1")
    workers = [rig.workers(lane, job(slow), lease_seconds=0.9) for _ in range(2)]
    async with running(workers[0].serve()), running(workers[1].serve()):
        await eventually(lambda: finished(rig), "done")
    assert began == {"work": 1}


async def test_a_job_that_kills_its_process_is_counted(rig: Rig, lane: Commands) -> None:
    """Tries are counted at the claim: after the limit it is dead and visible, and other jobs run."""
    await plan(rig, lane, "killer")
    script = (
        "import asyncio, os\n"
        "from tests.integration.chassis import rig as r\n"
        "from services.chassis.mongo.database import Database\n"
        "from services.chassis.commit.jobs import Job, RunOptions\n"
        "from tests.integration.chassis.test_jobs import WORK\n"
        "async def die(job): os._exit(137)\n"
        "async def main():\n"
        f"    db = Database('{rig.uri}', '{rig.database.db.name}', source='/t')\n"
        "    rig = r.Rig('', db, 'x', '')\n"
        "    async with rig.commands() as lane:\n"
        "        job = Job(kind=WORK, work=die, apply=None, options=RunOptions(max_tries=2))\n"
        "        await rig.workers(lane, job, lease_seconds=0.3).serve()\n"
        "asyncio.run(main())\n"
    )
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, cwd=ROOT)
        assert await asyncio.wait_for(process.wait(), 30) == 137

    async def fine(job: Claimed[CauseJob]) -> None:
        """Nothing slow about it."""

    await plan(rig, lane, "other")
    async with running(rig.workers(lane, job(fine, max_tries=2), lease_seconds=0.3).serve()):

        async def one_dead() -> bool:
            dead = await rig.database.db[JOBS].count_documents({"dead": True})
            return dead == 1 and await jobs_left(rig) == 1

        await eventually(one_dead, "the killer is dead, the other done")
    assert await rig.tally("work") == 1


@pytest.mark.parametrize("guarded", [True, False])
async def test_what_jobs_name_is_read_for_all_of_them_before_the_first_is_decided(
    guarded: bool, rig: Rig, lane: Commands
) -> None:
    """Read one by one, the documents of a batch would take most of its time."""
    names, gate, known = [f"c{n}" for n in range(20)], asyncio.Event(), Counter[bool]()

    async def work(job: Claimed[CauseJob]) -> None:
        await gate.wait()

    def reads(job: Claimed[CauseJob], result: None) -> list[Ref]:
        return [TALLIES.ref(job.payload.cause)] if guarded else []

    async def apply(uow: UnitOfWork, job: Claimed[CauseJob], result: None) -> None:
        known[TALLIES.ref(job.payload.cause) in uow._stored] += 1
        uow.put(TALLIES, await uow.get_or(TALLIES, Tally(id=job.payload.cause, total=1)))

    await plan(rig, lane, *names)
    counted = Job(kind=WORK, work=work, apply=apply, reads=reads, options=RunOptions(concurrency=20))
    workers = rig.workers(lane, counted)
    async with running(workers.serve()):
        await eventually(lambda: len(workers._running) == 20, "all under way")
        gate.set()
        await eventually(lambda: finished(rig), "all done")
    assert (known == {True: 20}) is guarded
    assert await rig.database.db[TALLIES.name].count_documents({"total": 1}) == 20


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_batch_loads_no_more_than_a_transaction_may(
    guarded: bool, rig: Rig, lane: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would load everything for each decision: a transaction ends when too much is loaded."""
    monkeypatch.setattr(committer, "MAX_LOADED", 10)
    if not guarded:
        monkeypatch.setattr(committer, "_loadable", list)
    loaded, load = list[int](), UnitOfWork.load

    async def counting(self: UnitOfWork, refs: Iterable[Ref]) -> None:
        wanted = set(refs)
        loaded.append(len(wanted))
        await load(self, wanted)

    monkeypatch.setattr(UnitOfWork, "load", counting)

    async def decide(uow: UnitOfWork, id: str) -> None:
        uow.put(TALLIES, await uow.get_or(TALLIES, Tally(id=id, total=1)))

    ids = [[f"t{n}-{m}" for m in range(4)] for n in range(8)]
    decisions = [lane.run(partial(decide, id=mine[0]), reads=[TALLIES.ref(id) for id in mine]) for mine in ids]
    await asyncio.gather(*decisions)
    assert await rig.database.db[TALLIES.name].count_documents({"total": 1}) == 8
    assert (max(loaded) <= 10) is guarded


@pytest.mark.parametrize("guarded", [True, False])
async def test_work_in_the_background_waits_until_no_other_is_due(guarded: bool, rig: Rig, lane: Commands) -> None:
    later, order = JobKind("later", CauseJob), list[str]()

    async def work(job: Claimed[CauseJob]) -> None:
        order.append(job.kind)
        await asyncio.sleep(0)

    async def both(uow: UnitOfWork) -> None:
        await add("planned")(uow)
        for n in range(6):
            for kind in (later, WORK):
                uow.enqueue(kind, CauseJob(cause=str(n)), cause=str(n))

    await lane.run(both)
    options = RunOptions(yields_to=(WORK.name,) if guarded else ())
    background = Job(kind=later, work=work, apply=tallied, options=options)
    async with running(rig.workers(lane, background, job(work, concurrency=2)).serve()):
        await eventually(lambda: finished(rig), "all done")
    assert Counter(order) == {"later": 6, "work": 6}
    assert (order == ["work"] * 6 + ["later"] * 6) is guarded
