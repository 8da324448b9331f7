"""What a service says at its start about the machines that it depends on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from deploy.local.mongo import Mongo
from deploy.local.processes import DidNotStart
from deploy.local.system import Servers
from services.chassis.kafka_in.cluster import compare_cluster
from services.chassis.mongo import clock
from services.chassis.mongo.database import Database
from services.chassis.mongo.diagnosis import OUT_OF_DISK_SPACE, what_is_wrong, why_unusable
from services.chassis.ops import KafkaConnection
from services.profiles.app import build
from services.profiles.settings import ProfilesSettings
from tests.support.services import chassis_settings, running
from tests.support.waiting import eventually


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is logged as an error."""
    lines = list[dict[str, Any]]()

    class Log:
        def error(self, event: str, **fields: Any) -> None:
            lines.append({"event": event, **fields})

        def __getattr__(self, name: str) -> Any:
            return lambda *args, **fields: None

    monkeypatch.setattr("services.chassis.mongo_start.log", Log())
    monkeypatch.setattr("services.chassis.kafka_in.cluster.log", Log())
    return lines


@pytest.mark.parametrize(("off_seconds", "is_said"), [(3600, True), (-3600, True), (5, False)])
async def test_a_clock_that_is_an_hour_off_is_said_at_start(
    servers: Servers,
    run_id: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: list[dict[str, Any]],
    off_seconds: int,
    is_said: bool,
) -> None:
    real = clock.wall_us
    monkeypatch.setattr(clock, "wall_us", lambda: real() + off_seconds * 1_000_000)
    async with running(build(chassis_settings(servers, run_id, tmp_path), ProfilesSettings())) as service:
        assert (await service.operations().get("/metrics")).text.count("magpie_clock_ahead_seconds") > 0
        drift = abs(service.service.database.now().timestamp() - real() / 1e6)
        assert drift < 5, "what is decided goes by mongod's clock"
    found = [line for line in said if line["event"] == "clock_is_off"]
    assert bool(found) is is_said
    if found:
        assert abs(found[0]["ahead_seconds"] - off_seconds) <= 2 and "time server" in found[0]["advice"]


async def test_another_kafka_than_before_is_said_once(
    servers: Servers, run_id: str, said: list[dict[str, Any]]
) -> None:
    database = Database(servers.uri, f"other_{run_id}", source="/magpie/test")
    try:
        await compare_cluster(KafkaConnection(servers.bootstrap), database)
        assert said == []
        await database.db.facts.update_one({"_id": "kafka"}, {"$set": {"cluster_id": "anotherOne"}})
        await compare_cluster(KafkaConnection(servers.bootstrap), database)
        await compare_cluster(KafkaConnection(servers.bootstrap), database)
        assert [(line["event"], line["before"]) for line in said] == [("kafka_is_another", "anotherOne")]
        assert "put the old one back" in said[0]["advice"]
    finally:
        await database.client.drop_database(database.db.name)
        database.close()


async def test_a_mongod_whose_set_names_another_address_is_said(
    servers: Servers, run_id: str, tmp_path: Path, said: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Mongo(tmp_path)
    await asyncio.to_thread(first.start)
    assert first.child
    first.child.stop()
    moved = Mongo(tmp_path)  # another port, which the stored set does not name
    monkeypatch.setattr(Mongo, "_initiate", lambda self, client: None)
    with pytest.raises(DidNotStart):
        await asyncio.to_thread(moved.start, 5.0)
    settings = chassis_settings(servers, run_id, tmp_path).model_copy(update={"mongo_uri": moved.uri})
    service = build(settings, ProfilesSettings())
    try:
        async with service.app.router.lifespan_context(service.app):
            await eventually(lambda: any(line["event"] == "mongodb_unusable" for line in said), "it is said", 60)
    finally:
        assert moved.child
        moved.child.stop()
    reason = next(line["reason"] for line in said if line["event"] == "mongodb_unusable")
    assert f"127.0.0.1:{moved.port}" in reason and "rs.reconfig" in reason


async def test_a_full_disk_is_said_with_what_to_do() -> None:
    full = OperationFailure("no room", OUT_OF_DISK_SPACE)
    assert "Free some space" in str(await why_unusable("mongodb://127.0.0.1:1/", full))
    assert await why_unusable("mongodb://127.0.0.1:1/", OperationFailure("else", 1)) is None


@pytest.mark.parametrize(
    ("hello", "says"),
    [
        ({"isWritablePrimary": True}, "without a replica set"),
        ({"isreplicaset": True}, "does not name this host"),
        ({"setName": "rs1", "hosts": ["m:27017"]}, "of the replica set rs1"),
        ({"setName": "rs0", "hosts": ["elsewhere:27017"]}, "names elsewhere:27017"),
        ({"setName": "rs0", "hosts": ["m:27017"], "isWritablePrimary": True}, None),
    ],
)
def test_a_servers_own_description_tells_what_is_wrong(hello: dict[str, Any], says: str | None) -> None:
    found = what_is_wrong(hello, "m:27017", "rs0")
    assert found is None if says is None else says in str(found)
