"""Bodies of requests: strict JSON, and long texts looked at in time."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterator
from typing import Any

import pydantic_core
from fastapi import Request

from ..model.texts import look_ahead

LARGE_BODY_BYTES, SHORT_TEXT = 16 * 1024, 100


class StrictRequest(Request):
    """Takes JSON as RFC 8259 defines it: no NaN, no number that is read as infinite, no lone surrogates, no bytes that
    are not UTF-8, each name of an object once."""

    async def json(self) -> Any:
        """The parsed body. Raises JSONDecodeError, whose text has nothing of the body."""
        body = await self.body()
        try:
            found = pydantic_core.from_json(body, allow_inf_nan=False)
            # pydantic takes the last of two equal names; what a reader before us has checked may have been the first.
            json.loads(body, object_pairs_hook=_each_name_once, parse_int=str, parse_float=_finite)
        except (ValueError, RecursionError) as error:
            raise json.JSONDecodeError(str(error).partition(" at ")[0] or "too deep", "", 0) from None
        if len(body) > LARGE_BODY_BYTES:
            # Screening takes about a millisecond for a thousand characters: too much for the loop, for a large body.
            await asyncio.to_thread(look_ahead, list(_texts(found)))
        return found


def _texts(value: object) -> Iterator[str]:
    """All strings of a body that are long enough to be texts."""
    if isinstance(value, str):
        if len(value) > SHORT_TEXT:
            yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _each_name_once(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("an object names a member twice")


def _finite(number: str) -> str:
    """The number as it was sent: pydantic reads `1e999` as infinity, which is no JSON in an answer or an event. Raises
    ValueError."""
    if not math.isfinite(float(number)):
        raise ValueError("a number is too large")
    return number
