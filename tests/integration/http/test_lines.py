"""All that a process writes is JSON, one object a line, whatever goes wrong in it; and nothing of it is a payload."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.local.ports import HOST, free_port, is_listening
from deploy.local.system import Servers
from schemas import samples
from services.chassis.ops.logs import QUIET
from services.chassis.tokens import mint
from tests.integration.http.broken import LIBRARIES, SECRET
from tests.integration.http.process import ROOT, Place
from tests.support.kafka import send
from tests.support.waiting import eventually

Line = dict[str, Any]


def objects(*texts: bytes) -> list[Line]:
    """Raises ValueError for a line that is no JSON object, and for a payload anywhere."""
    lines = [json.loads(line) for text in texts for line in text.splitlines()]
    assert all(isinstance(line, dict) and {"event", "level", "service", "timestamp"} <= line.keys() for line in lines)
    for secret in (*SECRET.split(), "two lines"):
        assert secret not in str(lines)
    return lines


class Written:
    """A process, and all that it has written so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process, self.texts = process, [b"", b""]
        streams = (process.stdout, process.stderr)
        self._reading = [asyncio.ensure_future(self._read(n, stream)) for n, stream in enumerate(streams) if stream]

    async def _read(self, n: int, stream: asyncio.StreamReader) -> None:
        while part := await stream.read(65_536):
            self.texts[n] += part

    async def ended(self) -> list[Line]:
        await asyncio.gather(*self._reading, self.process.wait())
        return objects(*self.texts)

    def events(self) -> set[str]:
        return {line["event"] for text in self.texts for line in map(json.loads, text.splitlines(keepends=False)[:-1])}


@asynccontextmanager
async def started(place: Place, module: str, **env: str) -> AsyncIterator[Written]:
    command = [sys.executable, "-m", module]
    port = int(env.pop("port", "0")) or free_port()
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env=place.environment(port) | env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Written(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def record(id: str) -> tuple[bytes, bytes, list[tuple[str, bytes | None]]]:
    found = samples.example("magpie.profile.published")
    headers = [(name, value.encode()) for name, value in (found["headers"] | {"ce_id": id}).items()]
    return found["key"].encode(), json.dumps(found["value"]).encode(), headers


@pytest.fixture
def place(servers: Servers, run_id: str, tmp_path: Path) -> Place:
    return Place(servers, run_id, tmp_path)


async def test_whatever_goes_wrong_is_a_line_of_json_with_its_traceback(place: Place) -> None:
    await place.prepare()
    port = free_port()
    async with started(place, "tests.integration.http.broken", port=str(port)) as written:
        await eventually(lambda: is_listening(port), "it listens", 60)
        topic = f"{place.run_id}.profiles.v1"
        await send(place.servers.bootstrap, topic, [record(id) for id in ("one", "two")])
        token = mint(org="hanbit", role="participant", state_dir=place.state_dir)
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
            answer = await client.get(f"http://{HOST}:{port}/v1/broken", timeout=20)
        assert answer.status_code == 500
        await eventually(lambda: {"job_dead", "dead_letter"} <= written.events(), "job and record have failed", 60)
        written.process.send_signal(signal.SIGTERM)
        lines = await written.ended()
    traced = {(line["event"], line["module"]) for line in lines if "fault" in line.get("traceback", "")}
    ours = {event for event, module in traced if module.startswith("services.")}
    assert {"request_failed", "loop_error", "uncaught", "job_failed", "dead_letter", "loop_failed"} <= ours
    assert {module for event, module in traced if event == "It failed with %s"} == set(LIBRARIES) - set(QUIET)
    assert "python_warns" in {line["event"] for line in lines}
    failed = next(line for line in lines if line["event"] == "request_failed")
    assert failed["trace"] == answer.headers["X-Trace-Id"] == answer.json()["trace_id"]


@pytest.mark.parametrize("wrong", ["settings", "port", "level"])
async def test_a_start_that_fails_says_why_in_a_line_of_json(wrong: str, place: Place) -> None:
    taken = await asyncio.start_server(lambda reader, writer: None, HOST, 0)
    port = taken.sockets[0].getsockname()[1]
    env = {
        "settings": {"MAGPIE_ENVIRONMENT": "production"},
        "port": {"port": str(port)},
        "level": {"MAGPIE_LOG_LEVEL": "LOUD"},
    }
    async with taken, started(place, "services.profiles", **env[wrong]) as written:
        lines = await written.ended()
        assert written.process.returncode not in (0, None)
    assert [line for line in lines if line["level"] == "error" and line["service"] == "profiles"]
    assert wrong != "settings" or "MAGPIE_SECRET_KEY is not set" in str(lines)
