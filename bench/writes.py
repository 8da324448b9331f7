"""HTTP writes to one process of each service by 1, 16 and 48 clients. Each client writes an aggregate of its own."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from deploy.demo.content import Organisation, organisations
from deploy.local.services import free_base
from deploy.local.system import Servers, System
from services.chassis.tokens import mint

from .load import Connection, Load, run_load

CLIENTS = (1, 16, 48)
WARM_SECONDS, SECONDS = 1.0, 4.0
STEMS = "甲乙丙丁戊己庚辛壬癸"
"""Two of them are a word of its own for each client: none is a variant of another one."""
ANY_RATE = {"MAGPIE_RATE_PER_SECOND": "100000", "MAGPIE_RATE_BURST": "100000"}
"""What is measured is the service, not what one organisation may ask of it."""
Write = Callable[[], Awaitable[None]]
"""One write of one client."""
Prepare = Callable[[Connection, int], Awaitable[Write]]
"""Prepares the client number n; returns its write."""


async def measure(servers: Servers, directory: Path) -> dict[str, dict[int, Load]]:
    """The load by service and number of clients.

    Each write makes a revision, with an event if the aggregate has a topic, and is answered after its commit.
    Notifications come after profiles, because recipients belong to profiles."""
    profiles = _Profiles()
    services: dict[str, tuple[str, Prepare]] = {
        "profiles": ("participant", profiles.prepare_replace),
        "notifications": ("participant", profiles.prepare_registration),
        "matching": ("participant", _prepare_busy_times),
        "translation": ("organiser", _prepare_term),
    }
    found = {}
    for name, (role, prepare) in services.items():
        found[name] = await _measure_service(servers, directory, name, role, prepare)
        for clients, load in found[name].items():
            print(
                f"  {name:14} {clients:3} clients {load.per_second:6.0f}/s, p50 {load.p50_ms} ms, p95 {load.p95_ms} ms",
                flush=True,
            )
    return found


async def _measure_service(
    servers: Servers, directory: Path, name: str, role: str, prepare: Prepare
) -> dict[int, Load]:
    env = {"MAGPIE_TOPIC_PREFIX": "benchwrites", "MAGPIE_DATABASE_PREFIX": "benchwrites_", **ANY_RATE}
    with System.on_servers(servers, directory, replicas={name: 1}, base_port=free_base(), env=env) as system:
        url = system.urls(name)[0]
        tokens = [mint(org=f"bench-{n}", role=role, state_dir=directory, sub=_member(n)) for n in range(max(CLIENTS))]
        connections = [Connection(url, token) for token in tokens]
        try:
            requests = [await prepare(connection, n) for n, connection in enumerate(connections)]
            loads = {}
            for clients in CLIENTS:
                _close(connections)  # the service has closed those that were idle
                loads[clients] = await run_load(requests[:clients], warm=WARM_SECONDS, seconds=SECONDS)
            return loads
        finally:
            _close(connections)


def _close(connections: list[Connection]) -> None:
    for connection in connections:
        connection.close()


def _member(n: int) -> str:
    return f"m-bench-{n}"


class _Profiles:
    """Published profiles, one for each client."""

    def __init__(self) -> None:
        self._chosen = list(itertools.islice(itertools.cycle(organisations()), max(CLIENTS)))
        self._ids: list[str] = []

    async def prepare_replace(self, connection: Connection, n: int) -> Write:
        """Publishes a profile. Each write replaces it, with If-Match."""
        created = await connection.ask("POST", "/v1/profiles", self._chosen[n].profile)
        assert created.status == 201, created.body
        path = created.headers["location"]
        published = await connection.ask("POST", f"{path}/publish")
        self._ids.append(path.rsplit("/", 1)[1])
        etag, numbers = published.headers["etag"], itertools.count()

        async def write() -> None:
            nonlocal etag
            answer = await connection.ask("PUT", path, _changed(self._chosen[n], next(numbers)), If_Match=etag)
            assert answer.status == 200, answer.body
            etag = answer.headers["etag"]

        return write

    async def prepare_registration(self, connection: Connection, n: int) -> Write:
        """Registers a recipient. Each write changes its language."""
        path = f"/v1/recipients/{_member(n)}"
        langs = itertools.cycle(("ko", "zh"))

        async def write() -> None:
            body = {"profile_id": self._ids[n], "lang": next(langs), "zone": "Asia/Seoul"}
            answer = await connection.ask("PUT", path, body)
            assert answer.status in (200, 201), answer.body

        async with asyncio.timeout(30):
            while True:
                try:
                    await write()
                    return write
                except AssertionError:  # the event of its profile has not reached notifications yet
                    await asyncio.sleep(0.2)


async def _prepare_busy_times(connection: Connection, n: int) -> Write:
    """Each write replaces the busy times of a member."""
    numbers, day = itertools.count(), dt.datetime.now(dt.UTC).date() + dt.timedelta(days=90)

    async def write() -> None:
        minute = next(numbers) % 60
        busy = {"start": f"{day}T09:{minute:02d}:00+09:00", "end": f"{day}T11:00:00+09:00"}
        answer = await connection.ask("PUT", f"/v1/members/{_member(n)}/busy", {"busy": [busy]})
        assert answer.status == 200, answer.body

    return write


async def _prepare_term(connection: Connection, n: int) -> Write:
    """Each write changes a term of the glossary. All terms share one version: every client writes it."""
    numbers = itertools.count()
    ko, zh = chr(0xAC00 + n) * 2, STEMS[n // len(STEMS)] + STEMS[n % len(STEMS)]

    async def write() -> None:
        term = {"id": f"bench-{n}", "ko": ko, "zh": zh, "en": f"bench {n} {next(numbers)}", "topic": "bench"}
        answer = await connection.ask("PUT", "/v1/glossary", term)
        assert answer.status in (200, 201), answer.body

    await write()
    return write


def _changed(organisation: Organisation, n: int) -> dict[str, Any]:
    names = {**organisation.profile["organisation"]["names"], "en": f"Bench {n}"}
    return {**organisation.profile, "organisation": {**organisation.profile["organisation"], "names": names}}
