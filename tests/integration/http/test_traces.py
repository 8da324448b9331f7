"""Every answer names its trace, in a header and in its problem document; the log has a line for what changed something
and for what was refused."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from deploy.local.ports import free_port
from deploy.local.system import Servers
from services.chassis.http import middleware, problems
from services.chassis.http.rate_limit import TokenBuckets
from services.chassis.model import events
from services.chassis.ops import metrics
from services.profiles.app import build
from services.profiles.settings import ProfilesSettings
from tests.support.profiles import korean
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually

TRACE = "ab" * 16
GIVEN = f"00-{TRACE}-{'cd' * 8}-01"
HEX = re.compile(r"[0-9a-f]{32}")


@pytest.fixture
async def profiles(servers: Servers, run_id: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(build(chassis_settings(servers, run_id, tmp_path), ProfilesSettings())) as service:
        yield service


async def every_problem(service: Running, monkeypatch: pytest.MonkeyPatch) -> dict[int, httpx2.Response]:
    """One answer of each status that a caller can meet."""
    hanbit, stranger = service.client("hanbit"), service.client(None)
    created = await hanbit.post("/v1/profiles", json=korean())
    place = created.headers["Location"]
    found = [
        await stranger.get("/v1/profiles"),
        await hanbit.get("/nowhere"),
        await hanbit.get("/v1/nowhere"),
        await hanbit.patch("/v1/profiles"),
        await hanbit.post("/v1/profiles", content=b"x" * (256 * 1024 + 1)),
        await hanbit.post("/v1/profiles", content=b"{"),
        await service.client("hanbit", role="reader").post("/v1/profiles", json=korean()),
        await hanbit.put(place, json=korean()),
        await hanbit.put(place, json=korean(), headers={"If-Match": '"77"'}),
    ]
    monkeypatch.setattr(middleware, "REFUSAL_SECONDS", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(TokenBuckets, "take", lambda self, org, now: 1.0)
        found.append(await hanbit.get("/v1/profiles"))
    with monkeypatch.context() as patch:
        patch.setattr(service.service.commands, "run", broken)
        found.append(await hanbit.post("/v1/profiles", json=korean()))
        patch.setattr(service.service.commands, "run", away)
        found.append(await hanbit.post("/v1/profiles", json=korean()))
    return {answer.status_code: answer for answer in found}


async def broken(*_: Any, **__: Any) -> None:
    raise RuntimeError("a secret that someone wrote")


async def away(*_: Any, **__: Any) -> None:
    raise ConnectionError("MongoDB")


@pytest.mark.parametrize("guarded", [True, False])
async def test_every_problem_names_its_trace(guarded: bool, profiles: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    if not guarded:
        monkeypatch.setattr(problems, "current_trace", lambda: "")
    found = await every_problem(profiles, monkeypatch)
    assert found.keys() == {401, 403, 404, 405, 412, 413, 422, 428, 429, 500, 503}
    for status, answer in found.items():
        assert answer.headers["content-type"] == "application/problem+json", status
        assert HEX.fullmatch(answer.headers["X-Trace-Id"]), status
        assert (answer.json().get("trace_id") == answer.headers["X-Trace-Id"]) is guarded, status
        assert "secret" not in answer.text
    assert len({answer.headers["X-Trace-Id"] for answer in found.values()}) == len(found), "each begins its own"


@pytest.mark.parametrize(
    ("given", "goes_on"),
    [
        ([GIVEN], True),
        (["00-" + "0" * 32 + "-" + "cd" * 8 + "-01"], False),
        (["somebody@example.com"], False),
        ([GIVEN.upper()], False),
        ([GIVEN, GIVEN.replace("ab", "ba")], False),
        ([], False),
    ],
)
async def test_a_trace_goes_on_where_a_caller_brings_a_valid_one(
    given: list[str], goes_on: bool, profiles: Running
) -> None:
    answer = await profiles.client("hanbit").post(
        "/v1/profiles", json=korean(), headers=[("traceparent", value) for value in given]
    )
    trace = answer.headers["X-Trace-Id"]
    assert answer.status_code == 201 and (trace == TRACE) is goes_on and HEX.fullmatch(trace)
    published = await profiles.client("hanbit").post(
        f"{answer.headers['Location']}/publish", headers=[("traceparent", value) for value in given]
    )
    headers = dict((await profiles.records("profiles"))[-1].headers)
    assert headers["traceparent"].decode()[3:35] == published.headers["X-Trace-Id"]
    assert headers["ce_correlationid"].decode() == published.headers["X-Correlation-Id"]


@pytest.mark.parametrize("guarded", [True, False])
async def test_no_text_of_a_caller_becomes_a_trace(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not guarded:
        monkeypatch.setattr(events, "TRACEPARENT", re.compile(".*"))
    assert (events.known_trace("kim@example.com") == "") is guarded


async def test_the_log_has_a_line_for_what_changed_something_and_for_what_was_refused(profiles: Running) -> None:
    hanbit = profiles.client("hanbit")
    with capture_logs() as lines:
        created = await hanbit.post("/v1/profiles", json=korean(), headers={"traceparent": GIVEN})
        profile_id = created.json()["profile_id"]
        await hanbit.get(f"/v1/profiles/{profile_id}")
        await hanbit.get("/readyz")
        await hanbit.put(f"/v1/profiles/{profile_id}", json=korean(), headers={"If-Match": created.headers["ETag"]})
        await hanbit.get("/v1/profiles/kim@example.com")
        await hanbit.post("/v1/profiles", json={"kim@example.com": 1})
    said = [line for line in lines if line["event"] == "request"]
    route = "/v1/profiles/{profile_id}"
    assert [(line["method"], line["route"], line["status"]) for line in said] == [
        ("POST", "/v1/profiles", 201),
        ("PUT", route, 200),
        ("GET", route, 404),
        ("POST", "/v1/profiles", 422),
    ]
    assert said[0]["trace"] == TRACE and said[0]["correlation"] == created.headers["X-Correlation-Id"]
    assert said[1]["profile_id"] == profile_id and all(line["ms"] > 0 and line["org"] == "hanbit" for line in said)
    assert "kim@example.com" not in str(lines)


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_flood_of_refusals_is_no_flood_of_lines(
    guarded: bool, profiles: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(TokenBuckets, "take", lambda self, key, now: 0.0)
    stranger = profiles.client(None)
    with capture_logs() as lines:
        for _ in range(400):
            await stranger.get("/v1/profiles")
    assert (len(lines) < 300) is guarded
    unsaid = sum(line.get("unsaid", 0) for line in lines)
    assert unsaid + len(lines) <= 400 and (unsaid > 0) is guarded


async def test_without_its_collector_a_service_is_ready_and_as_fast(
    servers: Servers, run_id: str, tmp_path: Path
) -> None:
    settings = chassis_settings(servers, run_id, tmp_path, otlp_endpoint=f"http://127.0.0.1:{free_port()}")
    lost = metrics.spans_lost._value.get()
    async with running(build(settings, ProfilesSettings())) as service:
        hanbit = service.client("hanbit")
        assert (await hanbit.get("/readyz")).status_code == 200
        assert (await hanbit.post("/v1/profiles", json=korean(), headers={"traceparent": GIVEN})).status_code == 201
        began = time.monotonic()
        for _ in range(50):
            assert (await hanbit.get("/v1/profiles")).status_code == 200
        assert time.monotonic() - began < 30, "ones that wait for their collector would take minutes"
        headers = dict((await service.records("profiles"))[0].headers)
        assert headers["traceparent"].decode()[3:35] == TRACE and headers["traceparent"] != GIVEN.encode()
        await eventually(lambda: metrics.spans_lost._value.get() - lost >= 50, "its spans are lost, and counted")


async def test_the_contract_says_it(profiles: Running) -> None:
    document = (await profiles.client(None).get("/openapi.json")).json()
    assert "trace_id" in document["components"]["schemas"]["Problem"]["required"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}, path
            good = next(answer for status, answer in operation["responses"].items() if status != "default")
            assert "X-Trace-Id" in good["headers"] and ("X-Correlation-Id" in good["headers"]) is (method != "get")
    assert document["components"]["headers"].keys() == {"X-Trace-Id", "X-Correlation-Id"}


async def test_answers_of_the_operators_port_name_their_trace(profiles: Running) -> None:
    operations = profiles.operations()
    for path, status in (("/livez", 200), ("/metrics", 200), ("/nowhere", 404)):
        given, own = await operations.get(path, headers={"traceparent": GIVEN}), await operations.get(path)
        assert (given.status_code, given.headers["X-Trace-Id"]) == (status, TRACE)
        assert HEX.fullmatch(own.headers["X-Trace-Id"]) and own.headers["X-Trace-Id"] != TRACE
        assert status == 200 or given.json()["trace_id"] == TRACE
