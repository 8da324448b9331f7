"""Decide in order, commit once, and decide again when what was read has changed."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from pymongo.errors import PyMongoError

from . import metrics
from .database import Database
from .documents import Doc, Ref
from .errors import Conflict, Pace, Rejected, TooLong, Unavailable, meaning
from .events import Cause
from .logs import logger
from .uow import Operation, Topics, UnitOfWork

log = logger(__name__)
Decide = Callable[[UnitOfWork], Awaitable[Any]]
MAX_TRANSACTION_BYTES = 8 * 1024 * 1024
MAX_LOADED = 5000
PATIENCE = 2
"""Conflicts in succession before a batch is halved."""


@dataclass(slots=True, eq=False, kw_only=True)
class Decision:
    """One call of a use case and what came of it. `rejected` is set once MongoDB has refused its writes alone."""

    decide: Decide
    cause: Cause
    reads: Sequence[Ref] = ()
    result: Any = None
    refusal: Exception | None = None
    rejected: Rejected | None = None
    withdrawn: bool = False
    """Nobody waits for it any more and it has not taken effect: it is passed over."""
    committing: bool = False
    """Its commit has been asked for: from here on only its outcome can tell."""

    def committed(self) -> None:
        """Called once, after the commit that holds it."""

    def dead_letter(self, error: Exception, at: int) -> Doc | None:
        """The row to write when it is refused, if any."""
        return None


class Guard(Protocol):
    """What else must be true at the commit, and which decisions have taken effect before. `at` (microseconds) is the
    last commit behind it: what the next one writes is stamped later."""

    at: int

    async def refresh(self, decisions: Iterable[Decision]) -> None: ...
    def begin(self) -> None: ...
    def admits(self, decision: Decision) -> bool: ...
    def stops(self, decision: Decision) -> bool:
        """After this decision the batch ends here."""
        ...

    def guards(self) -> Iterable[tuple[str, Operation]]: ...
    def committed(self) -> None: ...


class NoGuard:
    """For callers who are there and wait for their answer: a retry is theirs to ask for."""

    at = 0

    async def refresh(self, decisions: Iterable[Decision]) -> None: ...
    def begin(self) -> None: ...
    def admits(self, decision: Decision) -> bool:
        return True

    def stops(self, decision: Decision) -> bool:
        return False

    def guards(self) -> Iterable[tuple[str, Operation]]:
        return ()

    def committed(self) -> None: ...


@dataclass(slots=True)
class Settler:
    """Commits decisions of one database, in their order."""

    database: Database
    topics: Topics
    most: int
    _size: int = field(default=0, init=False)

    async def settle(self, waiting: deque[Decision], guard: Guard) -> None:
        """Takes every decision from `waiting`. After two conflicts in succession, or an abort for time or size, the
        batch is halved, down to one, so that a long one cannot starve against short ones on a hot document; a write
        that MongoDB rejects is found by going one by one. Raises Unavailable with the undecided still in `waiting`."""
        size, conflicts, pace = self.most, 0, Pace(0.002, 0.5)
        while waiting:
            chunk = list(islice(waiting, size))
            try:
                done = await self._attempt(chunk, guard)
            except Conflict as conflict:
                conflicts += 1
                metrics.batches_again.labels(type(conflict).__name__).inc()
                if conflicts >= PATIENCE or isinstance(conflict, TooLong):
                    size = max(1, len(chunk) // 2)
                await pace.wait()
                await refresh(guard, waiting)
            except Rejected as rejected:
                metrics.batches_again.labels("Rejected").inc()
                size = 1
                if len(chunk) == 1:
                    chunk[0].rejected = rejected
                await refresh(guard, waiting)
            else:
                for _ in range(done):
                    waiting.popleft().committed()
                size, conflicts = min(self.most, max(size, 1) * 2), 0
                pace.reset()

    async def _attempt(self, chunk: Sequence[Decision], guard: Guard) -> int:
        """Decides as many of `chunk` as fit one transaction and commits them; returns how many."""
        uow, done = UnitOfWork(self.database, topics=self.topics, after=guard.at), 0
        guard.begin()
        await _load(uow, chunk)
        for decision in chunk:
            done += 1
            if not decision.withdrawn and guard.admits(decision):
                await _decide(uow, decision)
                if guard.stops(decision):
                    break
            if uow.size > MAX_TRANSACTION_BYTES or uow.loaded > MAX_LOADED:
                break
        await self._commit(uow, guard, chunk[:done])
        guard.committed()
        return done

    async def _commit(self, uow: UnitOfWork, guard: Guard, decided: Sequence[Decision]) -> None:
        """One transaction of one bulk command a collection; every operation must take effect exactly once."""
        grouped: dict[str, list[Operation]] = {}
        for name, operation in (*guard.guards(), *uow.writes()):
            grouped.setdefault(name, []).append(operation)
        if not grouped:
            return
        with metrics.commits.time():
            async with self.database.session() as session:
                session.start_transaction()
                try:
                    for name, operations in grouped.items():
                        await bulk(self.database, name, operations, session)
                except PyMongoError as error:
                    raise meaning(error) from error
                if any(d.withdrawn for d in decided):
                    raise Conflict("a caller has gone away with its command undone")
                await commit_for_certain(session, decided)
        if uow.plans:
            self.database.jobs_written.set()


async def refresh(guard: Guard, waiting: Iterable[Decision]) -> None:
    """Reads anew where the guard stands. Raises Unavailable."""
    try:
        await guard.refresh(waiting)
    except PyMongoError as error:
        raise meaning(error) from error


async def _load(uow: UnitOfWork, chunk: Sequence[Decision]) -> None:
    try:
        await uow.load(ref for decision in chunk for ref in decision.reads)
    except PyMongoError as error:
        raise meaning(error) from error


async def _decide(uow: UnitOfWork, decision: Decision) -> None:
    """A decision that raises leaves nothing but its dead letter; an outage is not a decision."""
    decision.result = decision.refusal = None
    uow.begin(decision.cause)
    try:
        if decision.rejected:
            raise decision.rejected
        decision.result = await decision.decide(uow)
        uow.keep()
    except Exception as error:
        cause = meaning(error)
        if isinstance(cause, Unavailable | Conflict):
            raise cause from error
        decision.refusal = cause
        if (row := decision.dead_letter(cause, uow.tick())) is not None:
            uow.tell(row)
            uow.keep_refusal()


async def bulk(database: Database, name: str, operations: list[Operation], session: Any) -> None:
    result = await database.collection(name).bulk_write(operations, ordered=False, session=session)
    took = result.inserted_count + result.matched_count + result.upserted_count + result.deleted_count
    if took != len(operations):
        raise Conflict(f"{name}: {len(operations) - took} of {len(operations)} are not as they were read")


async def commit_for_certain(session: Any, decided: Sequence[Decision]) -> None:
    """Asks again for as long as the outcome is unknown. MongoDB remembers a transaction's outcome, also across a
    restart: to decide again without knowing could do a command twice."""
    for decision in decided:
        decision.committing = True
    pace = Pace(0.05, 1.0)
    while True:
        try:
            await session.commit_transaction()
            return
        except PyMongoError as error:
            if not error.has_error_label("UnknownTransactionCommitResult"):
                for decision in decided:
                    decision.committing = False
                raise meaning(error) from error
            log.warning("commit_unknown", error=type(error).__name__)
        await pace.wait()
