"""Decides a batch in order, commits it once, and decides it again when what it read has changed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import cast

from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from ..model.documents import Ref
from ..model.failures import ConcurrentWrite, Rejected, TransactionTooLong, Unavailable
from ..model.topic_names import TopicNames
from ..mongo.database import Database, Session
from ..mongo.errors import classify
from ..ops import metrics
from ..ops.logs import logger
from ..ops.loops import Backoff, Slices, retry
from .decision import Decision, Guard
from .unit_of_work import Operation, UnitOfWork

log = logger(__name__)
MAX_TRANSACTION_BYTES = 8 * 1024 * 1024
MAX_LOADED = 5000
MAX_FOLLOWED = 3
"""Rounds of reads that follow from reads."""
CONFLICTS_BEFORE_HALVING = 2
"""Conflicts in succession."""


@dataclass(slots=True)
class Committer:
    """Commits decisions of one database in their order, at most `max_decisions` in a transaction. `secret` is the key
    of the ids that must not be guessed."""

    database: Database
    names: TopicNames
    max_decisions: int
    secret: bytes = b""

    async def commit(self, waiting: deque[Decision], guard: Guard) -> None:
        """Takes every decision from `waiting`. Raises Unavailable with the undecided ones still in `waiting`.

        After two conflicts in succession, or an abort by time or size, the batch is halved, down to one decision, so
        that a long batch cannot starve against short ones on a hot document. A write that MongoDB rejects is found by
        deciding one by one."""
        size, conflicts, backoff = self.max_decisions, 0, Backoff(0.002, 0.5)
        while waiting:
            chunk = _loadable(islice(waiting, size))
            try:
                done = await self._attempt(chunk, guard)
            except ConcurrentWrite as conflict:
                conflicts += 1
                metrics.batches_again.labels(conflict.label).inc()
                if conflicts >= CONFLICTS_BEFORE_HALVING or isinstance(conflict, TransactionTooLong):
                    size = max(1, len(chunk) // 2)
                await backoff.wait()
                await refresh(guard, waiting)
            except Rejected as rejected:
                metrics.batches_again.labels(rejected.label).inc()
                size = 1
                # MongoDB does not say which write it refuses, so each decision is committed alone until it is found.
                if len(chunk) == 1:
                    chunk[0].rejected = rejected
                await refresh(guard, waiting)
            else:
                for _ in range(done):
                    waiting.popleft().committed()
                size, conflicts = min(self.max_decisions, max(size, 1) * 2), 0
                backoff.reset()

    async def _attempt(self, chunk: Sequence[Decision], guard: Guard) -> int:
        """Decides as many of `chunk` as fit into one transaction and commits them. Returns how many."""
        with self.database.one_moment() as moment:
            uow = UnitOfWork(self.database, names=self.names, moment=moment, after=guard.at, secret=self.secret)
            return await self._attempt_with(uow, chunk, guard)

    async def _attempt_with(self, uow: UnitOfWork, chunk: Sequence[Decision], guard: Guard) -> int:
        done = 0
        guard.begin()
        await _load(uow, chunk)
        slices = Slices()
        for decision in chunk:
            done += 1
            if not decision.withdrawn and guard.admits(decision):
                await _decide(uow, decision)
                if guard.stops(decision):
                    break
                await slices.turn()
            if uow.size > MAX_TRANSACTION_BYTES or uow.loaded > MAX_LOADED:
                break
        await self._commit(uow, guard, chunk[:done])
        guard.committed()
        return done

    async def _commit(self, uow: UnitOfWork, guard: Guard, decided: Sequence[Decision]) -> None:
        """One transaction, with one bulk command per collection; every operation must take effect exactly once."""
        grouped: dict[str, list[Operation]] = {}
        slices = Slices()
        for name, operation in chain(guard.guards(), uow.writes()):
            grouped.setdefault(name, []).append(operation)
            await slices.turn()
        # Nothing to write and no checkpoint to move: reads alone need no transaction.
        if not grouped:
            return
        with metrics.commits.time():
            async with self.database.session() as session:
                session.start_transaction()
                try:
                    for name, operations in grouped.items():
                        await bulk(self.database, name, operations, session)
                except PyMongoError as error:
                    raise classify(error) from error
                # A caller that gave up while the writes were on their way was told that nothing has taken effect.
                if any(d.withdrawn for d in decided):
                    raise ConcurrentWrite("a caller has gone away with its command undone")
                await commit_with_known_outcome(session, decided)
        uow.committed()


def _loadable(decisions: Iterable[Decision]) -> list[Decision]:
    """The first of them, as many as may be loaded together; at least one."""
    chunk, refs = list[Decision](), set[Ref]()
    for decision in decisions:
        refs.update(decision.reads)
        if chunk and len(refs) > MAX_LOADED:
            break
        chunk.append(decision)
    return chunk


async def refresh(guard: Guard, waiting: Iterable[Decision]) -> None:
    """Reads the guard's state again. Raises Unavailable."""
    try:
        await guard.refresh(waiting)
    except PyMongoError as error:
        raise classify(error) from error


async def _load(uow: UnitOfWork, chunk: Sequence[Decision]) -> None:
    """Reads what all of them need: a query a collection and round costs less than one a decision."""
    try:
        await uow.load(ref for decision in chunk for ref in decision.reads)
        following = [(decision.cause, decision.follow) for decision in chunk if decision.follow is not None]
        for _ in range(MAX_FOLLOWED if following else 0):
            before, refs = uow.loaded, list[Ref]()
            for cause, follow in following:
                uow.begin(cause)
                refs += follow(uow)
            await uow.load(refs)
            if uow.loaded == before:
                break
    except PyMongoError as error:
        raise classify(error) from error


async def _decide(uow: UnitOfWork, decision: Decision) -> None:
    """Makes one decision. One that raises leaves nothing but its dead letter. An outage is no decision: it is raised,
    and the whole batch waits."""
    decision.result = decision.refusal = None
    uow.begin(decision.cause)
    try:
        if decision.rejected:
            raise decision.rejected
        decision.result = await decision.decide(uow)
        await uow.keep()
    except Exception as error:
        cause = classify(error)
        if isinstance(cause, Unavailable | ConcurrentWrite):
            raise cause from error
        decision.refusal = cause
        if (row := decision.dead_letter(cause, uow.tick())) is not None:
            uow.add_outbox_row(row)
            await uow.keep_refusal()


async def bulk(database: Database, name: str, operations: list[Operation], session: Session) -> None:
    """Writes to one collection. Raises ConcurrentWrite if any of the operations did not find what it expects."""
    # The driver takes documents that are encoded already; its type hints name plain ones only.
    result = await database.collection(name).bulk_write(
        cast(list[UpdateOne], operations), ordered=False, session=session
    )
    # A filter that finds nothing is no error for MongoDB; the counts tell.
    took = result.inserted_count + result.matched_count + result.upserted_count + result.deleted_count
    if took != len(operations):
        raise ConcurrentWrite(f"{name}: {len(operations) - took} of {len(operations)} are not as they were read")


async def commit_with_known_outcome(session: Session, decided: Sequence[Decision]) -> None:
    """Commits, and repeats the commit as long as its outcome is unknown. Raises what `classify` returns if it failed.

    MongoDB remembers a transaction's outcome, also across a restart. To decide again without knowing the outcome could
    execute a command twice."""
    for decision in decided:
        decision.committing = True
    failure = await retry(
        partial(_commit, session),
        backoff=Backoff(0.05, 1.0),
        report=lambda error: log.warning("commit_unknown", error=type(error).__name__),
        catch=(PyMongoError,),
    )
    if failure is not None:
        for decision in decided:
            decision.committing = False
        raise classify(failure) from failure


async def _commit(session: Session) -> PyMongoError | None:
    """The error with which the commit has surely failed, or None. Raises one that leaves its outcome unknown."""
    try:
        await session.commit_transaction()
        return None
    except PyMongoError as error:
        if error.has_error_label("UnknownTransactionCommitResult"):
            raise
        return error
