"""A trace is followed over all services: from a request to what it makes others do, as spans and as log lines; and none
of them holds what a person has written."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.services import free_base
from deploy.local.system import Servers
from tests.support.collector import Collector, Got, collecting
from tests.support.postbox import Postbox
from tests.support.profiles import chinese, korean
from tests.support.two_sides import Forum, ok
from tests.support.waiting import eventually
from tests.support.whole import Whole, a_system, whole

ROOT = Path(__file__).parents[2]
MAIL = "own.mark@people.example"
WRITTEN = (MAIL, "people.example", "한빛센서", "Hanbit Sensor", "라이다", "전시장", "激光雷达", "kim@", "Bearer")


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with Postbox() as found:
        yield found


@pytest.fixture
async def system(
    collector: Collector, postbox: Postbox, servers: Servers, run_id: str, tmp_path: Path
) -> AsyncIterator[Whole]:
    env = {
        "MAGPIE_OTLP_ENDPOINT": collector.url,
        "MAGPIE_RATE_PER_SECOND": "1000",
        "MAGPIE_RATE_BURST": "1000",
        "MAGPIE_NOTIFICATIONS_SMTP_HOST": "127.0.0.1",
        "MAGPIE_NOTIFICATIONS_SMTP_PORT": str(postbox.port),
        "MAGPIE_NOTIFICATIONS_SMTP_TLS": "none",
    }
    async with whole(a_system(tmp_path, servers, run_id, free_base(), **env), run_id) as found:
        yield found


def complete(spans: list[Got]) -> bool:
    """Whether no span lacks the one above it."""
    return {one.parent for one in spans if one.parent} <= {one.span for one in spans}


def above(span: Got, spans: list[Got]) -> list[str]:
    """Kinds and services of a span and of all above it, from the first one on."""
    by_id = {one.span: one for one in spans}
    way = [span]
    while way[-1].parent:
        way.append(by_id[way[-1].parent])
    return [f"{one.service} {one.kind}" for one in reversed(way)]


async def shown(system: Whole, id: str) -> Any:
    """What `make trace` prints, by the command itself."""
    command = [
        sys.executable,
        "-m",
        "services.operate",
        "trace",
        id,
        "--json",
        "--logs",
        str(system.system.directory / "logs"),
    ]
    env = {**os.environ, "MAGPIE_KAFKA_BOOTSTRAP": system.bootstrap, "MAGPIE_TOPIC_PREFIX": system.prefix}
    process = await asyncio.create_subprocess_exec(*command, env=env, cwd=ROOT, stdout=PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert not any(written in out.decode() for written in WRITTEN)
    return json.loads(out)


async def test_a_publication_is_one_trace_from_the_request_to_the_notice(
    system: Whole, collector: Collector, postbox: Postbox
) -> None:
    forum = Forum(system)
    cn = await forum.publish(forum.cn, chinese())
    await forum.registered(cn, forum.cn["notifications"], "wang-1", mail=MAIL)
    # Of two sides, the one that is looked at later finds the other: this makes it the Korean side.
    await eventually(lambda: [s for s in collector.spans if s.name == "job propose"], "the Chinese side was looked at")
    created = await forum.kr["profiles"].post("/v1/profiles", json=korean())
    published = await forum.kr["profiles"].post(f"{created.headers['Location']}/publish")
    trace = published.headers["X-Trace-Id"]
    await forum.agreed(created.json()["profile_id"])

    def told() -> Got | None:
        consumed = [s for s in collector.of(trace) if s.kind == "consumer" and s.service == "notifications"]
        return next((s for s in consumed if s.attributes["magpie.event"] == "magpie.match.proposed"), None)

    notice = await eventually(told, "the proposal has reached notifications")
    # Services send their spans by the second, each when it likes: those above may come later than those below.
    await eventually(lambda: complete(collector.of(trace)), "every span has its parent")
    spans = collector.of(trace)
    way = above(notice, spans)
    assert way[:3] == ["profiles server", "profiles producer", "matching consumer"]
    assert way[3:-2] == ["matching internal"] * (len(way) - 5) and len(way) > 5
    assert way[-2:] == ["matching producer", "notifications consumer"]
    assert {s.name for s in spans if s.kind == "internal"} >= {"job embed", "job propose"}
    assert all(s.links == (s.parent,) for s in spans if s.kind == "internal")
    assert len({s.span for s in spans}) == len(spans), "each span once"
    assert {s.attributes["magpie.correlation"] for s in spans} == {published.headers["X-Correlation-Id"]}
    await eventually(lambda: postbox.to(MAIL), "a mail has left")
    mail = await eventually(lambda: [s for s in collector.spans if s.name == "smtp send"], "its span")
    first = above(mail[0], collector.of(mail[0].trace))
    assert first[0] == "notifications server" and first[-2:] == ["notifications internal", "notifications client"]
    found = await shown(system, published.headers["X-Correlation-Id"])
    said = [" ".join([s["where"].removeprefix(system.prefix), s["about"].get("on", s["what"])]) for s in found["steps"]]
    in_order = [
        "profiles request",
        ".profiles.v1 magpie.profile.published",
        "matching magpie.profile.published",
        "matching job propose",
        ".matches.v1 magpie.match.proposed",
        "notifications magpie.match.proposed",
    ]
    assert [said.index(step) for step in in_order] == sorted(said.index(step) for step in in_order), said
    assert not found["unread"] and not found["more"]
    for written in WRITTEN:
        assert not any(written.encode() in raw for raw in collector.raw), written
    assert not system.in_logs(*WRITTEN)


async def test_what_fails_is_a_span_that_says_so(system: Whole, collector: Collector) -> None:
    stranger = await Forum(system).kr["profiles"].get("/v1/profiles/kim@people.example")
    span = await eventually(lambda: collector.of(stranger.headers["X-Trace-Id"]), "its span")
    assert (span[0].name, span[0].failed) == ("GET /v1/profiles/{profile_id}", False)
    await ok(Forum(system).kr["profiles"].get("/v1/profiles"), 200)
    assert not any(b"people.example" in raw for raw in collector.raw)
