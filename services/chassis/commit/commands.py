"""HTTP in: callers who wait at the same moment share a transaction, and nothing else (group commit)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

from ..model.documents import Ref
from ..model.events import Cause
from ..model.failures import Unavailable
from ..ops import metrics
from ..ops.health import Heartbeat
from ..ops.logs import logger
from ..ops.loops import Backoff, run_forever
from .committer import Committer
from .decision import Decision, Follow, NoGuard
from .unit_of_work import UnitOfWork

log = logger(__name__)
T = TypeVar("T")
MAX_COMMANDS = 64
"""Commands in one transaction."""
LINGER_SECONDS, MAX_LINGER_SECONDS = 0.00004, 0.002
"""If several commands came together the last time, the next ones are waited for, per command this long: fewer and
larger transactions. It is about the time in which answered clients send their next command. One client alone never
waits."""


class NotDone(Exception):
    """The command has surely not taken effect."""


class OutcomeUnknown(Exception):
    """The command may still take effect; only a repeat with the same Idempotency-Key is safe."""


@dataclass(slots=True, eq=False, kw_only=True)
class Command(Decision):
    """A decision whose caller waits for its answer."""

    answer: asyncio.Future[object] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def committed(self) -> None:
        """Answers the caller with what was decided, or with the refusal."""
        if self.answer.done():  # its caller has gone away
            return
        if self.refusal is not None:
            self.answer.set_exception(self.refusal)
        else:
            self.answer.set_result(self.result)


class Commands:
    """Group commit. While one transaction is on its way, the next callers gather: the busier, the larger the batch.

    Commands that come during a transaction are not added to the batch at once. Otherwise the callers would split into
    two halves that take turns forever, in twice as many transactions of half the size."""

    def __init__(self, committer: Committer, *, heartbeat: Heartbeat, wait_seconds: float | None = 5.0) -> None:
        self._committer, self._heartbeat, self._wait_seconds = committer, heartbeat, wait_seconds
        self._waiting: deque[Decision] = deque()
        self._wake = asyncio.Event()
        self._stopping = False
        self._last_batch = 1

    async def run(
        self,
        decide: Callable[[UnitOfWork], Awaitable[T]],
        *,
        reads: Sequence[Ref] = (),
        follow: Follow | None = None,
        cause: Cause | None = None,
        patient: bool = False,
    ) -> T:
        """Returns after the commit, with what `decide` returned; raises what it raised.

        `decide` may be called several times and must use nothing but the unit of work. `reads` names documents that it
        will need, so that a batch loads them with one query, and `follow` those that only these tell. After
        `wait_seconds` (`patient`: never) raises NotDone or OutcomeUnknown. Cancelling the caller does not cancel the
        command."""
        command = Command(decide=decide, cause=cause or Cause.of_a_person(), reads=tuple(reads), follow=follow)
        self._waiting.append(command)
        self._wake.set()
        try:
            limit = None if patient else self._wait_seconds
            async with asyncio.timeout(limit):
                # Shielded: a client that hangs up must not cancel the future that the committer will answer.
                return cast(T, await asyncio.shield(command.answer))
        except TimeoutError:
            if command.committing:
                raise OutcomeUnknown from None
            # From here on no attempt may commit it: the caller hears that it was not done.
            command.withdrawn = True
            raise NotDone from None

    async def serve(self) -> None:
        """Runs until `stop`, and then until no command waits."""
        await run_forever(
            self._commit_waiting,
            backoff=Backoff(0.1, 1.0),
            report=self._report,
            heartbeat=self._heartbeat,
            catch=(Unavailable,),
            until=lambda: self._stopping and not self._waiting,
        )

    def stop(self) -> None:
        """Takes no rest any more: `serve` ends as soon as no command waits."""
        self._stopping = True
        self._wake.set()

    async def _commit_waiting(self) -> None:
        """One batch: all commands that wait now. Raises Unavailable with the undecided ones waiting again."""
        with self._heartbeat.waiting():
            await self._wake.wait()
        if self._last_batch > 1 and not self._stopping:
            await asyncio.sleep(min(LINGER_SECONDS * self._last_batch, MAX_LINGER_SECONDS))
        # Cleared before the queue is taken: a command that comes in between wakes the next turn.
        self._wake.clear()
        taken, self._waiting = self._waiting, deque()
        self._last_batch = len(taken)
        metrics.commands_waiting.set(self._last_batch)
        try:
            await self._committer.commit(taken, NoGuard())
        finally:
            self._waiting.extendleft(reversed(taken))  # what is undecided keeps its place
        metrics.commands_waiting.set(len(self._waiting))

    def _report(self, error: BaseException) -> None:
        log.warning("commands_wait", waiting=len(self._waiting), error=str(error))
        self._wake.set()
        self._forget_withdrawn()

    def _forget_withdrawn(self) -> None:
        kept = [d for d in self._waiting if not d.withdrawn]
        self._waiting.clear()
        self._waiting.extend(kept)
        metrics.commands_waiting.set(len(kept))
