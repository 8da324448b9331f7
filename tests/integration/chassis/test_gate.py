"""What comes over a real socket: too large, too slow, cut off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn

from deploy.local.ports import HOST, free_port
from deploy.local.system import Servers
from services.chassis.tokens import mint
from services.profiles.app import build
from services.profiles.settings import ProfilesSettings
from tests.integration.chassis.rig import running as in_background
from tests.support.services import chassis_settings
from tests.support.waiting import eventually


@asynccontextmanager
async def listening(servers: Servers, run_id: str, tmp_path: Path) -> AsyncIterator[int]:
    settings = chassis_settings(servers, run_id, tmp_path, read_timeout_seconds=0.5)
    service, port = build(settings, ProfilesSettings()), free_port()
    server = uvicorn.Server(uvicorn.Config(service.app, host=HOST, port=port, http="httptools", log_config=None))
    async with in_background(server.serve()):
        await eventually(lambda: server.started and not service.health.unready(), "ready", 60)
        yield port
    await service.database.client.drop_database(service.database.db.name)


async def exchange(port: int, head: str, *chunks: bytes, token: str) -> str:
    """Sends a request as it stands, reads until the other side closes or answers."""
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        lines = [head, f"Host: {HOST}", f"Authorization: Bearer {token}", "Content-Type: application/json", "", ""]
        writer.write("\r\n".join(lines).encode())
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
        async with asyncio.timeout(20):
            return (await reader.read(65_536)).decode()
    finally:
        writer.close()


async def test_bodies_without_length_without_end_and_without_measure(
    servers: Servers, run_id: str, tmp_path: Path
) -> None:
    async with listening(servers, run_id, tmp_path) as port:
        token = mint(org="hanbit", role="participant", state_dir=tmp_path)
        post = "POST /v1/profiles HTTP/1.1"
        piece = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
        chunked = await exchange(port, f"{post}\r\nTransfer-Encoding: chunked", *[piece] * 9, token=token)
        declared = await exchange(port, f"{post}\r\nContent-Length: 262145", token=token)
        slow = await exchange(port, f"{post}\r\nContent-Length: 100", b"{", token=token)
        exact = b"[" + b" " * (256 * 1024 - 2) + b"]"
        largest = await exchange(port, f"{post}\r\nContent-Length: {len(exact)}", exact, token=token)
        nobody = await exchange(port, f"{post}\r\nContent-Length: 262145", token="nothing")
        assert [answer.split()[1] for answer in (chunked, declared, slow, largest, nobody)] == [
            "413",
            "413",
            "408",
            "422",
            "401",
        ]
        assert "connection: close" in slow.lower() and "problem+json" in chunked
