"""Nobody can take the service away from the others: an org by asking too much, a stranger by being slow."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from deploy.local.ports import HOST
from deploy.local.system import Servers
from services.chassis.http import middleware, rate_limit
from services.chassis.http.server import ANSWER_SECONDS, BoundedProtocol
from services.chassis.ops import metrics
from services.chassis.tokens import mint
from services.profiles.app import build
from services.profiles.settings import ProfilesSettings
from tests.integration.http.fuzz import listening
from tests.integration.http.process import Place, Profiles, profiles_process
from tests.support.profiles import korean
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually

READ_SECONDS = 1.0
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def profiles(servers: Servers, run_id: str, tmp_path: Path) -> AsyncIterator[Running]:
    chassis = chassis_settings(
        servers, run_id, tmp_path, rate_per_second=0.5, rate_burst=5, read_timeout_seconds=READ_SECONDS
    )
    async with running(build(chassis, ProfilesSettings())) as service:
        yield service


# -- an org that asks too much


@pytest.mark.parametrize("guarded", [True, False])
async def test_an_org_that_asks_too_much_waits_alone(
    guarded: bool, profiles: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(rate_limit.TokenBuckets, "take", lambda self, key, now: 0.0)
    before = metrics.http_limited._value.get()
    hanbit, colleague = profiles.client("hanbit"), profiles.client("hanbit", sub="a-colleague")
    monkeypatch.setattr(middleware, "REFUSAL_SECONDS", 0.0)  # in the second before a refusal the bucket fills
    answers = [await client.get("/v1/profiles") for client in (hanbit, colleague) for _ in range(5)]
    limited = [answer for answer in answers if answer.status_code == 429]
    assert len(limited) == (5 if guarded else 0)
    assert metrics.http_limited._value.get() - before == len(limited)
    for answer in limited:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"].endswith("/too-many-requests")
        assert 1 <= int(answer.headers["Retry-After"]) <= 2
    assert (await profiles.client("huaqiao").get("/v1/profiles")).status_code == 200
    assert {(await hanbit.get(path)).status_code for path in ("/livez", "/readyz")} == {200}


@pytest.mark.parametrize("guarded", [True, False])
async def test_the_requests_of_a_day_end_too(
    guarded: bool, servers: Servers, run_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "REFUSAL_SECONDS", 0.0)
    limits = {"requests_per_day": 3} if guarded else {}
    async with running(build(chassis_settings(servers, run_id, tmp_path, **limits), ProfilesSettings())) as service:
        hanbit, huaqiao = service.client("hanbit"), service.client("huaqiao")
        answers = [await hanbit.get("/v1/profiles") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200] * 3 + [429 if guarded else 200] * 2
        assert (await huaqiao.get("/v1/profiles")).status_code == 200
        if guarded:
            assert "requests of the day" in answers[-1].json()["detail"]
            assert 28_700 <= int(answers[-1].headers["Retry-After"]) <= 28_800  # a third of a day
            assert metrics.quota_refused.labels(middleware.REQUESTS_PER_DAY)._value.get() >= 2


async def test_after_the_wait_it_is_served_again(profiles: Running) -> None:
    client = profiles.client("hanbit")
    # On a slow machine one more is allowed before the burst is used up.
    said = [(await client.post("/v1/profiles", json=korean())).status_code for _ in range(15)]
    assert set(said) == {201, 429}
    assert await profiles.service.database.db.profiles.count_documents({}) == said.count(201)

    async def created() -> bool:
        return bool((await client.post("/v1/profiles", json=korean())).status_code == 201)

    await eventually(created, "served again", 10)


async def test_too_many_is_judged_after_the_token_and_before_the_body(profiles: Running) -> None:
    client, nobody = profiles.client("hanbit"), profiles.client(None)
    too_large = "x" * (256 * 1024 + 1)
    first = await client.post("/v1/profiles", content=too_large)
    said = [(await client.post("/v1/profiles", content=too_large)).status_code for _ in range(5)]
    strangers = {(await nobody.get("/v1/profiles")).status_code for _ in range(20)}
    assert (first.status_code, said, strangers) == (413, [413] * 4 + [429], {401})


# -- a stranger who is slow


async def line(port: int, text: str = "") -> Line:
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(text.encode())
    return reader, writer


async def lasts(to: Line, seconds: float) -> bool:
    """Whether the connection is open still after so long, whatever is sent on it, a byte each moment."""
    reader, writer = to

    async def drip() -> None:
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.1)

    dripping = asyncio.ensure_future(drip())
    try:
        async with asyncio.timeout(seconds):
            while await reader.read(1024):
                """What it answers does not matter."""
        return False
    except ConnectionError:
        return False
    except TimeoutError:
        return True
    finally:
        dripping.cancel()
        writer.close()


HEAD = f"POST /v1/profiles HTTP/1.1\r\nHost: {HOST}\r\n"
SLOW = {
    "in the head": HEAD + "X-Slow: ",
    "in the body of a route that reads none": HEAD.replace("/v1/profiles", "/livez") + "Content-Length: 9000\r\n\r\n",
    "in the body of nobody": HEAD + "Content-Length: 9000\r\n\r\n",
    "in the second head": f"GET /livez HTTP/1.1\r\nHost: {HOST}\r\n\r\n{HEAD}X-Slow: ",
}


@pytest.mark.parametrize("guarded", [True, False])
async def test_who_is_slow_is_closed(guarded: bool, profiles: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """uvicorn alone waits for ever."""
    if not guarded:
        monkeypatch.setattr(BoundedProtocol, "_arm", lambda self: None)
    patience = 2 * READ_SECONDS + ANSWER_SECONDS + 2
    async with listening(profiles) as port:
        lines = [await line(port, text) for text in SLOW.values()]
        found = await asyncio.gather(*(lasts(one, patience) for one in lines))
    assert dict(zip(SLOW, found, strict=True)) == dict.fromkeys(SLOW, not guarded)


async def test_who_says_nothing_is_closed(profiles: Running) -> None:
    async with listening(profiles) as port:
        reader, writer = await line(port)
        async with asyncio.timeout(20):
            assert await reader.read() == b""
        writer.close()


async def test_a_head_without_end_is_refused(profiles: Running) -> None:
    async with listening(profiles) as port:
        reader, writer = await line(port, HEAD)
        for n in range(80):
            writer.write(f"X-{n}: {'x' * 1000}\r\n".encode())
        async with asyncio.timeout(20):
            answer = await reader.read(1000)
        assert b" 400 " in answer and b"too large" in answer
        head, _, body = answer.partition(b"\r\n\r\n")
        trace = json.loads(body)["trace_id"]
        assert len(trace) == 32 and f"x-trace-id: {trace}".encode() in head
        writer.close()


async def test_a_quick_connection_is_kept_for_the_next_request(profiles: Running) -> None:
    """The deadline is one of a request, not of a connection."""
    request = f"GET /livez HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
    async with listening(profiles) as port:
        reader, writer = await line(port)
        end, n = time.monotonic() + READ_SECONDS + ANSWER_SECONDS + 1, 0
        while time.monotonic() < end:
            writer.write(request.encode())
            assert b" 200 " in await reader.read(1000)
            n += 1
            await asyncio.sleep(0.2)
        assert n > 3
        writer.close()


async def hold(port: int, text: str, opened: list[str], closed: list[str]) -> None:
    """A slow one: a byte a second until it is closed."""
    reader, writer = await line(port, text)
    opened.append(text)
    try:
        while not reader.at_eof():
            writer.write(b"x")
            try:
                async with asyncio.timeout(1):
                    while await reader.read(1024):
                        """Until it is closed."""
            except TimeoutError:
                continue
    except ConnectionError:
        pass
    finally:
        closed.append(text)
        writer.close()


@pytest.mark.slow
async def test_a_thousand_slow_connections_take_nothing_from_the_others(
    servers: Servers, run_id: str, tmp_path: Path
) -> None:
    """Heads and bodies that come a byte a second; the health checks and a good client do not notice, and the slow
    ones are closed."""
    place, opened, closed = Place(servers, run_id, tmp_path), list[str](), list[str]()
    await place.prepare()
    async with profiles_process(place, MAGPIE_READ_TIMEOUT_SECONDS="12") as slow, place.client(slow, "hanbit") as good:
        texts = slow_requests(tmp_path)
        held = [asyncio.ensure_future(hold(slow.port, texts[n % len(texts)], opened, closed)) for n in range(1000)]
        await eventually(lambda: len(opened) == 1000, "a thousand connections")
        took = sorted([await _timed(slow, good) for _ in range(20)])
        assert took[18] < 2.0, took
        assert (await good.post("/v1/profiles", json=korean())).status_code == 201
        assert len(closed) < 500, "they were open meanwhile"
        await eventually(lambda: len(closed) == 1000, "the slow ones are closed", 60)
        await asyncio.gather(*held)
        assert slow.process.returncode is None
    assert await place.drop() == 1


def slow_requests(state_dir: Path) -> list[str]:
    """Of ten orgs, half of them slow in the head and half in the body."""
    found = []
    for n in range(10):
        token = mint(org=f"slow-{n}", role="participant", state_dir=state_dir)
        head = f"{HEAD}Authorization: Bearer {token}\r\n"
        found += [f"{head}X-Slow: ", f"{head}Content-Length: 9000\r\n\r\n"]
    return found


async def _timed(slow: Profiles, good: httpx2.AsyncClient) -> float:
    """How long a health check on a connection of its own, and a good request, take."""
    began = time.monotonic()
    reader, writer = await line(slow.port, f"GET /livez HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
    assert b" 200 " in await reader.read(1000)
    writer.close()
    assert (await good.get("/v1/profiles")).status_code == 200
    return time.monotonic() - began
