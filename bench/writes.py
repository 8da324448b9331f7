"""Writes by HTTP at one process of each service, by 1, 16 and 48 clients, each on what is its own."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from deploy.demo.content import Organisation, organisations
from deploy.local.services import free_base
from deploy.local.system import Servers, System
from services.chassis.tokens import mint

from .load import Connection, Load, sustained

CLIENTS = (1, 16, 48)
WARM_SECONDS, SECONDS = 1.0, 4.0
Act = Callable[[], Awaitable[None]]
Acting = Callable[[Connection, int], Awaitable[Act]]


async def measure(servers: Servers, directory: Path) -> dict[str, dict[int, Load]]:
    """By service, by clients. Each write is a revision, with an event where the aggregate has a topic, and is answered
    after its commit. Notifications come after profiles: recipients belong to those."""
    profiles = _Profiles()
    acting: dict[str, tuple[str, Acting]] = {
        "profiles": ("participant", profiles.replacing),
        "notifications": ("participant", profiles.registering),
        "matching": ("participant", _busy),
        "translation": ("organiser", _naming),
    }
    found = {}
    for name, (role, act) in acting.items():
        found[name] = await _service(servers, directory, name, role, act)
        for clients, load in found[name].items():
            print(
                f"  {name:14} {clients:3} clients {load.per_second:6.0f}/s, p50 {load.p50_ms} ms, p95 {load.p95_ms} ms",
                flush=True,
            )
    return found


async def _service(servers: Servers, directory: Path, name: str, role: str, acting: Acting) -> dict[int, Load]:
    env = {"MAGPIE_TOPIC_PREFIX": "benchwrites", "MAGPIE_DATABASE_PREFIX": "benchwrites_"}
    with System(directory, servers=servers, names=(name,), base_port=free_base(), env=env) as system:
        url = system.urls(name)[0]
        tokens = [mint(org=f"bench-{n}", role=role, state_dir=directory, sub=_member(n)) for n in range(max(CLIENTS))]
        connections = [Connection(url, token) for token in tokens]
        try:
            acts = [await acting(connection, n) for n, connection in enumerate(connections)]
            loads = {}
            for clients in CLIENTS:
                _close(connections)  # those that idled are closed by the service
                loads[clients] = await sustained(acts[:clients], warm=WARM_SECONDS, seconds=SECONDS)
            return loads
        finally:
            _close(connections)


def _close(connections: list[Connection]) -> None:
    for connection in connections:
        connection.close()


def _member(n: int) -> str:
    return f"m-bench-{n}"


class _Profiles:
    """Published profiles, one a client."""

    def __init__(self) -> None:
        self._chosen = list(itertools.islice(itertools.cycle(organisations()), max(CLIENTS)))
        self._ids: list[str] = []

    async def replacing(self, connection: Connection, n: int) -> Act:
        """Replaces the whole profile, with If-Match."""
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

    async def registering(self, connection: Connection, n: int) -> Act:
        """Says anew in which language one wants to hear."""
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
                except AssertionError:  # its profile has not arrived yet
                    await asyncio.sleep(0.2)


async def _busy(connection: Connection, n: int) -> Act:
    """Says anew when one cannot meet."""
    numbers = itertools.count()

    async def write() -> None:
        minute = next(numbers) % 60
        busy = {"start": f"2027-03-01T09:{minute:02d}:00+09:00", "end": "2027-03-01T11:00:00+09:00"}
        answer = await connection.ask("PUT", f"/v1/members/{_member(n)}/busy", {"busy": [busy]})
        assert answer.status == 200, answer.body

    return write


async def _naming(connection: Connection, n: int) -> Act:
    """Changes a term of the glossary; all of them go through its one version."""
    numbers = itertools.count()
    ko, zh = (chr(first + n) * 2 for first in (0xAC00, 0x4E00))

    async def write() -> None:
        term = {"id": f"bench-{n}", "ko": ko, "zh": zh, "en": f"bench {n} {next(numbers)}", "topic": "bench"}
        answer = await connection.ask("PUT", "/v1/glossary", term)
        assert answer.status in (200, 201), answer.body

    await write()
    return write


def _changed(organisation: Organisation, n: int) -> dict[str, Any]:
    names = {**organisation.profile["organisation"]["names"], "en": f"Bench {n}"}
    return {**organisation.profile, "organisation": {**organisation.profile["organisation"], "names": names}}
