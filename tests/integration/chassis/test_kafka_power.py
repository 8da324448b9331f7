"""The power goes under Kafka: what a broker has acknowledged and not flushed is gone with it, unless another broker has
it, too. docs/operations.md, "When the power goes"."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic

from deploy.local.cluster import brokers, start_together
from deploy.local.kafka import Kafka
from tests.support.kafka import admin, make_topics, producing, read_all, send
from tests.support.powercut import COMPILER, PowerCut
from tests.support.waiting import eventually

pytestmark = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler (cc) for the library that loses writes")
RECORDS = 300
COPIED, ALONE = "copied", "alone"


def under_power(kafka: Kafka, work: Path) -> PowerCut:
    """What the broker has from now on is lost where it is not synced. Its empty storage was there before."""
    kafka.prepare()
    power = PowerCut(kafka.directory / "data", work / f"power-{kafka.node.id}")
    kafka.env = power.env
    return power


async def cut(kafka: Kafka, power: PowerCut) -> int:
    """Returns how many writes were lost."""
    os.kill(kafka.pid, signal.SIGKILL)
    await eventually(lambda: kafka.child is not None and not kafka.child.is_running, "the broker is gone")
    kafka.env = {}
    return await asyncio.to_thread(power.cut)


async def kept(bootstrap: str, topic: str) -> list[int]:
    return [int(record.value or b"") for record in await read_all(bootstrap, topic)]


@pytest.mark.slow
@pytest.mark.parametrize("flushed", [True, False])
async def test_one_broker_alone_loses_what_it_has_not_flushed(tmp_path: Path, flushed: bool) -> None:
    """Kafka acknowledges what its brokers have in memory; one that flushes each batch has it afterwards."""
    kafka = Kafka(tmp_path)
    power = under_power(kafka, tmp_path)
    await asyncio.to_thread(kafka.start)
    try:
        await make_topics(kafka.bootstrap, "told", partitions=1, config={"flush.messages": "1"} if flushed else None)
        await send(kafka.bootstrap, "told", [(b"k", b"%d" % n, []) for n in range(RECORDS)])
        unsynced = await cut(kafka, power)
        assert flushed or unsynced > 0, "something was under way"
        await asyncio.to_thread(kafka.start)
        found = await kept(kafka.bootstrap, "told")
    finally:
        assert kafka.child
        kafka.child.stop()
    assert (found == list(range(RECORDS))) is flushed, f"{RECORDS - len(found)} of {RECORDS} acknowledged are gone"


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_brokers_that_keep_copies_lose_nothing_one_after_the_other(tmp_path: Path) -> None:
    """Each loses its power once while records are written, and takes from the others what it has lost. In the end there
    is no copy that has not been through it. What one broker alone has had is gone."""
    kafkas = brokers(tmp_path)
    powers = [under_power(kafka, tmp_path) for kafka in kafkas]
    bootstrap = ",".join(kafka.bootstrap for kafka in kafkas)
    told: dict[str, list[int]] = {COPIED: [], ALONE: []}
    try:
        await asyncio.to_thread(start_together, kafkas)
        await assigned(bootstrap, {COPIED: [1, 2, 3], ALONE: [1]})
        async with producing(bootstrap) as producer:
            await write(producer, ALONE, told[ALONE], RECORDS)
            for kafka, power in zip(kafkas, powers, strict=True):
                writing = asyncio.ensure_future(write(producer, COPIED, told[COPIED], RECORDS))
                await eventually(lambda: len(told[COPIED]) % RECORDS > RECORDS // 3, "records are written")
                assert await cut(kafka, power) > 0
                await writing
                await asyncio.to_thread(kafka.start)
                await eventually(lambda: in_sync(bootstrap, COPIED), "its copy has caught up", 60)
        found = {topic: await kept(bootstrap, topic) for topic in told}
    finally:
        for kafka in kafkas:
            if kafka.child:
                kafka.child.stop()
    assert found[COPIED] == told[COPIED] == list(range(3 * RECORDS))
    assert len(found[ALONE]) < len(told[ALONE]), "the control: without copies it is lost"


async def assigned(bootstrap: str, topics: dict[str, list[int]]) -> None:
    """Topics of one partition, whose copies these brokers have; the first one leads."""
    async with admin(bootstrap) as client:
        await client.create_topics([NewTopic(name, -1, -1, {0: nodes}) for name, nodes in topics.items()])


async def in_sync(bootstrap: str, topic: str) -> bool:
    async with admin(bootstrap) as client:
        [described] = await client.describe_topics([topic])
    return all(set(part["isr"]) == set(part["replicas"]) for part in described["partitions"])


async def write(producer: AIOKafkaProducer, topic: str, told: list[int], many: int) -> None:
    """One after the other; `told` are those that were acknowledged."""
    for n in range(len(told), len(told) + many):
        await producer.send_and_wait(topic, b"%d" % n)
        told.append(n)
