"""Preconditions and cursors, as clients really send them."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, Request

from services.chassis.errors import Invalid, PreconditionMissing, Stale
from services.chassis.http import Acting, IfMatch, StrictRoute, after, cursor_after


@pytest.mark.parametrize("header", ['"3"', '"2", "3"', "*", ' "3" '])
def test_a_tag_of_the_present_revision_matches(header: str) -> None:
    IfMatch.of(header).must_match(3)


@pytest.mark.parametrize("header", ['W/"3"', "3", '"03"', '"4"', "", '"3'])
def test_any_other_tag_is_stale(header: str) -> None:
    with pytest.raises(Stale):
        IfMatch.of(header).must_match(3)


def test_a_missing_header_is_told_apart_and_may_be_optional() -> None:
    with pytest.raises(PreconditionMissing):
        IfMatch(None).must_match(3)
    IfMatch(None).must_match(3, required=False)


def test_a_cursor_goes_on_only_in_its_own_list() -> None:
    cursor = cursor_after("id-7", "profiles", "org-1", "KR")
    assert after(cursor, "profiles", "org-1", "KR") == "id-7"
    assert after(None, "profiles") is None


@pytest.mark.parametrize(
    "cursor", [cursor_after("id-7", "profiles", "org-2"), "garbage", "", "bnVsbA", "W10", "eyJhIjoxfQ", "é"]
)
def test_a_foreign_or_broken_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        after(cursor, "profiles", "org-1")


def test_a_route_that_acts_takes_no_other_request_beside() -> None:
    """FastAPI fills one of the two: it would start, and fail at each call."""

    async def act(acting: Acting, request: Request) -> None: ...

    with pytest.raises(TypeError, match="takes no other beside"):
        APIRouter(route_class=StrictRoute).post("/acts")(act)
