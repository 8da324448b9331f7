"""What aiokafka does not expect of uvloop: a line that broke a moment ago, and that nobody has told it of yet, raises
RuntimeError at the next write, where asyncio's own raises nothing. aiokafka 0.14 takes only OSError for a broken line,
so its fetcher ended there for good: the member stayed in its group, and its partitions were read by nobody. Found by
`make chaos` after a cut line; https://github.com/aio-libs/aiokafka/blob/v0.14.0/aiokafka/conn.py"""

from __future__ import annotations

from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError

_connection: Any = AIOKafkaConnection
_send = _connection.send


def send(self: Any, request: Any, expect_response: bool = True) -> Any:
    """As aiokafka's, for every client of this process. Raises KafkaConnectionError for a broken line, which all of
    them survive."""
    try:
        return _send(self, request, expect_response)
    except RuntimeError as error:
        self.close(reason=CloseReason.CONNECTION_BROKEN)
        raise KafkaConnectionError(f"Connection at {self.host}:{self.port} broken: {error}") from error


def survive_broken_lines() -> None:
    """Called by whoever makes clients; twice is fine."""
    _connection.send = send
