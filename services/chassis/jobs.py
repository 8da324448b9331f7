"""Slow, outward or later work: a document, claimed by lease, finished only by whoever still holds it."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from . import metrics
from .commands import Commands
from .database import Database, from_now
from .documents import Doc
from .errors import Pace, meaning, reason
from .events import Cause
from .health import Heartbeat
from .logs import logger
from .uow import JOBS, UnitOfWork

log = logger(__name__)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
POLL_SECONDS = 0.5


class Superseded(Exception):
    """The lease ran out and somebody else has the job: this run changes nothing."""


class Later(Exception):
    """The work waits for something that has not come yet: tried again in `seconds`, which counts as no failure."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job in hand. `token` is the fence: every claim changes it. `tries` counts this one."""

    id: str
    kind: str
    token: str
    tries: int
    payload: Doc
    cause: Cause


Work = Callable[[Claimed], Awaitable[Any]]
"""The slow half: outside any unit of work, on a snapshot; may run twice. CPU in threads."""
Settle = Callable[[UnitOfWork, Claimed, Any], Awaitable[None]]
"""The deciding half: takes effect once, and only if the job is still ours."""


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of job. `at_once`: how many of it a replica works on together. `prepare` runs once before the work of
    the jobs that were claimed together."""

    kind: str
    work: Work
    settle: Settle
    tries: int = 8
    at_once: int = 8
    backoff_seconds: float = 1.0
    most_backoff_seconds: float = 300.0
    ready: Callable[[], bool] = lambda: True
    prepare: Callable[[], Awaitable[None]] | None = None


class Workers:
    """Run due jobs of the kinds in their table. Many replicas share them; a job has one effect."""

    def __init__(
        self,
        database: Database,
        commands: Commands,
        jobs: Sequence[Job],
        *,
        heartbeat: Heartbeat,
        lease_seconds: float = 30.0,
    ) -> None:
        self._database, self._commands, self._lease_seconds = database, commands, lease_seconds
        self._jobs = {job.kind: job for job in jobs}
        self._heartbeat = heartbeat
        self._running: dict[str, Claimed] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    async def serve(self) -> None:
        """Runs until cancelled or stopped."""
        pace, woken = Pace(0.2, 2.0), True
        renewing = asyncio.ensure_future(self._renew())
        try:
            while not self._stopping.is_set():
                self._heartbeat.beat()
                self._database.jobs_written.clear()
                try:
                    look = woken or await self._any_due()
                    claimed = look and [job for kind in self._jobs.values() for job in await self._claim_kind(kind)]
                    pace.reset()
                except Exception as error:
                    log.warning("jobs_not_claimed", error=reason(meaning(error)))
                    await pace.wait()
                    continue
                woken = bool(claimed) or await self._sleep()
        finally:
            renewing.cancel()
            for task in self._tasks:
                task.cancel()

    async def stop(self, seconds: float = 5.0) -> None:
        """Claims nothing more, and gives what is in hand some time to finish; the rest is claimed again when its
        lease ends."""
        self._stopping.set()
        self._database.jobs_written.set()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)

    async def _sleep(self) -> bool:
        """Whether something that we know of woke us."""
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS * random.uniform(0.8, 1.2)):
                await self._database.jobs_written.wait()
        return self._database.jobs_written.is_set()

    # -- claiming

    async def _any_due(self) -> bool:
        """One question for all kinds while nothing happens: each kind's own, twice a second, is what idling cost."""
        if not self._jobs:
            return False
        return await self._database.collection(JOBS).find_one(_due({"$in": list(self._jobs)}), {"_id": 1}) is not None

    async def _claim_kind(self, job: Job) -> list[Claimed]:
        room = job.at_once - sum(claimed.kind == job.kind for claimed in self._running.values())
        if room <= 0 or not job.ready():
            return []
        claimed = await self._claim(job, room)
        if claimed and job.prepare:
            ready = asyncio.ensure_future(job.prepare())
            ready.add_done_callback(_retrieved)
        else:
            ready = None
        for one in claimed:
            self._running[one.token] = one
            task = asyncio.ensure_future(self._run(job, one, ready))
            self._tasks.add(task)
            task.add_done_callback(partial(self._forget, one))
        return claimed

    def _forget(self, job: Claimed, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._running.pop(job.token, None)
        self._database.jobs_written.set()  # there is room again

    async def _claim(self, job: Job, room: int) -> list[Claimed]:
        """Takes up to `room` due jobs in three commands. `run_at` means not before: a claim moves it to the end of the
        lease, by mongod's clock, so that one index finds both new jobs and abandoned ones. The try is counted here, so
        that a job that kills its process is counted too."""
        jobs, token = self._database.collection(JOBS), uuid.uuid4().hex
        due = _due(job.kind)
        found = await jobs.find(due, {"_id": 1, "tries": 1}).sort("run_at", 1).limit(room).to_list(None)
        for doc in found:
            if doc["tries"] >= job.tries:
                await self._bury(doc["_id"], job.kind, "its process ended before the work did, every time")
        ids = [doc["_id"] for doc in found if doc["tries"] < job.tries]
        if not ids:
            return []
        claim = {
            "token": {"$concat": [token, "/", "$_id"]},
            "tries": {"$add": ["$tries", 1]},
            "run_at": from_now(self._lease_seconds),
        }
        await jobs.update_many({"_id": {"$in": ids}, **due}, [{"$set": claim}])
        mine = {"_id": {"$in": ids}, "token": {"$in": [f"{token}/{id}" for id in ids]}}
        return [_claimed(doc) for doc in await jobs.find(mine).to_list(None)]

    # -- working

    async def _run(self, job: Job, claimed: Claimed, ready: asyncio.Future[None] | None) -> None:
        try:
            if ready is not None:
                await ready
            with metrics.job_seconds.labels(job.kind).time():
                result = await job.work(claimed)
            decide = partial(_settle, job.settle, claimed, result)
            await self._commands.run(decide, reads=[(JOBS, claimed.id)], cause=claimed.cause, patient=True)
            metrics.jobs_done.labels(job.kind, "done").inc()
        except Superseded:
            metrics.jobs_done.labels(job.kind, "superseded").inc()
        except Later as later:
            metrics.jobs_done.labels(job.kind, "later").inc()
            await self._again(claimed, later.seconds, why=None)
        except Exception as error:
            await self._failed(job, claimed, reason(error))

    async def _failed(self, job: Job, claimed: Claimed, why: str) -> None:
        """Later again, or for good: dead jobs stay, without a time to run, until somebody looks."""
        log.warning("job_failed", kind=job.kind, job=claimed.id, tries=claimed.tries, reason=why)
        if claimed.tries >= job.tries:
            await self._bury(claimed.id, job.kind, why, token=claimed.token)
            return
        metrics.jobs_done.labels(job.kind, "failed").inc()
        pause = min(job.most_backoff_seconds, job.backoff_seconds * 2 ** (claimed.tries - 1))
        await self._again(claimed, pause * random.uniform(0.5, 1.0), why=why)

    async def _again(self, claimed: Claimed, seconds: float, *, why: str | None) -> None:
        change: Doc = {"run_at": from_now(seconds), "reason": {"$literal": why}}
        if why is None:
            change["tries"] = {"$subtract": ["$tries", 1]}
        await self._update({"_id": claimed.id, "token": claimed.token}, [{"$set": change}])

    async def _bury(self, id: str, kind: str, why: str, **held: str) -> None:
        metrics.jobs_done.labels(kind, "dead").inc()
        metrics.jobs_dead.labels(kind).inc()
        log.error("job_dead", kind=kind, job=id, reason=why)
        await self._update({"_id": id, **held}, {"$set": {"dead": True, "reason": why}, "$unset": {"run_at": ""}})

    async def _update(self, query: Doc, change: Any) -> None:
        try:
            await self._database.collection(JOBS).update_one(query, change)
        except Exception as error:  # its lease runs out, which is the same later
            log.warning("job_not_updated", error=reason(meaning(error)))

    async def _renew(self) -> None:
        """Keeps what is running past half of its lease."""
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            await self.renew()

    async def renew(self) -> None:
        if not self._running:
            return
        mine = {"_id": {"$in": [j.id for j in self._running.values()]}, "token": {"$in": list(self._running)}}
        try:
            longer = {"run_at": from_now(self._lease_seconds)}
            await self._database.collection(JOBS).update_many(mine, [{"$set": longer}])
        except Exception as error:
            log.warning("leases_not_renewed", error=reason(meaning(error)))


def _due(kind: Any) -> Doc:
    return {"run_at": {"$gte": EPOCH}, "kind": kind, "$expr": {"$lte": ["$run_at", "$$NOW"]}}


def _retrieved(future: asyncio.Future[None]) -> None:
    """Each job that waits for it hears of its failure; nobody else must."""
    if not future.cancelled():
        future.exception()


def _claimed(doc: Doc) -> Claimed:
    cause = Cause(doc["_id"].partition("/")[2], doc.get("correlation", ""), doc.get("traceparent", ""))
    return Claimed(doc["_id"], doc["kind"], doc["token"], doc["tries"], doc["payload"], cause)


async def _settle(settle: Settle, claimed: Claimed, result: Any, uow: UnitOfWork) -> None:
    """The job's end and what it decides: one commit, on condition of the token."""
    await uow.load([(JOBS, claimed.id)])
    if uow.stored_token(claimed.id) != claimed.token:
        raise Superseded(claimed.kind)
    uow.finish(claimed.id, claimed.token)
    await settle(uow, claimed, result)
