"""Acts are collected, then let loose together on two replicas' lanes, so they conflict, are decided again, and cross;
one of them may be held back in the midst of its reads, or before its commit, until the other lane is through.
What comes of that differs from run to run; which rules are drawn must not, so none has a precondition."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from schemas.meetings import Venue
from services.chassis.commit.job_kind import JobKind, P
from services.chassis.commit.jobs import Claimed, Superseded
from services.chassis.commit.stored import job_doc
from services.chassis.commit.unit_of_work import JOBS, UnitOfWork
from services.chassis.model.caller import Caller
from services.chassis.model.documents import Ref
from services.chassis.model.events import Cause
from services.chassis.model.refusals import Invalid, InvalidState, NotFound, QuotaReached, Refused
from services.matching.domain.meeting import Meeting
from services.matching.settings import MatchingSettings
from services.matching.usecases import meetings

from .cast import SEOUL, Cast
from .truth import Known, must_hold, stored
from .world import World

SETTINGS = MatchingSettings(plan_work=0)
TOGETHER = 6
"""Acts that are let loose at once, at the latest."""
REFUSALS = (InvalidState, Invalid, NotFound, QuotaReached)
Decide = Callable[[UnitOfWork], Awaitable[Any]]
EXAMPLE, WORKERS = itertools.count(), itertools.count()


@dataclass(frozen=True)
class Act:
    """What somebody does. A worker does what was planned, its `job`, and is never refused; it may only find that the
    job was taken from it."""

    name: str
    decide: Decide
    job: Claimed[Any] | None = None

    async def done(self, uow: UnitOfWork) -> Any:
        """Done by a worker it ends its job, as any job ends. Raises Superseded."""
        if self.job is not None:
            await uow.load([(JOBS, self.job.id)])
            if uow.stored_token(self.job.id) != self.job.token:
                raise Superseded(self.job.kind)
            uow.finish(self.job.id, self.job.token)
        return await self.decide(uow)

    @property
    def cause(self) -> Cause | None:
        """The same for whoever does the job."""
        return self.job.cause if self.job is not None else None


def until_morning() -> dt.timedelta:
    """A history begins at ten o'clock: offers have quiet hours, and what it does must not depend on when it is run."""
    now = dt.datetime.now(SEOUL)
    return now.replace(hour=10, minute=0) + dt.timedelta(days=1) - now


def held_back(decide: Decide, reads: int, until: Callable[[], Awaitable[object]]) -> Decide:
    """The same, which at first waits until something has happened: after so many reads, or at its end."""
    has_waited = False

    async def wait() -> None:
        nonlocal has_waited
        if not has_waited:
            has_waited = True
            await until()

    async def held(uow: UnitOfWork) -> Any:
        load, left = uow.load, itertools.count(reads - 1, -1)

        async def load_and_wait(refs: Iterable[Ref]) -> None:
            await load(refs)
            if next(left) == 0:
                await wait()

        uow.load = load_and_wait  # type: ignore[method-assign]
        try:
            found = await decide(uow)
            await wait()
        finally:
            uow.load = load  # type: ignore[method-assign]
        return found

    return held


class Acting(RuleBasedStateMachine):
    """Collects acts, lets them loose, and looks what has become of it."""

    def __init__(self, world: World, *, is_tight: bool = False) -> None:
        super().__init__()
        self.world, self.cast = world, Cast(f"x{next(EXAMPLE)}", is_tight)
        world.clock.ahead, world.histories = until_morning(), world.histories + 1
        self.known = Known(self.cast.owner, SETTINGS, self.cast.setup())
        self.slots, self.matches = self.cast.slots, list(self.cast.parties)
        self.meetings: dict[str, str] = {}
        self.starts: dict[str, dt.datetime] = {}
        self.venues: dict[str, Venue] = {}
        self.deadline: dict[str, dt.datetime] = {}
        self.waiting: list[Act] = []
        self.hold: tuple[int, int] | None = None
        self.steps = 0
        self.of_forum: list[Meeting] = []
        self.story: list[str] = []
        world.run(world.forget())
        world.run(self.cast.enter(world))

    @property
    def booked(self) -> dict[str, dt.datetime]:
        """What people were told is booked, also what has ended since."""
        return self.known.booked

    def caller(self, profile: str) -> Caller:
        """Its representative."""
        return Caller(self.cast.member[profile], self.cast.owner[profile], frozenset({"participant"}))

    def side_of(self, meeting_id: str, side: int) -> Caller:
        """One of the two who meet."""
        return self.caller(self.cast.parties[self.meetings[meeting_id]][side])

    def act(self, name: str, decide: Decide) -> None:
        """Somebody does it with the next ones."""
        self.add(Act(name, decide))

    def add(self, act: Act) -> None:
        """The same, of an act."""
        self.steps += 1
        self.waiting.append(act)
        if len(self.waiting) == TOGETHER:
            self.let_loose()

    @rule(hold=st.none() | st.tuples(st.integers(0, TOGETHER - 1), st.integers(1, 6)))
    def hold_back(self, hold: tuple[int, int] | None) -> None:
        """From now on one of those that are let loose is held back, after that many reads; or none is."""
        self.hold = hold

    @rule()
    def let_loose(self) -> None:
        """All at once. Raises AssertionError if something does not hold then."""
        self.story.append(", ".join(act.name for act in self.waiting))
        try:
            self._let_loose()
        except BaseException as error:
            error.add_note("\n".join(["What was done, together where it stands in one line:", *self.story]))
            self.world.wrong = self.world.wrong or error
            raise

    def _let_loose(self) -> None:
        acts, self.waiting = self.waiting, []
        now = self.world.database.now()
        answers = self.world.run(self._all(acts))
        for act, answer in zip(acts, answers, strict=True):
            if isinstance(answer, BaseException):
                assert isinstance(answer, Superseded if act.job else REFUSALS), (act.name, answer)
                why = answer.type if isinstance(answer, Refused) else "superseded"
                self.world.done[f"{act.name.partition(' ')[0]}: {why}"] += 1
                continue
            self.world.done[act.name.partition(" ")[0]] += 1
            found = answer.meeting if isinstance(answer, meetings.RequestResult) else answer
            if isinstance(found, Meeting):
                self._hear(act, found, now)
        found = self.world.run(stored(self.world.database))
        must_hold(found, self.known)
        # What a forum has booked or offered is known to its people by its notice.
        self.of_forum = [meeting for meeting in found.meetings.values() if meeting.forum_id]
        for meeting in self.of_forum:
            if meeting.id not in self.meetings:
                self._see(meeting)
            if meeting.state == "booked":
                self.booked.setdefault(meeting.id, meeting.start)

    async def claimed(self, kind: JobKind[P], payload: P, id: str, cause: Cause) -> Claimed[P]:
        """A worker takes a job, also from another one that has it."""
        token = f"worker-{next(WORKERS)}"
        taken = {"$set": {"token": token}, "$setOnInsert": job_doc(kind, payload, cause)}
        await self.world.database.db.jobs.update_one({"_id": id}, taken, upsert=True)
        return Claimed(id, kind.name, token, 1, payload, cause)

    async def _all(self, acts: list[Act]) -> list[Any]:
        lanes, running = itertools.cycle(self.world.lanes), list[asyncio.Future[Any]]()
        decided: list[Decide] = [act.done for act in acts]
        if self.hold is not None and len(acts) > 1:
            held, reads = self.hold[0] % len(acts), self.hold[1]

            async def others_are_through() -> None:
                await asyncio.wait(running[1 - held % 2 :: 2])  # in the other lane

            decided[held] = held_back(acts[held].done, reads, others_are_through)
        for act, decide in zip(acts, decided, strict=True):
            running.append(asyncio.ensure_future(next(lanes).run(decide, cause=act.cause)))
        return await asyncio.gather(*running, return_exceptions=True)

    def _see(self, meeting: Meeting) -> None:
        self.meetings.setdefault(meeting.id, meeting.match_id)
        self.starts[meeting.id], self.venues[meeting.id] = meeting.ask.start, meeting.ask.venue

    def _hear(self, act: Act, found: Meeting, now: dt.datetime) -> None:
        self._see(found)
        if found.state == "booked" and found.move is None and act.name.startswith("confirm"):
            assert act.name == f"confirm {found.start.isoformat()}", "booked at a time that its sender did not mean"
            if found.id not in self.booked and found.id in self.deadline:
                assert now < self.deadline[found.id], "confirmed after its time"
            self.booked[found.id] = found.start
            self.world.done["offer: filled"] += found.opening is not None
        if found.state == "requested" and found.lapses_at is not None:
            self.deadline[found.id] = found.lapses_at

    def teardown(self) -> None:
        """The last acts."""
        self.let_loose()
