"""Operators drop, rename and restore collections: what follows them notices, begins again, and keeps its pace."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.chassis.commit.commands import Commands
from services.chassis.kafka_out.relay import Relay
from services.chassis.model.documents import Doc
from services.chassis.mongo import change_signal, collection_cache
from services.chassis.mongo.change_signal import ChangeSignal
from services.chassis.mongo.change_stream import StreamEnded
from services.chassis.mongo.collection_cache import CollectionCache
from tests.integration.chassis.rig import NOTES, Rig, add, running
from tests.support.kafka import read_all
from tests.support.waiting import eventually

Restore = Callable[[Any, str], Awaitable[None]]


async def dropped_and_made(database: Any, name: str) -> None:
    await database[name].drop()
    await database.create_collection(name)
    await database[name].insert_one({"_id": "new", "total": 1})


async def renamed(database: Any, name: str) -> None:
    """Another one takes its place, as a restored copy does."""
    await database["copy"].insert_one({"_id": "new", "total": 1})
    await database["copy"].rename(name, dropTarget=True)


async def dropped_and_restored(database: Any, name: str) -> None:
    """As mongorestore --drop does it."""
    kept = await database[name].find().to_list(None)
    await database[name].drop()
    await database[name].insert_many([*kept, {"_id": "new", "total": 1}])


WAYS = (dropped_and_made, renamed, dropped_and_restored)
each_way = pytest.mark.parametrize("restore", WAYS, ids=lambda way: way.__name__)


@pytest.fixture(params=[True, False], ids=["guarded", "unguarded"])
def guarded(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Without the guard a stream is looked at as the driver has it."""
    if not request.param:
        for module in (collection_cache, change_signal):
            monkeypatch.setattr(module, "next_change", plain)
    return bool(request.param)


looks = Counter[str]()


async def plain(stream: Any) -> Doc | None:
    looks["looks"] += 1
    found: Doc | None = await stream.try_next()
    return found


class Owner:
    def __init__(self) -> None:
        self.known: dict[str, Doc | None] = {}
        self.loads = 0

    def cleared(self) -> None:
        self.loads += 1
        self.known.clear()

    def changed(self, id: str, doc: Doc | None) -> None:
        self.known[id] = doc


def cache_of(rig: Rig, owner: Owner) -> CollectionCache:
    return CollectionCache(rig.database, NOTES.name, changed=owner.changed, cleared=owner.cleared)


@each_way
async def test_a_collection_in_memory_is_loaded_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, guarded: bool, restore: Restore
) -> None:
    owner, database = Owner(), rig.database.db
    await database[NOTES.name].insert_one({"_id": "old", "total": 0})
    cache = cache_of(rig, owner)
    async with running(cache.serve()):
        await eventually(lambda: cache.is_loaded, "loaded")
        looks.clear()
        seen = list[str]()
        monkeypatch.setattr(rig.database.conditions, "degraded", lambda part, detail: seen.append(part))
        await restore(database, NOTES.name)
        if not guarded:
            await eventually(lambda: looks["looks"] > 1000, "it looks and looks")
            assert "new" not in owner.known and cache.is_loaded
            return
        await eventually(lambda: seen and "new" in owner.known and cache.is_loaded, "seen, and loaded again")
        stored = {doc["_id"] async for doc in database[NOTES.name].find()}
        assert set(owner.known) == stored and owner.loads <= 3
        await database[NOTES.name].insert_one({"_id": "later", "total": 1})
        await cache.catch_up()
        assert "later" in owner.known


async def test_while_the_collection_is_not_there_it_is_not_loaded_and_paced(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, reports = Owner(), list[float]()
    cache = cache_of(rig, owner)
    report = cache._report

    def timed(error: BaseException) -> None:
        reports.append(time.monotonic())
        report(error)

    monkeypatch.setattr(cache, "_report", timed)
    async with running(cache.serve()):
        await eventually(lambda: cache.is_loaded, "loaded")
        await rig.database.db[NOTES.name].drop()
        await eventually(lambda: len(reports) >= 5, "it tries again and again")
        assert not cache.is_loaded and owner.loads == 1 and degraded(rig) == {"mirror of notes"}
        # Pauses of 0.2 to 1.6 s, of which half may be missing by chance.
        assert reports[4] - reports[0] > 1.4
        await rig.database.db[NOTES.name].insert_one({"_id": "restored"})
        await eventually(lambda: cache.is_loaded and "restored" in owner.known, "loaded again")


@each_way
async def test_a_signal_says_that_its_stream_has_ended_and_opens_another(
    rig: Rig, guarded: bool, restore: Restore
) -> None:
    await rig.database.db[NOTES.name].insert_one({"_id": "old", "total": 0})
    signal = ChangeSignal(rig.database, NOTES.name, await_ms=200)
    for _ in range(2):  # the first one opens the stream, the second one looks
        await signal.wait()
    await restore(rig.database.db, NOTES.name)
    if not guarded:
        for _ in range(200):  # 40 s, were it paced
            await signal.wait()
        return
    with pytest.raises(StreamEnded):
        for _ in range(3):
            await signal.wait()
    await signal.aclose()
    await signal.wait()
    waiting = asyncio.ensure_future(signal.wait())
    await rig.database.db[NOTES.name].insert_one({"_id": "news"})
    await waiting
    await signal.aclose()


async def test_the_relay_goes_on_and_does_not_spin(rig: Rig, lane: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its snapshots of a collection that was made a moment ago fail, too: it says so, and begins again."""
    turns, turn = Counter[str](), Relay._turn

    async def counted(self: Relay, producer: Any) -> int:
        turns["turns"] += 1
        return await turn(self, producer)

    monkeypatch.setattr(Relay, "_turn", counted)
    await rig.make_topics(rig.notes)
    await lane.run(add("a"))
    async with running(rig.relay().serve()):

        async def told(n: int) -> bool:
            return len(await read_all(rig.bootstrap, rig.notes)) == n

        await eventually(lambda: told(1), "the first event")
        await rig.database.db.outbox.drop()
        await rig.database.db.create_collection("outbox")
        turns.clear()
        await eventually(lambda: "relay" in degraded(rig), "it says so")
        await lane.run(add("a"))
        await eventually(lambda: told(2), "the second event")
        await eventually(lambda: not degraded(rig), "it says that it works again")
        assert turns["turns"] < 50


def degraded(rig: Rig) -> set[str]:
    return {condition.part for condition in rig.database.conditions.all()}
