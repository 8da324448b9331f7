"""HTTP in: callers who wait at the same moment share a transaction, and nothing else."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from . import metrics
from .documents import Ref
from .errors import Pace, Unavailable
from .events import Cause, fresh_id
from .health import Heartbeat
from .logs import logger
from .settle import Decision, NoGuard, Settler
from .uow import UnitOfWork

log = logger(__name__)
T = TypeVar("T")
MOST = 64
LINGER_SECONDS, MOST_LINGER_SECONDS = 0.00004, 0.002
"""Where commands came together the last time, those of this time are waited for a moment, by their number: fewer and
larger transactions. One client alone never waits. As long as the answers to the last ones take to bring the next, and
no longer."""


class NotDone(Exception):
    """The command has surely not taken effect."""


class OutcomeUnknown(Exception):
    """The command may or may not take effect yet; only a repeat with the same Idempotency-Key is safe."""


@dataclass(slots=True, eq=False, kw_only=True)
class Command(Decision):
    answer: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def committed(self) -> None:
        if self.answer.done():  # its caller has gone away
            return
        if self.refusal is not None:
            self.answer.set_exception(self.refusal)
        else:
            self.answer.set_result(self.result)


class Commands:
    """Group commit. While one transaction is on its way the next callers gather: the busier, the larger the batch.
    Who comes meanwhile is not taken at once, or callers would go on in two halves for ever, by turns: twice as many
    transactions of half the size."""

    def __init__(self, settler: Settler, *, heartbeat: Heartbeat, wait_seconds: float | None = 5.0) -> None:
        self._settler, self._heartbeat, self._wait_seconds = settler, heartbeat, wait_seconds
        self._waiting: deque[Decision] = deque()
        self._wake = asyncio.Event()
        self._stopping = False

    async def run(
        self,
        decide: Callable[[UnitOfWork], Awaitable[T]],
        *,
        reads: Sequence[Ref] = (),
        cause: Cause | None = None,
        patient: bool = False,
    ) -> T:
        """Answers after the commit, with what `decide` returned or raised. `decide` may be called several times and
        must do nothing but use the unit of work. After the wait (5 s; `patient`: never) raises NotDone or
        OutcomeUnknown. A caller that is cancelled cancels nothing."""
        command = Command(decide=decide, cause=cause or Cause(fresh_id(), by_person=True), reads=tuple(reads))
        self._waiting.append(command)
        self._wake.set()
        try:
            limit = None if patient else self._wait_seconds
            async with asyncio.timeout(limit):
                return cast(T, await asyncio.shield(command.answer))
        except TimeoutError:
            if command.committing:
                raise OutcomeUnknown from None
            command.withdrawn = True
            raise NotDone from None

    async def serve(self) -> None:
        """Runs until `stop`, and then until nobody waits any more."""
        pace, together = Pace(0.1, 1.0), 1
        while not (self._stopping and not self._waiting):
            with self._heartbeat.waiting():
                await self._wake.wait()
            if together > 1 and not self._stopping:
                await asyncio.sleep(min(LINGER_SECONDS * together, MOST_LINGER_SECONDS))
            self._wake.clear()
            taken, self._waiting = self._waiting, deque()
            together = len(taken)
            metrics.commands_waiting.set(together)
            try:
                await self._settle(taken)
                pace.reset()
            except Unavailable as error:
                log.warning("commands_wait", waiting=len(self._waiting), error=str(error))
                self._wake.set()
                self._forget_withdrawn()
                await pace.wait()
            metrics.commands_waiting.set(len(self._waiting))
            self._heartbeat.beat()

    async def _settle(self, taken: deque[Decision]) -> None:
        try:
            await self._settler.settle(taken, NoGuard())
        finally:
            self._waiting.extendleft(reversed(taken))  # what is undecided keeps its place

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    def _forget_withdrawn(self) -> None:
        kept = [d for d in self._waiting if not d.withdrawn]
        self._waiting.clear()
        self._waiting.extend(kept)
