"""The power goes: what was acknowledged is there afterwards, because it was on the disk before."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from deploy.local.mongo import Mongo
from services.chassis.mongo.database import Database
from tests.support.powercut import COMPILER, PowerCut
from tests.support.waiting import eventually

pytestmark = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler (cc) for the library that loses writes")
WRITERS, ACKNOWLEDGED = 8, 400


def test_what_a_commit_waits_for_is_set() -> None:
    concern = Database("mongodb://127.0.0.1/?replicaSet=rs0", "any", source="/t").client.write_concern
    assert concern.document == {"w": "majority", "j": True}


@pytest.mark.slow  # on a quiet machine mongod may have synced by chance, and the control shows nothing
@pytest.mark.parametrize("guarded", [True, False])
async def test_mongod_has_what_it_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """Without `j` mongod answers before its journal is on the disk, and the last tenth of a second is gone."""
    mongo = Mongo(tmp_path)
    mongo.directory.mkdir(parents=True)
    power = PowerCut(mongo.directory, tmp_path)
    with monkeypatch.context() as environment:
        for name, value in power.env.items():
            environment.setenv(name, value)
        mongo.start()
    told = await written(mongo, guarded=guarded)
    lost = power.cut()
    mongo.start()
    try:
        database = Database(mongo.uri, "power", source="/t")
        kept = {doc["_id"] async for doc in database.db.notes.find({}, {"_id": 1})}
        database.close()
    finally:
        assert mongo.child
        mongo.child.stop()
    assert lost > 0, "something was under way"
    assert (told <= kept) is guarded, f"{len(told - kept)} of {len(told)} acknowledged writes are gone"


async def written(mongo: Mongo, *, guarded: bool) -> set[int]:
    """Writes until enough is acknowledged, then kills mongod in the middle of it. Returns what was acknowledged."""
    told, database = set[int](), Database(mongo.uri, "power", source="/t")
    notes = database.db.notes if guarded else database.db.notes.with_options(write_concern=WriteConcern(w=1, j=False))
    await notes.insert_one({"_id": -1})

    async def write(writer: int) -> None:
        n = writer
        while True:
            await notes.insert_one({"_id": n, "text": "x" * 200})
            told.add(n)
            n += WRITERS

    writing = [asyncio.ensure_future(write(n)) for n in range(WRITERS)]
    await eventually(lambda: len(told) > ACKNOWLEDGED, "enough is acknowledged", 60)
    os.kill(mongo.pid, signal.SIGKILL)
    for task in writing:
        task.cancel()
    for result in await asyncio.gather(*writing, return_exceptions=True):
        assert isinstance(result, asyncio.CancelledError | PyMongoError), result
    database.close()
    await eventually(lambda: mongo.child is not None and not mongo.child.is_running, "mongod is gone")
    return told
