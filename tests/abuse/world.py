"""What the attacks act in: the running system, clients of it, and what its processes say of themselves."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from pymongo import MongoClient

from deploy.local.ports import HOST
from deploy.local.services import PORTS
from deploy.local.system import System
from services.chassis.tokens import mint
from tests.support.profiles import korean
from tests.support.two_sides import ok

ERRORS = re.compile(r'^magpie_http_requests_total\{.*status="5\d\d".*\} ([0-9.e+]+)$', re.MULTILINE)
PAUSED = re.compile(r"^magpie_consumer_partitions_paused\{.*\} ([0-9.e+]+)$", re.MULTILINE)


@dataclass
class World:
    """One run. `short`: the form that runs among the tests, with fewer of everything."""

    system: System
    short: bool
    seconds: float
    clients: int
    longest_ms: float
    """What others may wait for `/livez`, and an attacked replica for the answer to a hostile text."""
    ready_at: float = 0.0
    """When the attack itself began, after what it needs was made; memory is compared with this moment."""
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    def many(self, full: int, short: int) -> int:
        return short if self.short else full

    def ready(self) -> None:
        """From now on memory is measured."""
        self.ready_at = time.time()

    # -- callers

    def token(self, org: str, **more: Any) -> str:
        asked: dict[str, Any] = {"org": org, "role": "participant", "state_dir": self.system.directory}
        return mint(**asked | more)

    async def client(self, service: str, org: str, *, replica: int = 0, **more: Any) -> httpx2.AsyncClient:
        headers = {"Authorization": f"Bearer {self.token(org, **more)}"}
        url = self.system.urls(service)[replica]
        return await self.stack.enter_async_context(httpx2.AsyncClient(base_url=url, headers=headers, timeout=20))

    async def published(self, org: str, body: dict[str, Any] | None = None) -> str:
        client = await self.client("profiles", org)
        id = str((await ok(client.post("/v1/profiles", json=body or korean()), 201))["profile_id"])
        await ok(client.post(f"/v1/profiles/{id}/publish"), 200)
        return id

    def ports(self, service: str) -> list[int]:
        return [replica.port for replica in self.system.services[service]]

    def head(self, path: str, org: str, *, method: str = "GET", **more: Any) -> str:
        """Of a request on a plain socket; the empty line is missing still."""
        return f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {self.token(org, **more)}\r\n"

    # -- what is left

    async def rows(self) -> dict[str, int]:
        """Documents of each collection of the four databases."""
        return await asyncio.to_thread(self._rows)

    def _rows(self) -> dict[str, int]:
        with MongoClient[Any](self.system.servers.uri) as client:
            return {
                f"{service}.{name}": client[f"magpie_{service}"][name].count_documents({})
                for service in PORTS
                for name in client[f"magpie_{service}"].list_collection_names()
            }

    async def found(self, service: str, collection: str, query: dict[str, Any]) -> list[dict[str, Any]]:
        def find() -> list[dict[str, Any]]:
            with MongoClient[Any](self.system.servers.uri) as client:
                return list(client[f"magpie_{service}"][collection].find(query))

        return await asyncio.to_thread(find)

    # -- what the processes say

    def _metrics(self) -> list[str]:
        urls = [f"{s.operations_url}/metrics" for replicas in self.system.services.values() for s in replicas]
        texts = []
        for url in urls:
            with urllib.request.urlopen(url, timeout=30) as answer:
                texts.append(answer.read().decode())
        return texts

    async def errors(self) -> int:
        """Answers 5xx of all replicas since their start, to any caller."""
        texts = await asyncio.to_thread(self._metrics)
        return int(sum(float(n) for text in texts for n in ERRORS.findall(text)))

    async def paused(self) -> int:
        """Partitions that a service has stopped reading."""
        texts = await asyncio.to_thread(self._metrics)
        return int(sum(float(n) for text in texts for n in PAUSED.findall(text)))


def plain(port: int, text: str = "", *, receive_buffer: int = 0) -> socket.socket:
    """A connection that sends just this, and reads nothing by itself."""
    made = socket.socket()
    if receive_buffer:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    made.connect((HOST, port))
    made.setblocking(False)
    made.send(text.encode())
    return made


@dataclass
class Watch:
    """The watcher's process and what it has written."""

    file: Path
    process: subprocess.Popen[bytes]

    @classmethod
    def of(cls, system: System) -> Watch:
        file = system.directory / "watched.jsonl"
        replicas = [f"{s.port}:{s.pid}" for replicas in system.services.values() for s in replicas]
        command = [sys.executable, "-m", "tests.abuse.watcher", str(file), *replicas]
        return cls(file, subprocess.Popen(command))

    def between(self, began: float, ended: float) -> list[dict[str, Any]]:
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        found = [json.loads(line) for line in lines if line.endswith("}")]
        return [one for one in found if began <= one["at"] <= ended]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def growth(seen: list[dict[str, Any]], ready_at: float) -> float:
    """MiB by which the process that grew most grew at its largest, from when the attack began."""
    most = 0.0
    for port in {one["port"] for one in seen if "port" in one}:
        own = [one for one in seen if one.get("port") == port]
        before = [one["mib"] for one in own if one["at"] <= ready_at] or [own[0]["mib"]]
        most = max(most, max([one["mib"] for one in own if one["at"] > ready_at], default=0.0) - before[-1])
    return most
