"""A loop that stands still ends its process; one that waits, or was stopped as a whole, does not."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from services.chassis.ops.watchdog import Watchdog
from tests.support.waiting import eventually


@pytest.fixture
def ended() -> threading.Event:
    return threading.Event()


async def test_a_loop_that_stands_is_ended_from_outside(ended: threading.Event) -> None:
    watchdog = Watchdog(ticks=5, tick_seconds=0.02, end=ended.set)
    watchdog.start(asyncio.get_running_loop())
    began = time.monotonic()
    while not ended.is_set() and time.monotonic() - began < 5:
        pass  # what a pattern that explodes does to the loop
    assert ended.is_set()


async def test_a_loop_that_turns_or_waits_is_left_alone(ended: threading.Event) -> None:
    watchdog = Watchdog(ticks=5, tick_seconds=0.01, end=ended.set)
    watchdog.start(asyncio.get_running_loop())
    before = time.monotonic()
    await eventually(lambda: time.monotonic() - before > 0.3, "many ticks have passed")
    watchdog.stop()
    assert not ended.is_set()
