"""What a service's OpenAPI document allows, and what it forbids, sent over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.schemas import APIOperation

from deploy.local.ports import HOST, free_port
from services.chassis.tokens import mint
from tests.support.services import Running
from tests.support.waiting import eventually

ENDLESS = "/stream"
Operation = APIOperation[Any, Any, Any, Any]


@asynccontextmanager
async def listening(running: Running) -> AsyncIterator[int]:
    """The service of a test behind a real server, at this port; its lifespan stays the test's."""
    port = free_port()
    server = running.service.server(port)
    server.config.lifespan = "off"
    serving = asyncio.ensure_future(server.serve())
    try:
        await eventually(lambda: server.started, "listening")
        yield port
    finally:
        server.should_exit = True
        await serving


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """All routes of the document but the streams, which never end."""
    schema = schemathesis.openapi.from_dict(dict(document))
    found: list[Any] = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]  # none is Err
    return [operation for operation in found if not operation.path.endswith(ENDLESS)]


class Fuzz:
    """Requests of one caller. Every other one is about something that is there, where its path or query can name it;
    none deletes that."""

    def __init__(self, running: Running, *, known: Mapping[str, str], org: str, **caller: Any) -> None:
        self._running, self._known = running, known
        token = mint(org=org, state_dir=running.service.settings.state_dir, **caller)
        self._headers = {"Authorization": f"Bearer {token}"}

    async def run(self, examples: int, *, only: Collection[str] | None = None) -> dict[str, set[int]]:
        """What each route answered, or each of `only`, to so many right and so many wrong requests. Raises
        AssertionError, with the request as a command, for the first 5xx."""
        said: dict[str, set[int]] = {}
        async with listening(self._running) as port:
            found = operations(self._running.service.app.openapi())
            for operation in (one for one in found if only is None or one.label in only):
                for mode in GenerationMode:
                    statuses = await asyncio.to_thread(self._send, operation, mode, f"http://{HOST}:{port}", examples)
                    said.setdefault(operation.label, set()).update(statuses)
        return said

    def _send(self, operation: Operation, mode: GenerationMode, url: str, examples: int) -> list[int]:
        found: list[int] = []

        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case: schemathesis.Case[Any]) -> None:
            if len(found) % 2 and operation.method != "delete":
                case.path_parameters, case.query = self._about(case.path_parameters), self._about(case.query)
            answer = case.call(base_url=url, headers=self._headers, timeout=20)
            assert answer.status_code < 500, f"{answer.status_code}: {case.as_curl_command()}"
            found.append(answer.status_code)

        with suppress(Unsatisfiable):  # a route that takes nothing can be told nothing wrong
            send()
        return found

    def _about(self, named: Mapping[str, Any] | None) -> dict[str, Any]:
        return {name: self._known.get(name, value) for name, value in (named or {}).items()}
