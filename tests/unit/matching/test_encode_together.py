"""Jobs that run at the same moment share a call of the encoder, and nothing else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from schemas.common import Text
from services.chassis.model import Unavailable
from services.matching import encode_together
from services.matching.domain.indexed_profile import EncodedText
from services.matching.encode_together import EncodeTogether
from services.matching.together import Caller, Together
from tests.support.waiting import eventually


class SlowEncoder:
    """Notes each call, and ends it when the test says so. It cannot encode `bad`."""

    name = "slow/1"

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.may_end = threading.Semaphore(0)

    def encode(self, texts: Sequence[Text]) -> list[EncodedText]:
        self.calls.append([text.text for text in texts])
        assert self.may_end.acquire(timeout=10)
        if any(text.text == "bad" for text in texts):
            raise ValueError("bad")
        return [EncodedText(encoder=text.text, vector=b"", hubness=0, grams=b"") for text in texts]


def ask(together: EncodeTogether, *texts: str) -> asyncio.Future[list[EncodedText]]:
    return asyncio.ensure_future(together.encode([Text(lang="en", text=text) for text in texts]))


async def gathered(together: EncodeTogether, callers: int) -> None:
    await eventually(lambda: len(together._together._waiting) == callers, "all of them wait for the call under way")


async def names(asked: asyncio.Future[list[EncodedText]]) -> list[str]:
    return [found.encoder for found in await asked]


@asynccontextmanager
async def one_call_under_way() -> AsyncIterator[tuple[EncodeTogether, SlowEncoder]]:
    slow = SlowEncoder()
    together = EncodeTogether(slow)  # type: ignore[arg-type]
    first = ask(together, "first")
    await eventually(lambda: len(slow.calls) == 1, "one alone does not wait for others")
    yield together, slow
    assert await names(first) == ["first"]


async def test_who_comes_during_a_call_is_encoded_together_and_gets_its_own() -> None:
    async with one_call_under_way() as (together, slow):
        asked = [ask(together, "a", "b"), ask(together), ask(together, "c")]
        await gathered(together, 3)
        slow.may_end.release(2)
        assert [await names(one) for one in asked] == [["a", "b"], [], ["c"]]
    assert slow.calls == [["first"], ["a", "b", "c"]]


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_text_that_cannot_be_encoded_fails_its_own_job_alone(
    monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Else jobs that share their calls with it would fail until they are dead."""
    if not guarded:

        async def all_fail(self: Any, callers: Sequence[Caller[Any, Any]], error: Exception) -> None:
            for caller in callers:
                caller.answer.set_exception(error)

        monkeypatch.setattr(Together, "_failed", all_fail)
    async with one_call_under_way() as (together, slow):
        asked = [ask(together, "a"), ask(together, "bad"), ask(together, "c")]
        await gathered(together, 3)
        slow.may_end.release(5)
        found = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(found[1], ValueError)
    assert (not isinstance(found[0], ValueError) and not isinstance(found[2], ValueError)) is guarded


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_call_has_a_bound_so_that_who_comes_next_does_not_wait_for_all(
    monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    monkeypatch.setattr(encode_together, "MAX_TEXTS", 3 if guarded else 100)
    async with one_call_under_way() as (together, slow):
        asked = [ask(together, "a", "b"), ask(together, "c"), ask(together, *"wxyz"), ask(together, "d")]
        await gathered(together, 4)
        slow.may_end.release(10)
        await asyncio.gather(*asked)
    assert (slow.calls == [["first"], ["a", "b", "c"], ["w", "x", "y", "z"], ["d"]]) is guarded


async def test_who_has_gone_away_disturbs_no_one() -> None:
    async with one_call_under_way() as (together, slow):
        gone, asked = ask(together, "gone"), ask(together, "a")
        await gathered(together, 2)
        gone.cancel()
        slow.may_end.release(2)
        assert await names(asked) == ["a"]
    again = ask(together, "again")
    slow.may_end.release()
    assert await names(again) == ["again"]


async def test_who_asks_just_as_a_call_ends_is_answered() -> None:
    """Its caller goes on before the loop has told that the call's task is done: with no one else who asks, a job would
    wait until a restart."""
    together: Together[int, int] = Together(list, limit=lambda: 8)
    async with asyncio.timeout(10):
        assert [await together.ask(number) for number in range(3)] == [0, 1, 2]


async def test_a_call_that_answers_too_few_fails_its_callers() -> None:
    together: Together[int, int] = Together(lambda asked: [], limit=lambda: 8)
    async with asyncio.timeout(10):
        with pytest.raises(ValueError, match="shorter"):
            await together.ask(1)


async def test_what_is_no_ones_own_trouble_is_asked_about_once() -> None:
    """Where the encoder's process cannot be started, each of many callers would start one more."""
    sizes = list[int]()

    def call(asked: Sequence[int]) -> list[int]:
        sizes.append(len(asked))
        if len(sizes) == 3:
            raise Unavailable("away")
        if len(asked) > 1:
            raise ValueError
        return list(asked)

    together: Together[int, int] = Together(call, limit=lambda: 8, common=(Unavailable,))
    found = await asyncio.gather(*(together.ask(number) for number in range(6)), return_exceptions=True)
    assert sizes == [6, 1, 1] and found[0] == 0
    assert all(isinstance(one, Unavailable) for one in found[1:])
