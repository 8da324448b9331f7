"""How long one event takes while there is time: a steady 50 events a second, from the producer's send until another
system sees what follows from it."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from deploy.local.system import Servers

from .durable import start
from .load import percentile
from .world import eventually, headers, make_topics, order, watching

PER_SECOND, SECONDS, WARM = 50, 10, 100
VARIANTS = ("naive", "magpie")


@dataclass(frozen=True)
class Waits:
    seconds: list[float]

    @property
    def p50_ms(self) -> float:
        return percentile(self.seconds, 50)

    @property
    def p95_ms(self) -> float:
        return percentile(self.seconds, 95)


async def compare(servers: Servers, *, repeats: int) -> dict[str, Waits]:
    """By variant, the waits of all interleaved repeats together."""
    found: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    for repeat in range(repeats):
        for variant in VARIANTS:
            waits = await once(servers, variant)
            found[variant] += waits.seconds
            print(f"  {repeat + 1}. {variant:14} p50 {waits.p50_ms} ms, p95 {waits.p95_ms} ms", flush=True)
    return {variant: Waits(seconds) for variant, seconds in found.items()}


async def once(servers: Servers, variant: str) -> Waits:
    prefix = f"s{uuid.uuid4().hex[:6]}"
    orders, effects = f"{prefix}.orders.v1", f"{prefix}.effects.v1"
    await make_topics(servers.bootstrap, [orders, effects, f"{prefix}.dlq.bench"])
    child = start(servers, variant, prefix)
    try:
        async with watching(servers.bootstrap, effects) as seen:
            warm = await _send(servers.bootstrap, orders, 0, WARM)
            await eventually(seen, len(warm))
            sent = await _send(servers.bootstrap, orders, WARM, PER_SECOND * SECONDS)
            await eventually(seen, len(warm) + len(sent))
            return Waits([seen[id] - at for id, at in sent.items()])
    finally:
        child.stop()


async def _send(bootstrap: str, topic: str, first: int, many: int) -> dict[str, float]:
    """At a steady pace. By order, when it was sent."""
    sent: dict[str, float] = {}
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True) as producer:
        await producer.partitions_for(topic)
        begin, sending = time.monotonic() + 0.1, []
        for n in range(many):
            event = order(first + n)
            await asyncio.sleep(max(0.0, begin + n / PER_SECOND - time.monotonic()))
            sent[event.id] = time.monotonic()
            value = event.model_dump_json().encode()
            sending.append(await producer.send(topic, value, key=event.key.encode(), headers=headers(event)))
        await asyncio.gather(*sending)
    return sent
