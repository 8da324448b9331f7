"""What operators ask, on a port of its own: health, metrics, and the documentation of the API."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import JSONResponse
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import HTMLResponse

from schemas import page

from ..ops.health import Health
from . import problems
from .exchange import TracedAnswers

NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""FastAPI's own telemetry (OpenTelemetry) is off: `ops.metrics` has what is measured."""


def health_routes(health: Health, *, details: bool) -> APIRouter:
    """`/livez` and `/readyz`, which proxies and supervisors ask on the port of the API as well; `details` are for the
    operators' port."""
    router = APIRouter(tags=["operation"])

    @router.get("/livez")
    async def livez() -> Response:
        hanging = health.hanging()
        return Response("\n".join(hanging) or "ok", 503 if hanging else 200, media_type="text/plain")

    @router.get("/readyz")
    async def readyz() -> Response:
        verdict = health.verdict(details=details)
        return JSONResponse(verdict, 503 if verdict["waits_for"] else 200)

    return router


def contract_route(api: FastAPI) -> APIRouter:
    """`/openapi.json` of an API, which its callers read too: on both ports."""
    router = APIRouter(tags=["operation"], include_in_schema=False)

    @router.get("/openapi.json")
    async def openapi() -> JSONResponse:
        return JSONResponse(api.openapi())

    return router


def inspection_routes(api: FastAPI) -> APIRouter:
    """`/metrics` and `/docs` of an API, and `/docs/events` of all topics."""
    router = APIRouter(tags=["operation"], include_in_schema=False)

    @router.get("/metrics")
    async def exposition() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @router.get("/docs")
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(openapi_url="/openapi.json", title=api.title)

    @router.get("/docs/events")
    async def events() -> HTMLResponse:
        # Made once, from files: too long for the loop.
        return HTMLResponse(await asyncio.to_thread(page.text))

    return router


def operations_app(api: FastAPI, health: Health) -> FastAPI:
    """The app of the operators' port."""
    app = FastAPI(title=f"{api.title}, operations", docs_url=None, openapi_url=None, telemetry=NO_TELEMETRY)
    app.router.redirect_slashes = False
    problems.install(app)
    app.add_middleware(TracedAnswers)
    app.include_router(health_routes(health, details=True))
    app.include_router(contract_route(api))
    app.include_router(inspection_routes(api))
    return app
