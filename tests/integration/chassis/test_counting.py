"""What is counted is counted once for each committed event, whatever is decided again, refused or delivered twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import NewPartitions
from prometheus_client import REGISTRY, CollectorRegistry, Counter

from services.chassis.commit.commands import Commands
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.kafka_in import lag as lags
from services.chassis.kafka_in.lag import LagProbe
from services.chassis.model.events import Incoming
from services.chassis.model.refusals import Refused
from services.chassis.ops import KafkaConnection
from tests.integration.chassis.rig import Noted, Rig, add, count, running
from tests.support.kafka import admin, ce_headers, read_all, send
from tests.support.waiting import eventually

TYPE = Noted.event_type


def counter() -> Counter:
    return Counter("told", "Of this test.", registry=CollectorRegistry())


def shown(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def at_once(self: UnitOfWork, increase: Callable[[], object]) -> None:
    increase()


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_batch_that_is_decided_again_is_counted_once(
    rig: Rig, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(UnitOfWork, "count", at_once)
    told, rival = counter(), iter([True])

    async def decide(uow: UnitOfWork) -> None:
        await add("hot")(uow)
        uow.count(told.inc)
        if next(rival, False):  # another process writes the same document before this one commits
            async with rig.commands() as other:
                await other.run(add("hot"))

    async with rig.commands() as lane:
        await lane.run(decide)
    assert (next(iter(told.collect())).samples[0].value == 1) is guarded


@pytest.mark.parametrize("guarded", [True, False])
async def test_what_is_refused_is_not_counted(
    rig: Rig, lane: Commands, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(UnitOfWork, "count", at_once)
    told = counter()

    async def decide(uow: UnitOfWork) -> None:
        await add("one")(uow)
        uow.count(told.inc)
        raise Refused("no", "Not today.")

    with suppress(Refused):
        await lane.run(decide)
    assert (next(iter(told.collect())).samples[0].value == 0) is guarded


async def test_records_that_come_twice_and_at_two_owners_are_counted_once(rig: Rig) -> None:
    await rig.make_topics(rig.incoming)
    records = await rig.fill(50, partition=0)
    told = counter()

    async def handle(uow: UnitOfWork, event: Incoming[Noted]) -> None:
        await count(uow, event)
        uow.count(told.inc)

    await asyncio.gather(*(rig.apply(rig.consumer(handle, max_decisions=7), records) for _ in range(2)))
    await rig.apply(rig.consumer(handle), records)
    assert next(iter(told.collect())).samples[0].value == 50
    labels = {"topic": rig.incoming, "type": TYPE, "outcome": "done"}
    assert shown("magpie_records_consumed_total", **labels) == 50


async def test_a_dead_letter_is_counted_by_why(rig: Rig) -> None:
    await rig.make_topics(rig.incoming)
    before = shown("magpie_event_age_seconds_count", type=TYPE), shown("magpie_record_seconds_count", type=TYPE)
    good, bad = Noted(n=1).model_dump_json().encode(), b"{}"
    headers = [ce_headers(f"e{n}", TYPE, n + 1) for n in range(3)]
    unreadable = [(name, value) for name, value in headers[2] if name != "ce_id"]
    rows: list[Any] = [(b"a", good, headers[0]), (b"b", bad, headers[1]), (b"c", good, unreadable)]
    await send(rig.bootstrap, rig.incoming, rows, partition=0)
    await rig.apply(rig.consumer(count), await read_all(rig.bootstrap, rig.incoming))
    for reason in ("invalid", "unreadable"):
        assert shown("magpie_dead_letters_total", topic=rig.incoming, reason=reason) == 1, reason
    after = shown("magpie_event_age_seconds_count", type=TYPE), shown("magpie_record_seconds_count", type=TYPE)
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)


async def test_the_lag_of_a_group_is_what_the_broker_says(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The group's own process need not run: another one asks, also of partitions that were added meanwhile."""
    monkeypatch.setattr(lags, "MEASURE_SECONDS", 0.2)
    await rig.make_topics(rig.incoming)
    await rig.fill(20, partition=1)
    group, place = f"{rig.prefix}.gone", TopicPartition(rig.incoming, 1)
    member = AIOKafkaConsumer(bootstrap_servers=rig.bootstrap, group_id=group, enable_auto_commit=False)
    await member.start()
    member.assign([place])
    await member.commit({place: 15})
    await member.stop()
    read_by = {name: [rig.incoming, f"{rig.prefix}.not.there"] for name in (group, f"{rig.prefix}.never")}
    probe = LagProbe(KafkaConnection(rig.bootstrap), read_by)

    async def lag(group: str, partition: int = 1) -> bool:
        labels = {"group": group, "topic": rig.incoming, "partition": str(partition)}
        return shown("magpie_consumer_lag_records", **labels) == (5 if group.endswith("gone") else 20)

    async with running(probe.serve()):
        await eventually(lambda: lag(group), "five records behind", 30)
        await eventually(lambda: lag(f"{rig.prefix}.never"), "all of them where nothing was read yet", 30)
        async with admin(rig.bootstrap) as client:
            await client.create_partitions({rig.incoming: NewPartitions(total_count=6)})
        await rig.fill(20, partition=5)
        await eventually(lambda: lag(f"{rig.prefix}.never", 5), "in a partition that was added, too", 30)
