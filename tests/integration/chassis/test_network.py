"""MongoDB is there but takes nothing: its primary steps down, its disk is full, or the line to it is cut, slow or half
open. Everything waits, nothing is dropped, nothing happens twice."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pymongo.errors import PyMongoError

from deploy.local.mongo import Mongo
from deploy.local.system import Servers
from services.chassis.commit.commands import Commands, NotDone, OutcomeUnknown
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.model.events import Incoming
from services.chassis.model.failures import Unavailable
from services.chassis.mongo.database import Database
from tests.integration.chassis.group import Group
from tests.integration.chassis.rig import ALL, NOTES, Noted, Rig, add, count, sequences
from tests.integration.chassis.rig import running as in_background
from tests.support.kafka import read_all
from tests.support.proxy import Proxy, proxied
from tests.support.waiting import eventually

RECORDS, COMMANDS = 400, 120
OUT_OF_DISK_SPACE = 14031


@asynccontextmanager
async def through_a_proxy(servers: Servers, run_id: str) -> AsyncIterator[tuple[Rig, Proxy]]:
    """A rig of its own whose every word to MongoDB goes through the proxy."""
    async with proxied(servers.mongo.port) as proxy:
        database = Database(f"mongodb://{proxy.address}/?directConnection=true", f"cut_{run_id}", source="/magpie/test")
        await database.prepare(ALL)
        try:
            yield Rig(servers.bootstrap, database, run_id, servers.uri), proxy
        finally:
            proxy.heal()
            await database.client.drop_database(database.db.name)
            await asyncio.to_thread(database.close)  # says goodbye through the proxy, which lives in this loop


async def busy(rig: Rig, trouble: Callable[[], Awaitable[None]]) -> None:
    """Records, commands and the relay while there is trouble; afterwards everything has happened once."""
    await rig.make_topics(rig.incoming, rig.notes)
    await rig.fill(RECORDS)
    async with (
        Group(rig, count, max_records=10),
        rig.commands() as lane,
        in_background(rig.relay(lease_seconds=1.0, batch=20).serve()),
    ):
        commands = [asyncio.ensure_future(_add(lane, n)) for n in range(COMMANDS)]

        async def under_way() -> bool:
            return await rig.tally() >= 20

        await eventually(under_way, "the first records took effect")
        await trouble()
        await asyncio.gather(*commands)

        async def all_done() -> bool:
            with contextlib.suppress(PyMongoError):
                return await rig.tally() == RECORDS and await rig.count_rows() == 0
            return False

        await eventually(all_done, "every record took effect and every event is out", 90)
        assert await rig.tally() == RECORDS
    notes = await rig.database.find(NOTES, {})
    assert sum(note.total for note in notes) == COMMANDS
    told = sequences(await read_all(rig.bootstrap, rig.notes))
    assert {key: set(numbers) for key, numbers in told.items()} == {
        note.id: set(range(1, note.revision + 1)) for note in notes
    }


async def _add(lane: Commands, n: int) -> None:
    await lane.run(add(f"n{n % 7}"), patient=True)


async def more(of: Callable[[], int], what: str) -> None:
    before = of()
    await eventually(lambda: of() > before, what)


async def test_a_primary_that_steps_down_and_is_elected_again(rig: Rig) -> None:
    """The only node of the set refuses every write for some seconds, while it answers."""

    async def step_down() -> None:
        command = {"replSetStepDown": 4, "secondaryCatchUpPeriodSecs": 0, "force": True}
        with contextlib.suppress(PyMongoError):  # it closes the connection that asks
            await rig.database.client.admin.command(command)

        async def primary() -> bool:
            with contextlib.suppress(PyMongoError):
                return bool((await rig.database.client.admin.command("hello")).get("isWritablePrimary"))
            return False

        assert not await primary()
        await eventually(primary, "elected again", 60)

    await busy(rig, step_down)
    assert await rig.count_rows(topic=rig.dead) == 0


async def test_a_disk_that_is_full_drops_nothing(servers: Servers, run_id: str, tmp_path: Path) -> None:
    """mongod answers, and refuses every write as its own fail point tells it."""
    mongo = Mongo(tmp_path, parameters={"enableTestCommands": "1"})
    await asyncio.to_thread(mongo.start)
    database = Database(mongo.uri, f"full_{run_id}", source="/magpie/test")
    writes = {"failCommands": ["insert", "update", "delete", "findAndModify"], "errorCode": OUT_OF_DISK_SPACE}

    async def full() -> None:
        admin, point = database.client.admin, "failCommand"
        before = await admin.command({"configureFailPoint": point, "mode": "alwaysOn", "data": writes})
        refused = before["count"] + 10
        await admin.command({"waitForFailPoint": point, "timesEntered": refused, "maxTimeMS": 60_000})
        await admin.command({"configureFailPoint": point, "mode": "off"})

    try:
        await database.prepare(ALL)
        rig = Rig(servers.bootstrap, database, run_id, mongo.uri)
        await busy(rig, full)
        assert await rig.count_rows(topic=rig.dead) == 0 and await read_all(rig.bootstrap, rig.dead) == []
    finally:
        database.close()
        if mongo.child:
            await asyncio.to_thread(mongo.child.stop)


@pytest.mark.slow
async def test_a_line_that_is_cut_again_and_again(servers: Servers, run_id: str) -> None:
    async with through_a_proxy(servers, run_id) as (rig, proxy):

        async def cut() -> None:
            for reset in (True, False) * 3:
                await eventually(lambda: proxy.connections > 1, "connected")
                proxy.reset = reset
                proxy.drop()
            for fault in ("cut_after_back", "cut_after_forth"):
                for n in (200, 2000):
                    setattr(proxy, fault, n)
                    await more(lambda: proxy.cuts, "cut within an answer, or a command")
                proxy.heal()
            proxy.refuse()
            await more(lambda: proxy.accepted, "somebody was refused")
            proxy.heal()

        await busy(rig, cut)
        assert await rig.count_rows(topic=rig.dead) == 0


@pytest.mark.slow
async def test_connections_that_a_firewall_has_forgotten(servers: Servers, run_id: str) -> None:
    """Nobody closes them; whoever waits on one gives it up and goes on with another."""
    async with through_a_proxy(servers, run_id) as (rig, proxy):

        async def forget() -> None:
            proxy.latency_seconds = 0.02
            await eventually(lambda: proxy.connections > 1, "connected")
            proxy.forget()
            await eventually(lambda: proxy.swallowed > 0, "something was swallowed")
            proxy.latency_seconds = 0.0

        await busy(rig, forget)


@pytest.mark.slow
async def test_a_caller_hears_in_time_whatever_the_line_does(servers: Servers, run_id: str) -> None:
    """Half open: no error, no answer. The caller has its 503 after its wait, and afterwards all that was promised."""
    async with through_a_proxy(servers, run_id) as (rig, proxy), rig.commands(wait_seconds=0.5) as lane:
        await lane.run(add("a"))
        proxy.half_open()
        said = await asyncio.gather(*(lane.run(add("a")) for _ in range(5)), return_exceptions=True)
        assert proxy.swallowed > 0
        assert all(isinstance(one, NotDone | OutcomeUnknown) for one in said), said
        proxy.heal()
        total = await eventually(lambda: _total(lane), "commands go on", 60)
        unknown = sum(isinstance(one, OutcomeUnknown) for one in said)
        assert 2 <= total <= 2 + unknown


async def _total(lane: Commands) -> int:
    with contextlib.suppress(NotDone):
        return await lane.run(add("a"))
    return 0


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_cut_within_a_decision_is_no_fault_of_its_record(
    guarded: bool, servers: Servers, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read that fails for the line gives the batch back. Taken for a fault of the record it would become a dead
    letter."""
    if not guarded:
        monkeypatch.setattr("services.chassis.commit.committer.classify", lambda error: error)
    async with through_a_proxy(servers, run_id) as (rig, proxy):
        await rig.make_topics(rig.incoming)
        records = await rig.fill(5, partition=0)
        is_cut = False

        async def cut_at_the_third(uow: UnitOfWork, event: Incoming[Noted]) -> None:
            nonlocal is_cut
            if event.data.n == 2 and not is_cut:
                is_cut = True
                proxy.cut_after_back = 0
                try:
                    with_the_cut = await uow.get(NOTES, "elsewhere")
                finally:
                    proxy.heal()
                assert with_the_cut is None
            await count(uow, event)

        if guarded:
            with pytest.raises(Unavailable):
                await rig.apply(rig.consumer(cut_at_the_third), records)
        await rig.apply(rig.consumer(cut_at_the_third), records)
        assert is_cut
        assert (await rig.tally(), await rig.count_rows(topic=rig.dead)) == ((5, 0) if guarded else (4, 1))
