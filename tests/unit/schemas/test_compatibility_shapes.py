"""What two schemas of one field say of each other: vocabularies, and fields without a type."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.compatibility.events import Event, backward, closed, forward

EVENT = Event("magpie.match.agreed", {"name": "matches", "classification": "by grant", "consumers": ["notifications"]})
TEXT: dict[str, Any] = {"type": "string"}
LISTED: dict[str, Any] = {"type": "string", "enum": ["a", "b"]}
MORE: dict[str, Any] = {"type": "string", "enum": ["a", "b", "c"]}
FORMED: dict[str, Any] = {"type": "string", "pattern": "^x-"}


def of(*forms: dict[str, Any]) -> dict[str, Any]:
    return {"properties": {"kind": {"anyOf": list(forms)} if len(forms) != 1 else forms[0]}, "required": ["kind"]}


@pytest.mark.parametrize(
    ("reader", "writer", "said"),
    [
        (of(LISTED, TEXT), of(TEXT), "may now be any text"),
        (of(LISTED, TEXT), of(LISTED, TEXT), "may now be any text"),
        (of(LISTED, FORMED, TEXT), of(TEXT), "may now be any text"),
        (of(LISTED), of(MORE), "may now be `c`, and its vocabulary was closed"),
        (of(LISTED, TEXT), of({}), "may now be anything"),
        (of(TEXT), of({}), "may now be anything"),
        (of(TEXT), of({"description": "Anything."}), "may now be anything"),
        (of(TEXT), of(TEXT, {}), "may now be anything"),
    ],
)
def test_what_readers_of_a_release_are_not_prepared_for_is_a_break(reader: Any, writer: Any, said: str) -> None:
    assert [one.what for one in forward(EVENT, reader, writer) if said in one.what]


@pytest.mark.parametrize(
    ("reader", "writer"),
    [
        (of(LISTED, TEXT), of(LISTED)),
        (of(LISTED, TEXT), of(MORE)),
        (of(LISTED, FORMED, TEXT), of(MORE, FORMED)),
        (of({}), of({})),
        (of({}), of(LISTED)),
        (of(TEXT), of(TEXT)),
    ],
)
def test_what_they_are_prepared_for_is_none(reader: Any, writer: Any) -> None:
    assert list(forward(EVENT, reader, writer)) == []


def test_a_vocabulary_stays_open_for_those_who_begin_today() -> None:
    """Each step alone breaks no one: the readers' schema is closed first, and the writer adds a value later."""
    assert [one.what for one in closed(EVENT, of(LISTED, TEXT), of(LISTED))]
    assert [one.what for one in closed(EVENT, of(LISTED, TEXT), of(MORE, FORMED))]
    for today in (of(LISTED, TEXT), of(MORE, TEXT), of(LISTED, FORMED, TEXT), of({})):
        assert list(closed(EVENT, of(LISTED, TEXT), today)) == []


def test_a_reader_that_took_anything_still_does() -> None:
    assert [one.what for one in backward(EVENT, of({}), of(TEXT))] == ["was anything and is now string"]
    assert list(backward(EVENT, of(TEXT), of({}))) == []
