"""Whether Kafka answers: asked every few seconds, by services that read from it and by those that only write."""

from __future__ import annotations

import asyncio
import time

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.protocol.admin import ApiVersionRequest

from .aiokafka_repairs import install_repairs
from .kafka_connection import KafkaConnection
from .logs import logger
from .loops import Backoff, run_forever

log = logger(__name__)
PROBE_SECONDS, ANSWER_SECONDS, STALE_SECONDS = 3.0, 4.0, 12.0


class KafkaProbe:
    """Keeps one connection and asks a broker which requests it takes. Away means: no answer for STALE_SECONDS."""

    def __init__(self, connection: KafkaConnection) -> None:
        self._connection = connection
        self._answered_at = float("-inf")

    @property
    def is_there(self) -> bool:
        """Whether Kafka has answered lately."""
        return time.monotonic() - self._answered_at < STALE_SECONDS

    async def serve(self) -> None:
        """Runs until cancelled."""
        install_repairs()
        await run_forever(
            self._probe,
            backoff=Backoff(0.5, PROBE_SECONDS),
            report=self._report,
            catch=(KafkaError, OSError, TimeoutError, RuntimeError),
        )

    async def _probe(self) -> None:
        client = AIOKafkaClient(**self._connection.options(), request_timeout_ms=int(ANSWER_SECONDS * 1000))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await client.bootstrap()
            while True:
                async with asyncio.timeout(ANSWER_SECONDS):
                    # The smallest question there is: the metadata of a large cluster take a loop's time to read.
                    if (node := client.get_random_node()) is None:
                        raise KafkaConnectionError("no broker is known")
                    await client.send(node, ApiVersionRequest())
                self._answered_at = time.monotonic()
                await asyncio.sleep(PROBE_SECONDS)
        finally:
            await client.close()

    def _report(self, error: BaseException) -> None:
        if not self.is_there:
            log.warning("kafka_away", error=type(error).__name__)
