"""Profile writes by HTTP: 48 clients at one process of the profiles service, each on its own profile."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from deploy.demo.content import Organisation, organisations
from deploy.local.ports import free_port
from deploy.local.system import Servers, System
from services.chassis.tokens import mint

from .load import Connection, Load, sustained

CLIENTS = 48
WARM_SECONDS, SECONDS = 3.0, 12.0


async def measure(servers: Servers, directory: Path) -> Load:
    """Replaces whole published profiles, with If-Match: each write is a revision, an event and an answer after its
    commit."""
    with System(directory, servers=servers, names=("profiles",), base_port=free_port()) as system:
        url = system.urls("profiles")[0]
        chosen = list(itertools.islice(itertools.cycle(organisations()), CLIENTS))
        tokens = [mint(org=f"bench-{n}", role="participant", state_dir=directory) for n in range(CLIENTS)]
        connections = [Connection(url, token) for token in tokens]
        try:
            acts = [await _writer(c, o) for c, o in zip(connections, chosen, strict=True)]
            return await sustained(acts, warm=WARM_SECONDS, seconds=SECONDS)
        finally:
            for connection in connections:
                connection.close()


async def _writer(connection: Connection, organisation: Organisation) -> Callable[[], Awaitable[None]]:
    created = await connection.ask("POST", "/v1/profiles", organisation.profile)
    assert created.status == 201, created.body
    path = created.headers["location"]
    published = await connection.ask("POST", f"{path}/publish")
    etag, numbers = published.headers["etag"], itertools.count()

    async def write() -> None:
        nonlocal etag
        answer = await connection.ask("PUT", path, _changed(organisation, next(numbers)), If_Match=etag)
        assert answer.status == 200, answer.body
        etag = answer.headers["etag"]

    return write


def _changed(organisation: Organisation, n: int) -> dict[str, Any]:
    names = {**organisation.profile["organisation"]["names"], "en": f"Bench {n}"}
    return {**organisation.profile, "organisation": {**organisation.profile["organisation"], "names": names}}
