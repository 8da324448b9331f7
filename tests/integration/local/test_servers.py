"""The real servers: they take records and transactions, and keep their data over a kill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pymongo import MongoClient

from deploy.local.system import Servers
from tests.support.kafka import make_topics, read_all, send


async def test_kafka_and_mongod_keep_their_data_over_kill_and_start(tmp_path: Path) -> None:
    with Servers(tmp_path) as servers:
        await make_topics(servers.bootstrap, "words", partitions=1)
        await send(servers.bootstrap, "words", [(b"k", "까치".encode(), [])])
        client: MongoClient[Any] = MongoClient(servers.uri)
        with client.start_session() as session:
            client.magpie.words.insert_one({"_id": 0})
            with session.start_transaction():
                client.magpie.words.insert_one({"_id": 1, "word": "鹊"}, session=session)
        for server in (servers.kafka, servers.mongo):
            assert server.child
            server.child.kill()
            server.start()
        assert [r.value for r in await read_all(servers.bootstrap, "words")] == ["까치".encode()]
        assert client.magpie.words.count_documents({}) == 2
        client.close()
