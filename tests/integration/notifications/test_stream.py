"""An inbox as a stream: each new notice once, whichever replica wrote it, over reconnections, until it must end."""

from __future__ import annotations

import asyncio
import json
import math
import os
import resource
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from deploy.local.system import Servers
from schemas.matches import MatchProposed
from services.chassis.tokens import mint
from services.notifications.api import inboxes
from services.notifications.app import build
from services.notifications.settings import NotificationsSettings
from tests.support.contract import publish
from tests.support.kafka import make_few_partitions
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually

from .forum import KIM, KOREAN, MATCH, Forum

STREAM = "/v1/recipients/kim-1/inbox/stream"


class Listener:
    """One connection to a stream: what it has shown, and whether it has ended as an answer should."""

    def __init__(self) -> None:
        self.notices: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.comments = 0
        self.is_over = False

    @property
    def matches(self) -> list[str]:
        return [notice["about"]["match_id"] for notice in self.notices]

    async def listen(self, answer: httpx2.Response) -> None:
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            match name:
                case "id":
                    self.ids.append(value)
                case "data":
                    self.notices.append(json.loads(value))
                case "":
                    self.comments += bool(line)
        self.is_over = True


@asynccontextmanager
async def served(service: Running) -> AsyncIterator[str]:
    """The app behind a real HTTP server: the client of other tests hands over whole answers only."""
    server = uvicorn.Server(uvicorn.Config(service.service.app, port=0, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started, "listening")
    host, port = server.servers[0].sockets[0].getsockname()
    yield f"http://{host}:{port}"
    server.should_exit = True
    await serving


@asynccontextmanager
async def listening(url: str, headers: Any, *, member: str = "kim-1", **more: str) -> AsyncIterator[Listener]:
    listener = Listener()
    async with (
        httpx2.AsyncClient(base_url=url, timeout=None, headers={**headers, **more}) as client,
        client.stream("GET", f"/v1/recipients/{member}/inbox/stream") as answer,
    ):
        assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/event-stream")
        task = asyncio.create_task(listener.listen(answer))
        await eventually(lambda: listener.ids, "its place is told at once")
        yield listener
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def notifications(servers: Servers, run_id: str, tmp_path: Path) -> AsyncIterator[Running]:
    settings = NotificationsSettings(stream_heartbeat_seconds=0.2)
    async with running(build(chassis_settings(servers, run_id, tmp_path), settings)) as service:
        yield service


async def proposed(forum: Forum, *ids: str) -> None:
    for id in ids:
        await forum.tell(MatchProposed(**(MATCH | {"match_id": id})), id, 1)


async def test_new_notices_come_in_the_readers_language_and_a_reconnection_goes_on(notifications: Running) -> None:
    forum = Forum(notifications)
    await forum.opened()
    await proposed(forum, "m-1")
    await forum.told(forum.kim, "kim-1", 1)
    async with served(notifications) as url:
        async with listening(url, forum.kim.headers) as listener:
            await proposed(forum, "m-2")
            await eventually(lambda: listener.matches == ["m-2"], "the new one, and no older one")
            item = (await forum.inbox(forum.kim, "kim-1"))[0]
            assert listener.notices == [item] and "제안" in item["title"]
            await eventually(lambda: listener.comments > 1, "signs of life")
        await proposed(forum, "m-3", "m-4")
        await forum.told(forum.kim, "kim-1", 4)
        async with listening(url, forum.kim.headers, **{"Last-Event-ID": listener.ids[-1]}) as again:
            await proposed(forum, "m-5")
            await eventually(lambda: len(again.matches) >= 3, "what came meanwhile, and after")
            assert sorted(again.matches) == ["m-3", "m-4", "m-5"] and again.matches[2] == "m-5"
        async with listening(url, forum.kim.headers, **{"Last-Event-ID": "0"}) as whole:
            await eventually(lambda: len(whole.matches) == 5, "everything from the beginning")
        async with listening(url, forum.kim.headers, **{"Last-Event-ID": "99999"}) as ahead:
            await proposed(forum, "m-6")
            await eventually(lambda: ahead.matches == ["m-6"], "a place ahead of us is now")


async def test_replicas_show_the_same_whoever_wrote_it(
    notifications: Running, servers: Servers, run_id: str, tmp_path: Path
) -> None:
    forum = Forum(notifications)
    await forum.opened()
    settings = NotificationsSettings(stream_heartbeat_seconds=600)  # it must hear of news, not look for them
    other = build(chassis_settings(servers, run_id, tmp_path), settings)
    async with (
        running(other, make_topics=False) as second,
        served(notifications) as here,
        served(second) as there,
        listening(here, forum.kim.headers) as one,
        listening(there, forum.kim.headers) as two,
    ):
        ids = [f"m-{n}" for n in range(12)]
        await proposed(forum, *ids)
        await eventually(lambda: len(one.matches) >= 12 and len(two.matches) >= 12, "all on both")
        assert one.matches == two.matches and sorted(one.matches) == sorted(ids)


async def test_a_stream_is_its_members_alone_and_ends_when_they_go_or_the_service_stops(notifications: Running) -> None:
    forum = Forum(notifications)
    await forum.opened()
    for client, status in (
        (notifications.client(None), 401),
        (notifications.client("hanbit", sub="lee-1"), 404),
        (notifications.client("kic", role="organiser", sub="kim-1"), 404),
    ):
        assert (await client.get(STREAM)).status_code == status
    for place in ("x", "-1", "٣", "9" * 19, str(2**63)):
        refused = await forum.kim.get(STREAM, headers={b"Last-Event-ID": place.encode()})
        assert refused.status_code == 422
    async with served(notifications) as url:
        async with listening(url, forum.kim.headers) as listener:
            assert (await forum.kim.delete("/v1/recipients/kim-1")).status_code == 204
            await eventually(lambda: listener.is_over, "over with its recipient")
        assert (await forum.kim.put("/v1/recipients/kim-1", json=KIM)).status_code == 201
        async with listening(url, forum.kim.headers) as listener:
            notifications.service.begin_shutdown()
            await eventually(lambda: listener.is_over, "over with the service")


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_member_has_five_streams_and_all_of_them_leave_room(
    notifications: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """One that ends makes room, however it ends; the others go on."""
    forum = Forum(notifications)
    await forum.opened()
    signal = notifications.service.app.state.dependencies.inbox_signal
    if not guarded:
        monkeypatch.setattr(signal, "_max_per_member", 10_000)
        monkeypatch.setattr(signal, "_max_streams", 10_000)
    async with served(notifications) as url, AsyncExitStack() as open_streams:
        for _ in range(5):
            await open_streams.enter_async_context(listening(url, forum.kim.headers))
        if not guarded:
            await open_streams.enter_async_context(listening(url, forum.kim.headers))
            return
        refused = await forum.kim.get(STREAM)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
        assert refused.json()["type"].endswith("/too-many-streams")
        assert (await forum.kim.get("/v1/recipients/kim-1/inbox")).status_code == 200
        async with listening(url, forum.wang.headers, member="wang-1"):
            monkeypatch.setattr(signal, "_max_streams", 6)
            lee = notifications.client("hanbit", sub="lee-1")
            assert (await lee.put("/v1/recipients/lee-1", json=KIM)).status_code == 201
            assert (await lee.get("/v1/recipients/lee-1/inbox/stream")).status_code == 429
        await eventually(lambda: signal.open_streams == 5, "the place is free again")
        async with listening(url, lee.headers, member="lee-1"):
            pass
    await eventually(lambda: signal.open_streams == 0, "all places are free")


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_stream_ends_with_its_token(
    notifications: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    forum = Forum(notifications)
    await forum.opened()
    if not guarded:
        monkeypatch.setattr(inboxes, "seconds_left", lambda caller: math.inf)
    token = mint(
        org="hanbit", role="participant", sub="kim-1", state_dir=notifications.service.settings.state_dir, seconds=2
    )
    async with served(notifications) as url, listening(url, {"Authorization": f"Bearer {token}"}) as listener:
        comments = 12  # a sign of life each 0.2 s: after so many the token has ended
        await eventually(lambda: listener.is_over or listener.comments >= comments, "over, or beyond its token")
        assert listener.is_over is guarded


def test_streams_leave_files_for_everyone_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for soft, streams in ((resource.RLIM_INFINITY, 500), (65_536, 500), (256, 56), (64, 1)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, soft=soft: (soft, soft))
        assert NotificationsSettings().max_streams == streams
    assert NotificationsSettings(max_streams=7).max_streams == 7


async def test_sigterm_ends_open_streams_and_the_process(servers: Servers, run_id: str, tmp_path: Path) -> None:
    settings = chassis_settings(servers, run_id, tmp_path)
    await make_few_partitions(settings.kafka_bootstrap, settings.topic_prefix)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "MAGPIE_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "MAGPIE_MONGO_URI": settings.mongo_uri,
        "MAGPIE_TOPIC_PREFIX": settings.topic_prefix,
        "MAGPIE_DATABASE_PREFIX": settings.database_prefix,
        "MAGPIE_STATE_DIR": str(tmp_path),
        "MAGPIE_HTTP_PORT": str(port),
        "MAGPIE_OPERATIONS_PORT": str(port),
    }
    url = f"http://127.0.0.1:{port}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.notifications", env={**os.environ, **environment}
    )
    try:
        async with httpx2.AsyncClient(base_url=url) as client:

            async def ready() -> bool:
                try:
                    return (await client.get("/readyz")).status_code == 200
                except httpx2.HTTPError:
                    return False

            await eventually(ready, "ready", 60)
            await publish(settings.kafka_bootstrap, settings.topic_prefix, KOREAN, key="p-kr", sequence=1)
            token = mint(org="hanbit", role="participant", sub="kim-1", state_dir=tmp_path)
            headers = {"Authorization": f"Bearer {token}"}

            async def registered() -> bool:
                answer = await client.put("/v1/recipients/kim-1", json=KIM, headers=headers)
                return answer.status_code == 201

            await eventually(registered, "registered, once the profile has arrived")
        async with listening(url, headers) as listener:
            process.terminate()
            await eventually(lambda: listener.is_over, "the stream ended as an answer should")
        assert await process.wait() == -signal.SIGTERM  # stopped in order, then passed on by uvicorn
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
