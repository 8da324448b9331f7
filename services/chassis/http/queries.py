"""The parameters that a route takes in its query. A misspelt filter would filter nothing, and list everything."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel

API = "/v1/"
"""Pages and links are open to what browsers, mail programs and calendars add to an address."""
MAX_NAMED, MAX_NAME = 5, 64
"""Parameters that a refusal names, and characters of each."""


def must_know_parameters(request: Request, route: APIRoute) -> None:
    """Raises RequestValidationError, which names each parameter of the query that an API route does not have."""
    if not request.scope["query_string"] or not route.path.startswith(API):
        return
    known = sorted(query_names(route.dependant))
    unknown = sorted(set(request.query_params) - set(known))
    if unknown:
        there = f"there are {', '.join(known)}" if known else "this route has none"
        raise RequestValidationError(
            [
                {"type": "extra_forbidden", "loc": ("query", name[:MAX_NAME]), "msg": f"is no parameter; {there}"}
                for name in unknown[:MAX_NAMED]
            ]
        )


def query_names(dependant: Dependant) -> Iterator[str]:
    """The names of all parameters that a route reads from its query, those of its dependencies too."""
    for field in dependant.query_params:
        kind = field.field_info.annotation
        if inspect.isclass(kind) and issubclass(kind, BaseModel):
            yield from (info.alias or name for name, info in kind.model_fields.items())
        else:
            yield field.alias
    for dependency in dependant.dependencies:
        yield from query_names(dependency)
