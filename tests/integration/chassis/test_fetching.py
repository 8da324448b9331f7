"""Whatever its libraries make of a bad line, a consumer reads its partitions, or does not look alive."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import Fetcher
from faststream.kafka import KafkaBroker

from services.chassis.kafka_in import group as groups
from services.chassis.kafka_in import positions, seeking
from services.chassis.kafka_in.polling import PollingConsumer
from services.chassis.ops import aiokafka_repairs
from services.chassis.ops.health import Heartbeat
from tests.integration.chassis.group import Group
from tests.integration.chassis.lines import kafka_behind_a_proxy
from tests.integration.chassis.rig import Rig, count
from tests.support.kafka import make_topics
from tests.support.waiting import eventually

RECORDS = 20


@pytest.mark.parametrize("task", ["_fetcher._fetch_task", "_coordinator._coordination_task"])
async def test_a_consumer_that_reads_no_more_has_no_heartbeat(task: str, rig: Rig) -> None:
    await rig.make_topics(rig.incoming, partitions=1)
    make: Any = PollingConsumer  # aiokafka has no types here
    consumer = make(rig.incoming, bootstrap_servers=rig.bootstrap, group_id=rig.prefix)
    consumer.heartbeat = heart = Heartbeat("consumer")
    await consumer.start()
    part, name = task.split(".")
    ending = getattr(getattr(consumer, part), name)
    try:
        for reads in (True, False):
            heart.last = 0.0
            await asyncio.gather(consumer.getmany(), return_exceptions=True)
            assert (heart.last > 0) is reads
            ending.cancel()
            await asyncio.wait({ending})
    finally:
        await consumer.stop()


async def all_read(rig: Rig) -> None:
    async def tallied() -> bool:
        return await rig.tally() == RECORDS

    await eventually(tallied, "every record took effect", 60)


@pytest.mark.parametrize("fault", ["hangs", "is cancelled by nobody", "fails"])
async def test_a_partition_whose_place_was_not_found_is_looked_for_again(
    fault: str, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it is found, the partitions stand paused and nobody else reads them."""
    tries, place = list[str](), seeking.seek_to_checkpoints

    async def faulty(*args: Any, **named: Any) -> dict[TopicPartition, str]:
        tries.append(fault)
        if len(tries) > 1:
            return await place(*args, **named)
        if fault == "hangs":
            await asyncio.Event().wait()
        raise asyncio.CancelledError if fault == "is cancelled by nobody" else RuntimeError

    monkeypatch.setattr(positions, "SEEK_SECONDS", 0.5 if fault == "hangs" else 20.0)
    monkeypatch.setattr(positions, "seek_to_checkpoints", faulty)
    await rig.make_topics(rig.incoming)
    await rig.fill(RECORDS)
    async with Group(rig, count):
        await all_read(rig)
    assert len(tries) > 1


async def test_a_member_that_could_not_be_stopped_joins_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its start fails on the way, and so does what cleans up after it."""
    await rig.make_topics(rig.incoming)
    await rig.fill(RECORDS)
    group, member = Group(rig, count), cast(Any, PollingConsumer)
    start, stop = member.start, KafkaBroker.stop
    faults: list[Any] = [start, stop]

    async def started(consumer: Any) -> None:
        await start(consumer)
        if start in faults:
            faults.remove(start)
            await member.stop(consumer)
            raise asyncio.CancelledError

    async def stopped(broker: KafkaBroker, *args: Any) -> None:
        if stop in faults:
            faults.remove(stop)
            raise ExceptionGroup("Failed to stop subscribers", [RuntimeError()])
        await stop(broker, *args)

    monkeypatch.setattr(PollingConsumer, "start", started)
    monkeypatch.setattr(KafkaBroker, "stop", stopped)
    await groups.join(group.broker, Heartbeat("consumer"))
    try:
        await all_read(rig)
    finally:
        await groups.leave(group.broker)
    assert not faults


# -- what `services/chassis/aiokafka_repairs.py` mends


def is_pausing(fetch: asyncio.Task[Any]) -> bool:
    coroutine: Any = fetch.get_coro()
    return "sleep" in repr(coroutine.cr_await)


async def test_who_stops_a_consumer_just_after_its_line_broke_is_not_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it goes red for aiokafka's own, it has mended it and we need not."""
    async with kafka_behind_a_proxy(tmp_path) as proxy:
        await make_topics(proxy.address, "t", partitions=1)
        for close in (aiokafka_repairs._close, aiokafka_repairs.close):
            monkeypatch.setattr(Fetcher, "close", close)
            # A pause of a tenth of a second, as it is by itself, is over before a busy machine has looked.
            with_pause = {"enable_auto_commit": False, "retry_backoff_ms": 10_000}
            reader: Any = AIOKafkaConsumer(bootstrap_servers=proxy.address, **with_pause)
            await reader.start()
            reader.assign([TopicPartition("t", 0)])
            reader.seek(TopicPartition("t", 0), 0)
            await reader.getmany(timeout_ms=300)
            (fetch,) = reader._fetcher._pending_tasks
            proxy.drop()
            await eventually(partial(is_pausing, fetch), "it failed, and pauses")
            said: tuple[Any] = await asyncio.gather(reader.stop(), return_exceptions=True)
            if close is aiokafka_repairs.close:
                assert said[0] is None
            else:
                assert isinstance(said[0], asyncio.CancelledError)
                await reader._client.close()
