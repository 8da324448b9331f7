"""Certificates that are watched: each address counts for itself."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from deploy.installation.certificates import authority, server
from services.chassis.ops.certificates import CertificateWatch, NotSeen
from tests.support.waiting import eventually

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)


@pytest.fixture
async def shown(tmp_path: Path) -> AsyncIterator[str]:
    """An address that shows a certificate of our own."""
    made = server(authority(NOW), ["localhost"], NOW)
    (file := tmp_path / "server.pem").write_text(made.key + made.certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    listening = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with listening:
        yield f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"


@pytest.fixture
def away() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


async def test_an_address_that_is_down_hides_no_other(away: str, shown: str) -> None:
    watch = asyncio.create_task(CertificateWatch([away, "no address", shown]).serve())

    async def seen() -> float | None:
        return REGISTRY.get_sample_value("magpie_certificate_expiry_timestamp_seconds", {"address": shown})

    assert await eventually(seen, "the second is looked at") == (NOW + dt.timedelta(days=397)).timestamp()
    watch.cancel()
    with suppress(asyncio.CancelledError):
        await watch
    with pytest.raises(NotSeen) as missed:
        await CertificateWatch([away, shown])._look()
    assert missed.value.errors == {away: "ConnectionRefusedError"}
