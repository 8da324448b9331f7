"""Repairs of aiokafka 0.14, installed before the first client is made. `make chaos` found both faults: a member stayed
in its group while no one read its partitions.

1. uvloop raises RuntimeError at the first write after a connection broke unnoticed, where asyncio's own transport
   raises nothing. aiokafka takes only OSError for a broken connection, so its fetcher ended for good:
   https://github.com/aio-libs/aiokafka/blob/v0.14.0/aiokafka/conn.py
2. A fetch that failed pauses before the next one. A consumer that is stopped during this pause raises a CancelledError
   that no one asked for, and its client stays open:
   https://github.com/aio-libs/aiokafka/blob/v0.14.0/aiokafka/consumer/fetcher.py"""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.errors import KafkaConnectionError

# aiokafka has no types here, and names its parts by private attributes; both ends of the repair are in this file.
_connection: Any = AIOKafkaConnection
_send = _connection.send
_fetcher: Any = Fetcher
_close = _fetcher.close


def send(self: Any, request: object, expect_response: bool = True) -> object:
    """As aiokafka's, but raises KafkaConnectionError for a broken connection; all clients survive that one."""
    try:
        return _send(self, request, expect_response)
    except RuntimeError as error:
        self.close(reason=CloseReason.CONNECTION_BROKEN)
        raise KafkaConnectionError(f"Connection at {self.host}:{self.port} broken: {error}") from error


async def close(self: Any) -> None:
    """As aiokafka's, but waits for its tasks without being cancelled by them."""
    self._fetch_task.cancel()
    await asyncio.wait({self._fetch_task})
    for fetch in self._pending_tasks:
        fetch.cancel()
    await asyncio.gather(*self._pending_tasks, return_exceptions=True)
    self._pending_tasks.clear()
    await _close(self)


def install_repairs() -> None:
    """Repairs aiokafka for all clients of this process. Called by everything that makes one; twice is fine."""
    _connection.send = send
    _fetcher.close = close
