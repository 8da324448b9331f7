"""What every operation of an API has in common in its OpenAPI document: its problems, and the headers that name its
trace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from .exchange import CORRELATION_ID, TRACE_ID

Json = dict[str, Any]
TRACE = {
    "description": "The trace of this request, 32 hex digits: that of the caller's `traceparent` (W3C Trace Context) "
    "if it has a valid one, else a new one. Tell it when you report a fault.",
    "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
}
CORRELATION = {
    "description": "Of a command: the `ce_correlationid` of every event that follows from it.",
    "schema": {"type": "string"},
}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457. Some types have members of their own.",
    "required": ["type", "title", "status", "detail", "trace_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Stable: what went wrong."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What it means and what to do; never what was sent."},
        "trace_id": {**TRACE["schema"], "description": f"As the header {TRACE_ID}."},  # type: ignore[dict-item]
        "errors": {
            "type": "array",
            "description": "Of type `invalid`: the places (JSON Pointer, RFC 6901), and what is wrong there.",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("pointer", "detail", "code")},
            },
        },
    },
}
HEADERS = {TRACE_ID: {"$ref": f"#/components/headers/{TRACE_ID}"}}
OF_COMMANDS = HEADERS | {CORRELATION_ID: {"$ref": f"#/components/headers/{CORRELATION_ID}"}}
FASTAPI_ERRORS = ("HTTPValidationError", "ValidationError")
"""Schemas of the errors that FastAPI would answer; ours are problems."""
METHODS = ("get", "put", "post", "delete")


def describe(app: FastAPI) -> None:
    """Adds them to the document of an app, which is made when it is first asked for."""
    make = app.openapi

    def openapi() -> Json:
        if app.openapi_schema is None:
            _complete(make())
        return make()

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(document: Json) -> None:
    parts: Json = document.setdefault("components", {})
    parts.setdefault("headers", {}).update({TRACE_ID: TRACE, CORRELATION_ID: CORRELATION})
    schemas: Json = parts.setdefault("schemas", {})
    for name in FASTAPI_ERRORS:
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    parts["responses"] = {"Problem": {"description": "A problem", "headers": HEADERS, "content": content}}
    for method, operation in _operations(document):
        answers: Json = operation["responses"]
        answers.pop("422", None)
        for answer in answers.values():
            answer["headers"] = {**answer.get("headers", {}), **(HEADERS if method == "get" else OF_COMMANDS)}
        answers["default"] = {"$ref": "#/components/responses/Problem"}


def _operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path in document["paths"].values():
        yield from ((method, path[method]) for method in METHODS if method in path)
