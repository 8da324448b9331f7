"""Runs due jobs: a job is a document, claimed by a lease, and finished only by the process that still holds it."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from pydantic import ValidationError

from ..model.documents import Doc
from ..model.failures import Unavailable, failure_kind, safe_text, safe_traceback
from ..mongo.database import Database, StoredCollection
from ..mongo.errors import explain
from ..ops import metrics
from ..ops.health import Heartbeat
from ..ops.logs import logger
from ..ops.loops import Backoff, run_forever
from ..ops.traces import OFF, Traces, active
from .claims import ONE_MORE_UNCOUNTED, any_due, claimed_from, due, due_kinds, job_span
from .commands import Commands
from .job_kind import Payload
from .jobs import AnyJob, Claimed, RetryLater, RunOptions, Superseded
from .outages import is_outside, pause_of_outage
from .unit_of_work import JOBS, UnitOfWork

log = logger(__name__)
NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
POLL_SECONDS = 0.5
FAILED = "failed"
NEVER_FINISHED = "its process ended before the work did, every time"


class Workers:
    """Run the due jobs of the kinds they are given. Many replicas share the jobs; each job has one effect."""

    def __init__(
        self,
        database: Database,
        commands: Commands,
        jobs: Sequence[AnyJob],
        *,
        heartbeat: Heartbeat,
        lease_seconds: float = 30.0,
        traces: Traces = OFF,
    ) -> None:
        self._traces = traces
        self._database, self._commands, self._lease_seconds = database, commands, lease_seconds
        self._jobs = {job.kind.name: job for job in jobs}
        self._heartbeat = heartbeat
        self._running: dict[str, Claimed[Payload]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._polls_at = 0.0

    async def serve(self) -> None:
        """Runs until cancelled or stopped."""
        renewing = asyncio.ensure_future(self._renew_forever())
        try:
            await run_forever(
                self._claim_due,
                backoff=Backoff(0.2, 2.0),
                report=lambda error: log.warning("jobs_not_claimed", error=explain(error)),
                heartbeat=self._heartbeat,
                until=self._stopping.is_set,
            )
        finally:
            renewing.cancel()
            for task in self._tasks:
                task.cancel()

    async def stop(self, seconds: float = 5.0) -> None:
        """Claims no more jobs and gives the running ones some time to finish; another process claims the rest when
        their leases end."""
        self._stopping.set()
        self._database.due_kinds.tell()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)

    async def _claim_due(self) -> None:
        """Claims due jobs of the kinds that were told, or of all kinds when it is time to poll; then waits."""
        # Taken before looking: what is planned during the look wakes the next one.
        kinds = self._database.due_kinds.take()
        if time.monotonic() >= self._polls_at:
            # Jitter, so that replicas that start together do not ask MongoDB at the same moments forever.
            self._polls_at = time.monotonic() + POLL_SECONDS * random.uniform(0.8, 1.2)
            kinds |= await due_kinds(self._database, self._jobs.keys() - kinds)
        for name in [name for name in self._jobs if name in kinds]:
            if await self._claim_kind(self._jobs[name]):
                self._database.due_kinds.tell([name])  # there may be more
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, self._polls_at - time.monotonic())):
                await self._database.due_kinds.wait()

    # -- claiming

    async def _claim_kind(self, job: AnyJob) -> int:
        """Claims and starts due jobs of a kind, as many as its concurrency allows. Returns how many."""
        name, options = job.kind.name, job.options
        room = options.concurrency - sum(claimed.kind == name for claimed in self._running.values())
        if room <= 0 or not options.ready() or await self._must_yield(options):
            return 0
        claimed = await self._claim(job, room)
        prepared: asyncio.Future[None] | None = None
        if claimed and options.prepare:
            prepared = asyncio.ensure_future(options.prepare())
            prepared.add_done_callback(_retrieve_error)
        for one in claimed:
            self._running[one.token] = one
            metrics.jobs_running.labels(name).inc()
            task = asyncio.ensure_future(self._run(job, one, prepared))
            self._tasks.add(task)
            task.add_done_callback(partial(self._forget, one))
        return len(claimed)

    async def _must_yield(self, options: RunOptions) -> bool:
        """Whether jobs of another kind go first."""
        is_running = any(claimed.kind in options.yields_to for claimed in self._running.values())
        return is_running or await any_due(self._database, options.yields_to)

    def _forget(self, claimed: Claimed[Payload], task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._running.pop(claimed.token, None)
        metrics.jobs_running.labels(claimed.kind).dec()
        # There is room again, so the next look need not wait; nor need those that yield to it.
        yielding = [name for name, job in self._jobs.items() if claimed.kind in job.options.yields_to]
        self._database.due_kinds.tell([claimed.kind, *yielding])

    async def _claim(self, job: AnyJob, room: int) -> list[Claimed[Payload]]:
        """Claims up to `room` due jobs in three commands.

        `run_at` means "not before". A claim moves it to the end of the lease, by mongod's clock, so that one index
        finds both new and abandoned jobs. The try is counted here, so that a job that kills its process is counted
        too."""
        token, name = uuid.uuid4().hex, job.kind.name
        query = due(name, self._database.clock.server_now())
        found = await self._stored.find(query, {"_id": 1, "tries": 1}).sort("turn", 1).limit(room).to_list(None)
        for doc in found:
            if doc["tries"] >= job.options.max_tries:
                await self._mark_dead(doc["_id"], name, NEVER_FINISHED)
        ids = [doc["_id"] for doc in found if doc["tries"] < job.options.max_tries]
        if not ids:
            return []
        claim = {
            # One update for all of them, and still a token for each.
            "token": {"$concat": [token, "/", "$_id"]},
            "tries": {"$add": ["$tries", 1]},
            "run_at": self._database.from_now(self._lease_seconds),
        }
        await self._stored.update_many({"_id": {"$in": ids}, **query}, [{"$set": claim}])
        # Another replica may have claimed some of them between the find and the update.
        mine = {"_id": {"$in": ids}, "token": {"$in": [f"{token}/{id}" for id in ids]}}
        return await self._readable(job, await self._stored.find(mine).to_list(None))

    async def _readable(self, job: AnyJob, docs: Sequence[Doc]) -> list[Claimed[Payload]]:
        """Those whose payload this version understands. Any other one is dead at once, as a retry would not help."""
        found = []
        for doc in docs:
            try:
                found.append(claimed_from(job, doc))
            except ValidationError as error:
                await self._mark_dead(doc["_id"], doc["kind"], safe_text(error), token=doc["token"])
        return found

    # -- working

    async def _run(self, job: AnyJob, claimed: Claimed[Payload], prepared: asyncio.Future[None] | None) -> None:
        span = job_span(self._traces, claimed)
        if span is not None:
            claimed = replace(claimed, cause=replace(claimed.cause, traceparent=span.traceparent))
        with active(self._traces, claimed.cause.traceparent):
            outcome = await self._outcome(job, claimed, prepared)
        if span is not None:
            span.end(error=outcome if outcome == FAILED else "", magpie__outcome=outcome)

    async def _outcome(self, job: AnyJob, claimed: Claimed[Payload], prepared: asyncio.Future[None] | None) -> str:
        """Works and decides. Returns how it ended."""
        kind = job.kind.name
        try:
            if prepared is not None:
                await prepared
            if not job.options.ready():
                raise Unavailable("what the work needs was lost since it was claimed")
            with metrics.job_seconds.labels(kind).time():
                result = await job.work(claimed)
            decide = partial(_finish, job, claimed, result)
            reads = [(JOBS, claimed.id), *job.reads(claimed, result)]
            follow = job.follow_of(claimed, result)
            await self._commands.run(decide, reads=reads, follow=follow, cause=claimed.cause, patient=True)
            outcome = "done"
        except Superseded:
            outcome = "superseded"
        except RetryLater as later:
            await self._run_again(claimed, later.seconds)
            outcome = "later"
        except Exception as error:
            if not is_outside(error):
                await self._failed(job, claimed, error)
                return FAILED
            outcome = await self._wait_for_outside(job, claimed, explain(error))
        metrics.jobs_done.labels(kind, outcome).inc()
        return outcome

    async def _wait_for_outside(self, job: AnyJob, claimed: Claimed[Payload], why: str) -> str:
        """Plans the next run after a failure that lies in no job: it counts as no try. After an outage that is too long
        the job is dead. Returns the outcome."""
        now = self._database.now()
        since = claimed.outside_since or now
        log.warning("job_waits", kind=claimed.kind, job=claimed.id, since=since.isoformat(), reason=why)
        pause = pause_of_outage(now - since, job.options)
        if pause is None:
            await self._mark_dead(claimed.id, claimed.kind, why, token=claimed.token)
        else:
            await self._run_again(claimed, pause * random.uniform(0.5, 1.0), why=why, outside_since=since)
        return "outside"

    async def _failed(self, job: AnyJob, claimed: Claimed[Payload], error: Exception) -> None:
        """Plans the next try. After the last one the job is dead: it stays, without a time to run, until a person
        looks."""
        kind, options, why = job.kind.name, job.options, safe_text(error)
        place = {"traceback": safe_traceback(error)} if failure_kind(error) == "unexpected" else {}
        log.warning("job_failed", kind=kind, job=claimed.id, tries=claimed.tries, reason=why, **place)
        if claimed.tries >= options.max_tries:
            await self._mark_dead(claimed.id, kind, why, token=claimed.token)
            return
        metrics.jobs_done.labels(kind, FAILED).inc()
        pause = min(options.max_backoff_seconds, options.backoff_seconds * 2 ** (claimed.tries - 1))
        await self._run_again(claimed, pause * random.uniform(0.5, 1.0), why=why, is_a_try=True)

    async def _run_again(
        self,
        claimed: Claimed[Payload],
        seconds: float,
        *,
        why: str | None = None,
        is_a_try: bool = False,
        outside_since: dt.datetime | None = None,
    ) -> None:
        # $literal: in an update pipeline a reason that begins with $ would be read as a field.
        later: Doc = dict.fromkeys(("run_at", "turn"), self._database.from_now(seconds))
        change = later | {"reason": {"$literal": why}, "outside_since": outside_since}
        change |= {"uncounted": ONE_MORE_UNCOUNTED} if outside_since else {}
        if not is_a_try:
            change["tries"] = {"$subtract": ["$tries", 1]}
        await self._update({"_id": claimed.id, "token": claimed.token}, [{"$set": change}])

    async def _mark_dead(self, id: str, kind: str, why: str, **held: str) -> None:
        metrics.jobs_done.labels(kind, "dead").inc()
        log.error("job_dead", kind=kind, job=id, reason=why)
        end: Doc = {"dead": True, "reason": {"$literal": why}, "turn": NEVER, "died_at": "$$NOW"}
        await self._update({"_id": id, **held}, [{"$set": end}, {"$unset": "run_at"}])

    async def _update(self, query: Doc, change: Doc | list[Doc]) -> None:
        try:
            await self._stored.update_one(query, change)
        except Exception as error:  # the job is claimed again when its lease ends, only later
            log.warning("job_not_updated", error=explain(error))

    async def _renew_forever(self) -> None:
        """Renews the leases of running jobs, three times in the length of a lease."""
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            await self.renew()

    async def renew(self) -> None:
        """Renews the leases of all running jobs. A failure is logged: the next try is a third of a lease away."""
        if not self._running:
            return
        mine = {"_id": {"$in": [j.id for j in self._running.values()]}, "token": {"$in": list(self._running)}}
        try:
            longer = {"run_at": self._database.from_now(self._lease_seconds)}
            await self._stored.update_many(mine, [{"$set": longer}])
        except Exception as error:
            log.warning("leases_not_renewed", error=explain(error))

    @property
    def _stored(self) -> StoredCollection:
        return self._database.collection(JOBS)


def _retrieve_error(future: asyncio.Future[None]) -> None:
    """Each job that waits for it gets its error; without this asyncio would log it as never retrieved if none does."""
    if not future.cancelled():
        future.exception()


async def _finish(job: AnyJob, claimed: Claimed[Payload], result: object, uow: UnitOfWork) -> None:
    """The job's end and what it decides in one commit, on condition of the token. Raises Superseded."""
    # Read in this batch, so that the token is compared with what the commit will find.
    await uow.load([(JOBS, claimed.id)])
    if uow.stored_token(claimed.id) != claimed.token:
        raise Superseded(claimed.kind)
    uow.finish(claimed.id, claimed.token)
    await job.apply(uow, claimed, result)
