"""A few records of several partitions take effect in one transaction, and what fails together is tried apart."""

from __future__ import annotations

from collections import Counter

import pytest
from aiokafka import TopicPartition

from services.chassis.commit.committer import Committer
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.kafka_in import consumer as module
from services.chassis.kafka_in.consumer import Consumer
from services.chassis.model.events import Incoming
from services.chassis.model.failures import Unavailable
from tests.integration.chassis.rig import TALLIES, Noted, Rig, Tally, count

PARTITIONS = range(4)


async def by_key(uow: UnitOfWork, event: Incoming[Noted]) -> None:
    tally = await uow.get_or(TALLIES, Tally(id=event.key))
    uow.put(TALLIES, tally.model_copy(update={"total": tally.total + 1}))


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    found, attempt = Counter[str](), Committer._attempt

    async def counted(self: Committer, *args: object) -> int:
        found["all"] += 1
        return await attempt(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Committer, "_attempt", counted)
    return found


@pytest.mark.parametrize("together", [True, False])
async def test_a_few_records_are_one_transaction_and_many_are_one_a_partition(
    rig: Rig, transactions: Counter[str], together: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rig.make_topics(rig.incoming)
    for partition in PARTITIONS:
        records = await rig.fill(5, key=f"k{partition}", partition=partition)
    consumer = rig.consumer(by_key)
    if not together:
        monkeypatch.setattr(module, "MAX_TOGETHER", len(records) - 1)
    await consumer.process(records)
    assert transactions["all"] == (1 if together else len(PARTITIONS))
    await consumer.process(records)
    assert [await rig.tally(f"k{partition}") for partition in PARTITIONS] == [5] * len(PARTITIONS)


@pytest.mark.parametrize("guarded", [True, False])
async def test_one_partition_that_waits_holds_up_no_other(
    rig: Rig, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rig.make_topics(rig.incoming)
    for partition in PARTITIONS:
        records = await rig.fill(3, key=f"k{partition}", partition=partition)
    waits = True

    async def handle(uow: UnitOfWork, event: Incoming[Noted]) -> None:
        if waits and event.key == "k2":
            raise Unavailable("something outside is away")
        await by_key(uow, event)

    if not guarded:
        monkeypatch.setattr(
            Consumer, "_is_apart", property(lambda self: False, lambda self, value: None), raising=False
        )
    consumer = rig.consumer(handle)
    for _ in range(2):
        await consumer.process(records)
    assert [await rig.tally(f"k{partition}") for partition in PARTITIONS] == ([3, 3, 0, 3] if guarded else [0] * 4)
    waits = False
    for _ in range(2):
        await consumer.process(records)
    assert [await rig.tally(f"k{partition}") for partition in PARTITIONS] == [3] * 4


async def test_a_bug_in_one_partition_pauses_that_one_only(rig: Rig) -> None:
    await rig.make_topics(rig.incoming)
    for partition in PARTITIONS:
        records = await rig.fill(30, key=f"k{partition}", partition=partition)

    async def buggy(uow: UnitOfWork, event: Incoming[Noted]) -> None:
        if event.key == "k1":
            raise KeyError("a bug")
        await by_key(uow, event)

    consumer = rig.consumer(buggy)
    for _ in range(2):
        await consumer.process(records)
    assert [await rig.tally(f"k{partition}") for partition in PARTITIONS] == [30, 0, 30, 30]
    assert set(consumer.paused) == {TopicPartition(rig.incoming, 1)}
    assert await rig.count_rows(topic=rig.dead) == 20


async def test_a_second_owner_of_one_of_the_partitions_doubles_nothing(rig: Rig) -> None:
    """Both keep their checkpoints from the first batch; each finds what the other has moved."""
    await rig.make_topics(rig.incoming)
    one, other = rig.consumer(count), rig.consumer(count)
    for partition in PARTITIONS:
        first = await rig.fill(2, partition=partition)
    await one.process(first)
    await other.process(first)
    for partition in PARTITIONS:
        both = await rig.fill(2, partition=partition)
    news = [record for record in both if record.offset >= 2]
    await other.process([record for record in news if record.partition == 3])
    await one.process(news)
    await other.process(news)
    assert await rig.tally() == len(both) == 16
