"""A request that is right but for one place: it comes further than what is wrong everywhere."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

NASTY: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**63,
    2**64,
    10**400,
    1e308,
    "",
    "\x00",
    "한\x00国",
    "\u202e\u200b\ufeff",
    "$where",
    "가" * 20_000,
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
    "2026-11-30T10:00:00",
    [],
    [[]],
    ["x"] * 300,
    {},
    {"$set": {"x": 1}},
    {"": None},
)
AT_ONCE = 32
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Good:
    """A request that the service takes as it stands."""

    method: str
    path: str
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)


def places(document: Any) -> Iterator[Place]:
    """Every node of a JSON document, and one that is not there; of elements of a list that are alike, the first."""
    seen = set[Place]()
    for at in _nodes(document):
        form = tuple("*" if isinstance(step, int) else step for step in at)
        if form not in seen:
            seen.add(form)
            yield at


def _nodes(value: Any, at: Place = ()) -> Iterator[Place]:
    yield at
    if isinstance(value, dict):
        yield (*at, "unheard-of")
        for name, inner in value.items():
            yield from _nodes(inner, (*at, name))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _nodes(inner, (*at, n))


def with_other(document: Any, at: Place, value: Any) -> Any:
    if not at:
        return value
    changed = copy.deepcopy(document)
    inner = changed
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = value
    return changed


def twisted(good: Good) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is wrong with each, and how to send it."""
    for nasty in NASTY:
        for at in places(good.body) if good.body is not None else ():
            yield f"{at} {nasty!r:.40}", {"json": with_other(good.body, at, nasty), "params": dict(good.query)}
        for name in good.query:
            if isinstance(nasty, str) and len(nasty) < 1000:
                yield f"?{name} {nasty!r:.40}", {"json": good.body, "params": {**good.query, name: nasty}}


async def withstands(client: httpx2.AsyncClient, good: Good) -> set[int]:
    """What all of them were answered; raises AssertionError for the first 5xx, naming the place and what stood there,
    and where the good one itself is not taken."""
    taken = await client.request(good.method, good.path, json=good.body, params=dict(good.query))
    assert taken.status_code < 300, f"{good.method} {good.path}: {taken.text}"

    async def sent(what: str, request: dict[str, Any]) -> int:
        answer = await client.request(good.method, good.path, **request)
        assert answer.status_code < 500, f"{good.method} {good.path} {what}: {answer.status_code} {answer.text}"
        return answer.status_code

    said, waiting = {taken.status_code}, list(twisted(good))
    for start in range(0, len(waiting), AT_ONCE):
        said.update(await asyncio.gather(*(sent(*one) for one in waiting[start : start + AT_ONCE])))
    return said
