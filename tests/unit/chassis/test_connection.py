"""A line that broke a moment ago is a broken line, whichever event loop says so."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvloop
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from services.chassis.ops import aiokafka_repairs


async def written_after_the_line_broke(send: Any) -> None:
    """The transport is closed and the connection has not been told."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        line: Any = AIOKafkaConnection(host, port)
        line._reader, line._writer = await asyncio.open_connection(host, port)
        line._versions, line._read_task = (
            {MetadataRequest([]).API_KEY: (0, 1)},
            asyncio.ensure_future(asyncio.to_thread(int)),
        )
        line._writer.transport.abort()
        await line._read_task  # a turn of the loop: at its end uvloop lets go of its handle
        send(line, MetadataRequest([]), expect_response=False)


def test_uvloop_says_it_in_a_way_that_aiokafka_does_not_expect() -> None:
    """When this goes green without us, `services/chassis/aiokafka_repairs.py` may go."""
    with pytest.raises(RuntimeError):
        uvloop.run(written_after_the_line_broke(aiokafka_repairs._send))


def test_it_is_heard_as_a_broken_line() -> None:
    aiokafka_repairs.install_repairs()
    assert AIOKafkaConnection.send is aiokafka_repairs.send
    with pytest.raises(KafkaConnectionError):
        uvloop.run(written_after_the_line_broke(AIOKafkaConnection.send))
