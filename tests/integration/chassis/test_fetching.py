"""A consumer that reads nothing more must not look alive."""

from __future__ import annotations

import asyncio
from typing import Any

from services.chassis.consume import PatientConsumer
from services.chassis.health import Heartbeat
from tests.integration.chassis.rig import Rig


async def test_a_consumer_that_fetches_no_more_has_no_heartbeat(rig: Rig) -> None:
    await rig.make_topics(rig.incoming, partitions=1)
    make: Any = PatientConsumer  # aiokafka has no types here
    consumer = make(rig.incoming, bootstrap_servers=rig.bootstrap)
    consumer.heartbeat = heart = Heartbeat("consumer")
    await consumer.start()
    try:
        for fetches in (True, False):
            heart.last = 0.0
            await consumer.getmany()
            assert (heart.last > 0) is fetches
            consumer._fetcher._fetch_task.cancel()
            await asyncio.wait({consumer._fetcher._fetch_task})
    finally:
        await consumer.stop()
