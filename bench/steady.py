"""Latency at a steady 50 events per second: from the producer's send until another system reads the resulting event."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from deploy.local.system import Servers

from .durable import start_variant
from .load import percentile_ms
from .world import create_topics, headers, order, wait_until_seen, watch_effects

PER_SECOND, SECONDS, WARM_EVENTS = 50, 10, 100
VARIANTS = ("naive", "magpie")


@dataclass(frozen=True)
class Latencies:
    """Latencies of single events."""

    seconds: list[float]

    @property
    def p50_ms(self) -> float:
        """The median in milliseconds."""
        return percentile_ms(self.seconds, 50)

    @property
    def p95_ms(self) -> float:
        """The 95th percentile in milliseconds."""
        return percentile_ms(self.seconds, 95)


async def compare(servers: Servers, *, repeats: int) -> dict[str, Latencies]:
    """By variant: the latencies of all its runs together. The variants take turns."""
    found: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    for repeat in range(repeats):
        for variant in VARIANTS:
            latencies = await measure_once(servers, variant)
            found[variant] += latencies.seconds
            print(f"  {repeat + 1}. {variant:14} p50 {latencies.p50_ms} ms, p95 {latencies.p95_ms} ms", flush=True)
    return {variant: Latencies(seconds) for variant, seconds in found.items()}


async def measure_once(servers: Servers, variant: str) -> Latencies:
    """One run of one variant; its first WARM_EVENTS events do not count."""
    prefix = f"s{uuid.uuid4().hex[:6]}"
    orders, effects = f"{prefix}.orders.v1", f"{prefix}.effects.v1"
    await create_topics(servers.bootstrap, [orders, effects, f"{prefix}.dlq.bench"])
    child = start_variant(servers, variant, prefix)
    try:
        async with watch_effects(servers.bootstrap, effects) as seen:
            warm = await _send(servers.bootstrap, orders, 0, WARM_EVENTS)
            await wait_until_seen(seen, len(warm))
            sent = await _send(servers.bootstrap, orders, WARM_EVENTS, PER_SECOND * SECONDS)
            await wait_until_seen(seen, len(warm) + len(sent))
            return Latencies([seen[id] - at for id, at in sent.items()])
    finally:
        child.stop()


async def _send(bootstrap: str, topic: str, first: int, count: int) -> dict[str, float]:
    """Sends orders at a steady pace. Returns by order when it was sent."""
    sent: dict[str, float] = {}
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True) as producer:
        await producer.partitions_for(topic)  # the first send would otherwise wait for the metadata of the topic
        begin, sending = time.monotonic() + 0.1, []
        for n in range(count):
            event = order(first + n)
            await asyncio.sleep(max(0.0, begin + n / PER_SECOND - time.monotonic()))
            sent[event.id] = time.monotonic()
            value = event.model_dump_json().encode()
            sending.append(await producer.send(topic, value, key=event.key.encode(), headers=headers(event)))
        await asyncio.gather(*sending)
    return sent
