"""The schemas of the events that a service writes, for everybody: `/schemas/v1/reader/<event>.json`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from .problems import problem

INDEX = "index.json"
MAX_AGE_SECONDS = 3600
"""Within a version a schema only grows, so that one from an hour ago still takes every event."""
HEADERS = {"Cache-Control": f"public, max-age={MAX_AGE_SECONDS}", "Access-Control-Allow-Origin": "*"}


def schema_routes(texts: Mapping[str, str]) -> APIRouter:
    """`/schemas/...` from texts by their path; without a path the list of them. They are held in memory, and an answer
    has an ETag, so that a subscriber may ask again and again."""
    router = APIRouter(tags=["operation"], include_in_schema=False)
    pages = {path: (text.encode(), _etag(text)) for path, text in texts.items()}

    @router.get("/schemas")
    @router.get("/schemas/{path:path}")
    @router.head("/schemas/{path:path}")
    async def schema(request: Request, path: str = "") -> Response:
        if (page := pages.get(path or INDEX)) is None:
            detail = "This service writes no event with that schema; /schemas/ lists what it writes."
            return problem(404, "not-found", "Not found", detail)
        body, etag = page
        known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
        if known & {etag, "*"}:
            return Response(None, 304, HEADERS | {"ETag": etag})
        kind = "application/json" if path in ("", INDEX) else "application/schema+json"
        return Response(body, headers=HEADERS | {"ETag": etag}, media_type=kind)

    return router


def _etag(text: str) -> str:
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
