"""Slow, outward or later work: how a service declares its kinds of jobs. `workers` runs them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from ..model.documents import Ref
from ..model.events import Cause
from .decision import Follow as FollowOne
from .job_kind import JobKind, P
from .unit_of_work import UnitOfWork

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Claimed(Generic[P]):
    """A job that this process runs now. `token` is the fence: every claim changes it. `tries` includes this one.
    `outside_since`: since when nothing but what it needs from outside has failed. `uncounted`: runs that ended so, and
    count as no try; what they did outside may have taken effect."""

    id: str
    kind: str
    token: str
    tries: int
    payload: P
    cause: Cause
    outside_since: dt.datetime | None = None
    uncounted: int = 0


class Superseded(Exception):
    """The lease ran out and another process has claimed the job: this run changes nothing."""


class RetryLater(Exception):
    """The work waits for something that has not come yet: it is tried again in `seconds`. This counts as no try."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


Work = Callable[[Claimed[P]], Awaitable[R]]
"""The slow half: outside any unit of work, on a snapshot of the data. It may run twice. CPU belongs in a thread."""
Apply = Callable[[UnitOfWork, Claimed[P], R], Awaitable[None]]
"""The deciding half: takes effect once, and only if the job is still held by this process."""
Reads = Callable[[Claimed[P], R], Sequence[Ref]]
"""The documents that the deciding half will need, as far as that is known."""

Follow = Callable[[Claimed[P], R, UnitOfWork], Iterable[Ref]]
"""More of them, by those that are loaded (`UnitOfWork.known`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How jobs of a kind are run.

    `concurrency` is how many of them a replica works on at the same time. `max_tries` counts failures of the job's own;
    after the last one the job is dead until a person looks. One that raises Unavailable, or an error of MongoDB's
    servers, waits for what is away and is not counted. Pauses between tries double from `backoff_seconds` to
    `max_backoff_seconds`. No job is claimed, and no work begins, while `ready` is false; none is claimed while a job of
    a kind in `yields_to` is due or running at this replica: as long as those come without a pause, these wait.
    `prepare` runs once before the work of the jobs that were claimed together."""

    max_tries: int = 8
    concurrency: int = 8
    backoff_seconds: float = 1.0
    max_backoff_seconds: float = 300.0
    ready: Callable[[], bool] = lambda: True
    prepare: Callable[[], Awaitable[None]] | None = None
    yields_to: tuple[str, ...] = ()


def no_reads(job: Claimed[P], result: R) -> Sequence[Ref]:
    """Nothing is known before the decision."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Generic[P, R]):
    """A kind of job with its two halves. Where one half has nothing to do, use `deciding` or `working`.

    Jobs that end at the same moment are decided in one transaction. What `reads` names, and what `follow` finds by
    that, is then loaded for all of them with one query a collection; what both leave out is read one document after the
    other, while all others wait."""

    kind: JobKind[P]
    work: Work[P, R]
    apply: Apply[P, R]
    options: RunOptions = field(default_factory=RunOptions)
    reads: Reads[P, R] = no_reads
    follow: Follow[P, R] | None = None

    def follow_of(self, job: Claimed[P], result: R) -> FollowOne | None:
        """`follow` for one job; None where nothing follows."""
        return None if self.follow is None else partial(self.follow, job, result)

    @staticmethod
    def deciding(
        kind: JobKind[P],
        apply: Callable[[UnitOfWork, Claimed[P]], Awaitable[None]],
        options: RunOptions | None = None,
    ) -> Job[P, None]:
        """A job that has only to be decided when its time has come: an expiry, a reminder."""

        async def nothing(job: Claimed[P]) -> None:
            """No slow half."""

        async def decide(uow: UnitOfWork, job: Claimed[P], result: None) -> None:
            await apply(uow, job)

        return Job(kind=kind, work=nothing, apply=decide, options=options or RunOptions())

    @staticmethod
    def working(
        kind: JobKind[P],
        work: Callable[[Claimed[P]], Awaitable[None]],
        options: RunOptions | None = None,
    ) -> Job[P, None]:
        """A job whose work is idempotent and all there is to do: nothing is decided after it."""

        async def nothing(uow: UnitOfWork, job: Claimed[P], result: None) -> None:
            """No deciding half; the job itself is removed."""

        return Job(kind=kind, work=work, apply=nothing, options=options or RunOptions())


AnyJob = Job[Any, Any]
"""A job of any kind, as the workers hold it: each one's own types were checked where it was built."""
