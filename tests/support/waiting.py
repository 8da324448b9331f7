"""Waiting for something to become true, instead of sleeping."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any


async def eventually(predicate: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """The first truthy answer of `predicate`; AssertionError naming `what` when none came in time."""
    end = time.monotonic() + seconds
    while True:
        answer = predicate()
        result = await answer if inspect.isawaitable(answer) else answer
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        await asyncio.sleep(0.05)
