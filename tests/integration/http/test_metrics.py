"""docs/metrics.md is what running services show: every metric of it, and no other one of ours."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import httpx2
import pytest
from pymongo.errors import ServerSelectionTimeoutError

from deploy.local.system import Servers
from deploy.metrics_page import DECLARED, families, shown_name
from services.chassis.http import middleware
from services.chassis.mongo import Database
from services.profiles.app import build
from services.profiles.settings import ProfilesSettings
from tests.support.profiles import korean
from tests.support.services import Running, chassis_settings, running

ROW = re.compile(r"^\| `(magpie_\w+)` \| (\w+) \|", re.MULTILINE)
TYPE = re.compile(r"^# TYPE (magpie_\w+) (\w+)$", re.MULTILINE)


async def shown(service: Running) -> str:
    return str((await service.operations().get("/metrics")).text)


async def test_a_running_service_shows_what_the_page_lists(servers: Servers, run_id: str, tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text()
    listed = {found[1]: found[2] for found in ROW.finditer(page)}
    async with running(build(chassis_settings(servers, run_id, tmp_path), ProfilesSettings())) as service:
        text = await shown(service)
    found = {match[1]: match[2] for match in TYPE.finditer(text)}
    # The process of this test has imported the other services too, or has not: each one's metrics come with it.
    every = {shown_name(metric) for metric in families(DECLARED["Every service"])}
    own = {shown_name(metric) for metric in families(DECLARED["profiles"])}
    assert every | own <= found.keys() <= listed.keys()
    assert {name: listed[name] for name in found} == found
    assert "_created" not in text


async def sample(service: Running, name: str, **labels: object) -> float | None:
    wanted = {f'{key}="{value}"' for key, value in labels.items()}
    for line in (await shown(service)).splitlines():
        head, _, number = line.rpartition(" ")
        if head.startswith(f"{name}{{") and wanted <= set(head[len(name) + 1 : -1].split(",")):
            return float(number)
    return None


def passed_on(error: Exception, scope: object) -> None:
    raise error


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize(("error", "status"), [(ServerSelectionTimeoutError("gone"), 503), (ValueError("a bug"), 500)])
async def test_a_read_that_fails_is_counted_by_the_answer_that_it_got(
    servers: Servers,
    run_id: str,
    tmp_path: Path,
    error: Exception,
    status: int,
    guarded: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not as one whose client hung up: the alerts on failed requests would not see it."""
    if not guarded:
        monkeypatch.setattr(middleware, "failed", passed_on)

    async def fails(self: Database, *args: object, **more: object) -> None:
        raise error

    async with running(build(chassis_settings(servers, run_id, tmp_path), ProfilesSettings())) as service:
        hanbit = service.client("hanbit")
        id = (await hanbit.post("/v1/profiles", json=korean())).json()["profile_id"]
        route = {"route": "/v1/profiles/{profile_id}", "method": "GET", "status": status}
        before = await sample(service, "magpie_http_requests_total", **route) or 0
        monkeypatch.setattr(Database, "one", fails)
        answer = await hanbit.get(f"/v1/profiles/{id}")
        assert answer.status_code == status or not guarded
        counted = await sample(service, "magpie_http_requests_total", **route) or 0
        assert (counted == before + 1) is guarded


async def test_requests_are_counted_by_route_method_and_status_and_probes_apart(
    servers: Servers, run_id: str, tmp_path: Path
) -> None:
    async with running(build(chassis_settings(servers, run_id, tmp_path), ProfilesSettings())) as service:
        hanbit = service.client("hanbit")

        value = partial(sample, service)
        route = {"route": "/v1/profiles", "method": "POST"}
        for status in (201, 500, 503):
            assert await value("magpie_http_requests_total", **route, status=status) is not None, "there from the start"
        before = await value("magpie_http_requests_total", **route, status=201) or 0
        assert (await hanbit.post("/v1/profiles", json=korean())).status_code == 201
        assert await value("magpie_http_requests_total", **route, status=201) == before + 1
        assert await value("magpie_http_request_seconds_count", **route)
        await hanbit.get("/readyz")
        await hanbit.request("BREW", "/v1/profiles")
        assert await value("magpie_http_probes_total", route="/readyz", status=200)
        assert await value("magpie_http_requests_total", route="/readyz") is None
        assert "BREW" not in await shown(service)


@pytest.mark.parametrize("repeated", [False, True])
async def test_a_publication_is_counted_once(servers: Servers, run_id: str, tmp_path: Path, repeated: bool) -> None:
    async with running(build(chassis_settings(servers, run_id, tmp_path), ProfilesSettings())) as service:
        hanbit = service.client("hanbit")

        async def published() -> float:
            head = 'magpie_profiles_published_total{country="KR"'
            return next(float(line.split()[1]) for line in (await shown(service)).splitlines() if line.startswith(head))

        before = await published()
        created: httpx2.Response = await hanbit.post("/v1/profiles", json=korean())
        url = f"/v1/profiles/{created.json()['profile_id']}/publish"
        for _ in range(1 + repeated):
            assert (await hanbit.post(url)).status_code == 200
        assert await published() == before + 1
