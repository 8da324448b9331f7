"""The routes of an API as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.routing import APIRoute

from .requests import StrictRoute


def api_routes(router: APIRouter) -> Iterator[APIRoute]:
    """The routes of a router and of those that it includes."""
    for route in router.routes:
        included = getattr(route, "original_router", None)
        if isinstance(included, APIRouter):
            yield from api_routes(included)
        elif isinstance(route, APIRoute):
            yield route


def must_fit(router: APIRouter, dependencies: object) -> None:
    """Raises TypeError if a route expects other dependencies: at the composition, not at its first call."""
    for route in api_routes(router):
        wanted = route.dependencies_type if isinstance(route, StrictRoute) else None
        if wanted is not None and not isinstance(dependencies, wanted):
            raise TypeError(f"{route} expects {wanted.__name__}, not {type(dependencies).__name__}")
