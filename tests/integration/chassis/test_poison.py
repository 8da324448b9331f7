"""A poison record delays its partition by no more than its batch decided one by one, and a dead-letter topic that
refuses delays nothing at all."""

from __future__ import annotations

import time
from typing import Any

import pytest

from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.model.events import Incoming
from services.chassis.model.failures import Unavailable
from services.chassis.ops import metrics
from tests.integration.chassis.group import Group
from tests.integration.chassis.rig import TALLIES, Noted, Rig, Tally, add, count, running
from tests.support.kafka import admin, ce_headers, configure, read_all, send
from tests.support.waiting import eventually

TYPE = Noted.event_type
RECORDS = 600
POISON = {
    100: b"{no json",
    200: b'{"n": 200, "text": "raises"}',
    300: b'{"n": 300, "text": "too large"}',
    400: b'{"n": "no number"}',
}
BOUND_SECONDS = 20.0
"""Documented: one batch decided one by one, up to 1,000 short transactions; here with much room for a slow machine."""


async def swallow(uow: UnitOfWork, event: Incoming[Noted]) -> None:
    """Dies of two kinds of poison; readers' code never sees the other two."""
    if event.data.text == "raises":
        raise KeyError
    blob = b"x" * 17_000_000 if event.data.text == "too large" else b""
    tally = await uow.get(TALLIES, event.key) or Tally(id=event.key)
    uow.put(TALLIES, tally.model_copy(update={"total": tally.total + 1, "blob": blob}))


async def poisoned(rig: Rig) -> None:
    """One partition with four kinds of poison among good records, and one that has none."""
    for partition, key in ((0, b"sick"), (1, b"healthy")):
        poison = POISON if partition == 0 else {}
        body = [
            (key, poison.get(n, b'{"n": %d}' % n), ce_headers(f"{partition}-{n}", TYPE, n + 1)) for n in range(RECORDS)
        ]
        await send(rig.bootstrap, rig.incoming, body, partition=partition)


async def totals(rig: Rig) -> tuple[int, int]:
    return await rig.tally("sick"), await rig.tally("healthy")


async def test_poison_delays_its_partition_by_one_batch_at_most(rig: Rig) -> None:
    await rig.make_topics(rig.incoming)
    await poisoned(rig)
    began = time.monotonic()
    async with Group(rig, swallow):

        async def all_good() -> bool:
            return await totals(rig) == (RECORDS - len(POISON), RECORDS)

        await eventually(all_good, "all good records took effect", 2 * BOUND_SECONDS)
        assert time.monotonic() - began < BOUND_SECONDS
    assert await rig.count_rows(topic=rig.dead) == len(POISON)


async def test_poison_that_is_taken_for_an_outage_would_stop_its_partition(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard of the test above: what MongoDB says is told apart into the record's fault and the server's."""
    monkeypatch.setattr("services.chassis.commit.committer.classify", lambda error: Unavailable(type(error).__name__))
    await rig.make_topics(rig.incoming)
    await poisoned(rig)
    async with Group(rig, swallow):

        async def healthy_is_through() -> bool:
            return (await totals(rig))[1] == RECORDS

        await eventually(healthy_is_through, "the other partition goes on")
        with pytest.raises(AssertionError):
            await eventually(lambda: _moved(rig), "the sick one moves", 3)


async def _moved(rig: Rig) -> bool:
    return (await totals(rig))[0] > 300


# -- a dead-letter topic that refuses


async def set_largest(rig: Rig, topic: str, bytes_: str) -> None:
    await configure(rig.bootstrap, topic, {"max.message.bytes": bytes_})


def set_aside(topic: str) -> Any:
    return metrics.relay_aside.labels(topic)._value.get()


@pytest.mark.parametrize("trouble", ["missing", "small", pytest.param("deleted", marks=pytest.mark.slow)])
async def test_a_dead_letter_topic_that_refuses_waits_alone(trouble: str, rig: Rig) -> None:
    """Its rows stay in the outbox, a metric says so, records and events go on; when it takes them again they leave by
    themselves, each once and in order."""
    await rig.make_topics(rig.incoming, rig.notes)
    if trouble == "small":
        await rig.make_topics(rig.dead, config={"max.message.bytes": "150"})
    if trouble == "deleted":
        await rig.make_topics(rig.dead)

    async def refuse_odd(uow: UnitOfWork, event: Incoming[Noted]) -> None:
        if event.data.n % 2:
            raise KeyError
        await count(uow, event)

    async def tallied(n: int) -> bool:
        return await rig.tally() == n

    async def waiting(n: int) -> bool:
        return await rig.count_rows(topic=rig.dead) == n

    async with Group(rig, refuse_odd), running(rig.relay(aside_seconds=1.0).serve()), rig.commands() as lane:
        if trouble == "deleted":
            await rig.fill(2, partition=0)
            await eventually(lambda: _dead(rig, 1), "a dead letter is out")
            async with admin(rig.bootstrap) as client:
                await client.delete_topics([rig.dead])
        before = await rig.tally()
        fresh = [(b"k", b'{"n": %d}' % n, ce_headers(f"f{n}", TYPE, n + 1)) for n in range(60)]
        await send(rig.bootstrap, rig.incoming, fresh, partition=1)
        await eventually(lambda: tallied(before + 30), "the records behind each dead letter took effect")
        await lane.run(add("a"))
        await eventually(lambda: set_aside(rig.dead) == 1, "the metric says so", 60)
        await eventually(lambda: _noted(rig), "events go on")
        assert await waiting(30)

        if trouble == "small":
            await set_largest(rig, rig.dead, "1000000")
        else:
            await rig.make_topics(rig.dead)
        await eventually(lambda: waiting(0), "the dead letters have left", 60)
        await eventually(lambda: set_aside(rig.dead) == 0, "the metric says so")
    found = [r for r in await read_all(rig.bootstrap, rig.dead) if b"f" in dict(r.headers)["ce_id"]]
    assert [int(dict(r.headers)["dlq_offset"]) for r in found] == list(range(1, 60, 2))


async def _dead(rig: Rig, n: int) -> bool:
    return len(await read_all(rig.bootstrap, rig.dead)) == n


async def _noted(rig: Rig) -> bool:
    return len(await read_all(rig.bootstrap, rig.notes)) == 1
