"""Preconditions and cursors, as clients really send them."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, Request

from services.chassis.http.page_tokens import PageTokens
from services.chassis.http.requests import CommandRequest, StrictRoute
from services.chassis.http.routes import must_fit
from services.chassis.model.preconditions import IfMatch
from services.chassis.model.refusals import Invalid, PreconditionMissing, StaleRevision

PAGES = PageTokens(b"a key")


@pytest.mark.parametrize("header", ['"3"', '"2", "3"', "*", ' "3" '])
def test_a_tag_of_the_present_revision_matches(header: str) -> None:
    IfMatch.of(header).must_match(3)


@pytest.mark.parametrize("header", ['W/"3"', "3", '"03"', '"4"', "", '"3'])
def test_any_other_tag_is_stale(header: str) -> None:
    with pytest.raises(StaleRevision):
        IfMatch.of(header).must_match(3)


def test_a_missing_header_is_told_apart_and_may_be_optional() -> None:
    with pytest.raises(PreconditionMissing):
        IfMatch(None).must_match(3)
    IfMatch(None).must_match(3, required=False)


def test_a_cursor_goes_on_only_in_its_own_list() -> None:
    cursor = PAGES.token("id-7", "profiles", "org-1", "KR")
    assert PAGES.start(cursor, "profiles", "org-1", "KR") == "id-7"
    assert PAGES.start(None, "profiles") is None


@pytest.mark.parametrize(
    "cursor",
    [
        PAGES.token("id-7", "profiles", "org-2"),
        "garbage",
        "",
        "bnVsbA",
        "W10",
        "eyJhIjoxfQ",
        "é",
        "\ud800",
        "9" * 400,
        "A",
    ],
)
def test_a_foreign_or_broken_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        PAGES.start(cursor, "profiles", "org-1")


class Command(CommandRequest[None]):
    """Of a service without dependencies."""


class Dependencies:
    """Of a service with some."""


class CommandWithDependencies(CommandRequest[Dependencies]):
    """Finds them as `deps`."""


def test_a_route_that_acts_takes_no_other_request_beside() -> None:
    """FastAPI fills one of the two: it would start, and fail at each call."""

    async def act(command: Command, request: Request) -> None: ...

    with pytest.raises(TypeError, match="takes no other one"):
        APIRouter(route_class=StrictRoute).post("/acts")(act)


def test_a_service_composed_with_other_dependencies_than_its_routes_expect_does_not_start() -> None:
    router = APIRouter(route_class=StrictRoute)

    @router.post("/acts")
    async def act(command: CommandWithDependencies) -> None: ...

    must_fit(router, Dependencies())
    with pytest.raises(TypeError, match="expects Dependencies, not str"):
        must_fit(router, "something else")
