"""Three brokers and a replica set of three: one of each is killed, and the others go on."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest
from pymongo import MongoClient

from deploy.local.cluster import Cluster
from tests.support.kafka import make_topics, read_all, send
from tests.support.waiting import eventually


@pytest.mark.slow
async def test_one_of_each_may_be_lost(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    await asyncio.to_thread(cluster.start)
    try:
        await make_topics(cluster.bootstrap, "told", replication=cluster.replication)
        await send(cluster.bootstrap, "told", [(b"%d" % n, b"before", []) for n in range(30)])
        primary = cluster.members.primary()
        assert primary is not None
        for server in (cluster.kafkas[1], primary):
            server.should_run = False
            os.kill(server.pid, signal.SIGKILL)
        await eventually(lambda: asyncio.to_thread(_another_than, cluster, primary.port), "another primary", 60)
        with MongoClient[dict[str, object]](cluster.uri, w="majority") as mongo:
            await asyncio.to_thread(mongo.test.notes.insert_one, {"_id": "while one is away"})
        await send(cluster.bootstrap, "told", [(b"%d" % n, b"meanwhile", []) for n in range(30)])
        await asyncio.to_thread(primary.start)
        await asyncio.to_thread(cluster.kafkas[1].start)
        assert len(await read_all(cluster.bootstrap, "told")) == 60
    finally:
        await asyncio.to_thread(cluster.stop)
    assert not any(server.child and server.child.is_running for server in cluster.processes)


def _another_than(cluster: Cluster, port: int) -> bool:
    found = cluster.members.primary()
    return found is not None and found.port != port
