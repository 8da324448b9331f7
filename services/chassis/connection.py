"""What aiokafka 0.14 does not expect, mended for every client of the process. Both were found by `make chaos`: a member
stayed in its group, and its partitions were read by nobody.

A line that broke a moment ago, and that nobody has told it of yet, raises RuntimeError from uvloop at the next write,
where asyncio's own raises nothing. aiokafka takes only OSError for a broken line, so its fetcher ended there for good:
https://github.com/aio-libs/aiokafka/blob/v0.14.0/aiokafka/conn.py

A fetch that failed pauses for a moment before the next. Whoever stops the consumer in that moment is told of a
cancellation that nobody asked for, and the client is left open:
https://github.com/aio-libs/aiokafka/blob/v0.14.0/aiokafka/consumer/fetcher.py"""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.errors import KafkaConnectionError

_connection: Any = AIOKafkaConnection
_send = _connection.send
_fetcher: Any = Fetcher
_close = _fetcher.close


def send(self: Any, request: Any, expect_response: bool = True) -> Any:
    """As aiokafka's, for every client of this process. Raises KafkaConnectionError for a broken line, which all of
    them survive."""
    try:
        return _send(self, request, expect_response)
    except RuntimeError as error:
        self.close(reason=CloseReason.CONNECTION_BROKEN)
        raise KafkaConnectionError(f"Connection at {self.host}:{self.port} broken: {error}") from error


async def close(self: Any) -> None:
    """As aiokafka's, and a fetch that pauses just then ends in silence."""
    self._fetch_task.cancel()
    await asyncio.wait({self._fetch_task})
    for fetch in self._pending_tasks:
        fetch.cancel()
    await asyncio.gather(*self._pending_tasks, return_exceptions=True)
    self._pending_tasks.clear()
    await _close(self)


def survive_broken_lines() -> None:
    """Called by whoever makes clients; twice is fine."""
    _connection.send = send
    _fetcher.close = close
