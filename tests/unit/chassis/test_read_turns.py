"""Reads of one organisation wait behind each other, and others do not wait behind them."""

from __future__ import annotations

import asyncio

import pytest

from services.chassis.http.read_turns import ReadTurns, TooManyWait
from tests.support.waiting import eventually


async def test_more_than_may_run_wait_in_order_and_another_organisation_does_not() -> None:
    turns, entered = ReadTurns(at_once=2, max_waiting=10), list[int]()

    async def read(n: int) -> None:
        await turns.enter("greedy")
        entered.append(n)

    reads = [asyncio.create_task(read(n)) for n in range(5)]
    await eventually(lambda: entered == [0, 1], "two are worked on")
    async with asyncio.timeout(1):
        await turns.enter("other")
    for n in range(2, 5):
        assert entered == list(range(n)), "in order, and not before its turn"
        turns.leave("greedy")
        await eventually(lambda: len(entered) > n, "the next")  # noqa: B023  # called before n changes
    await asyncio.gather(*reads)
    for _ in range(2):
        turns.leave("greedy")
    turns.leave("other")
    assert turns._running == {} and turns._waiting == {}


async def test_only_so_many_wait_and_one_that_gives_up_passes_its_turn_on() -> None:
    turns = ReadTurns(at_once=1, max_waiting=2)
    await turns.enter("a")
    first, second = asyncio.create_task(turns.enter("a")), asyncio.create_task(turns.enter("a"))
    await eventually(lambda: len(turns._waiting.get("a", ())) == 2, "both wait")
    with pytest.raises(TooManyWait):
        await turns.enter("a")
    turns.leave("a")  # the turn is the first's, which is cancelled before it can take it
    first.cancel()
    async with asyncio.timeout(1):
        await second
    assert first.cancelled()
    turns.leave("a")
    assert turns._running == {}
