"""A Kafka of a test's own, whose lines the test may spoil: where it tells clients to connect to is the proxy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.local.kafka import Kafka
from deploy.local.ports import free_port
from tests.support.proxy import Proxy, proxied


@asynccontextmanager
async def kafka_behind_a_proxy(directory: Path) -> AsyncIterator[Proxy]:
    port = free_port()
    async with proxied(port) as proxy:
        kafka = Kafka(directory, port=port)
        kafka.advertised_port = proxy.port
        await asyncio.to_thread(kafka.start)
        try:
            yield proxy
        finally:
            proxy.heal()
            if kafka.child:
                await asyncio.to_thread(kafka.child.stop)
