"""No list of ours takes a parameter that it does not know: a misspelt filter would show everything."""

from __future__ import annotations

import importlib
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request
from fastapi.routing import APIRoute

from services.chassis.http import StrictRoute
from services.chassis.http.problems import install
from services.chassis.http.queries import API, query_names
from services.chassis.http.routes import api_routes

SERVICES = ("profiles", "matching", "notifications", "translation")


def routes(service: str) -> list[APIRoute]:
    found = importlib.import_module(f"services.{service}.api").router
    return [route for route in api_routes(found) if route.path.startswith(API)]


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_of_an_api_knows_its_parameters(service: str) -> None:
    found = routes(service)
    assert found and all(isinstance(route, StrictRoute) for route in found)
    for route in found:
        listed = set(query_names(route.dependant))
        documented = {one["name"] for one in parameters(route) if one["in"] == "query"}
        assert listed == documented, f"{route.path}: what is documented is what is taken"


def parameters(route: APIRoute) -> list[dict[str, Any]]:
    app = FastAPI()
    app.router.routes.append(route)
    [operation] = app.openapi()["paths"][route.path].values()
    return list(operation.get("parameters", []))


@pytest.mark.parametrize(
    ("address", "status"),
    [("/v1/things", 200), ("/v1/things?limit=3", 200), ("/v1/things?limits=3", 422), ("/page?utm_source=mail", 200)],
)
async def test_an_unknown_parameter_is_named_and_a_page_takes_it(address: str, status: int) -> None:
    app = FastAPI()
    install(app)
    app.router.route_class = StrictRoute

    @app.get("/v1/things")
    async def things(request: Request, limit: int = 1) -> int:
        return limit

    @app.get("/page")
    async def page(request: Request) -> int:
        return 1

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://magpie.test") as client:
        answer = await client.get(address)
    assert answer.status_code == status
    assert status == 200 or [e["pointer"] for e in answer.json()["errors"]] == ["/query/limits"]
