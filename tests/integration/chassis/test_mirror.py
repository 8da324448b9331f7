"""A collection kept in memory: its owner hears of everything, once, and may take its time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.chassis.model.documents import Doc
from services.chassis.model.failures import Unavailable
from services.chassis.mongo import collection_cache
from services.chassis.mongo.collection_cache import CollectionCache
from tests.integration.chassis.rig import NOTES, Rig, running
from tests.support.turns import longest_hold
from tests.support.waiting import eventually

SLOW_SECONDS = 0.5


class Owner:
    """Notes what it is told, by whom, and takes long for it."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.threads: set[int] = set()
        self.at_once = 0
        self.slow_seconds = 0.0
        self.loads = 0
        self.fails = 0
        self._busy = threading.Lock()

    def cleared(self) -> None:
        self.loads += 1
        self.known.clear()

    def loaded(self, docs: Sequence[Doc]) -> None:
        if self.fails:
            self.fails -= 1
            raise Unavailable("no space")
        self._take({doc["_id"]: doc for doc in docs})

    def changed(self, id: str, doc: Doc | None) -> None:
        self._take({id: doc})

    def _take(self, docs: dict[str, Any]) -> None:
        assert self._busy.acquire(blocking=False), "one call after the other"
        self.threads.add(threading.get_ident())
        time.sleep(self.slow_seconds)
        self.known |= docs
        self._busy.release()


@asynccontextmanager
async def followed(rig: Rig, owner: Owner, *, in_thread: bool = True) -> AsyncIterator[CollectionCache]:
    loaded = owner.loaded if in_thread else None
    cache = CollectionCache(rig.database, NOTES.name, changed=owner.changed, cleared=owner.cleared, loaded=loaded)
    async with running(cache.serve()):
        yield cache


async def test_a_load_in_a_thread_tells_of_all_that_there_are(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection_cache, "THREAD_BATCH", 7)
    notes, owner = rig.database.db[NOTES.name], Owner()
    await notes.insert_many([{"_id": f"n{n}", "total": n} for n in range(100)])
    await notes.insert_many([{"_id": "gone", "gone": True}, {"_id": "marker/x", "marker": 1}])
    async with followed(rig, owner) as cache:
        await eventually(lambda: cache.is_loaded, "loaded")
        assert set(owner.known) == {f"n{n}" for n in range(100)}
        await notes.replace_one({"_id": "n7"}, {"_id": "n7", "total": -1})
        await notes.replace_one({"_id": "n8"}, {"_id": "n8", "gone": True})
        await cache.catch_up()
        assert owner.known["n7"]["total"] == -1 and owner.known["n8"] is None
    assert threading.get_ident() not in owner.threads


@pytest.mark.parametrize("guarded", [True, False])
async def test_the_loop_turns_while_the_owner_takes_its_time(rig: Rig, guarded: bool) -> None:
    notes, owner = rig.database.db[NOTES.name], Owner()
    await notes.insert_one({"_id": "n", "total": 0})
    async with followed(rig, owner, in_thread=guarded) as cache:
        await eventually(lambda: cache.is_loaded, "loaded")
        owner.slow_seconds = SLOW_SECONDS
        turns = asyncio.ensure_future(longest_hold(until=lambda: owner.known["n"]["total"] == 1))
        await notes.replace_one({"_id": "n"}, {"_id": "n", "total": 1})
        assert ((await turns).clock < SLOW_SECONDS) is guarded


async def test_after_an_error_of_its_owner_everything_is_loaded_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, for example."""
    monkeypatch.setattr(collection_cache, "THREAD_BATCH", 2)
    owner = Owner()
    await rig.database.db[NOTES.name].insert_many([{"_id": f"n{n}", "total": n} for n in range(9)])
    owner.fails = 2
    async with followed(rig, owner) as cache:
        await eventually(lambda: cache.is_loaded, "loaded")
    assert len(owner.known) == 9 and owner.loads == 3
