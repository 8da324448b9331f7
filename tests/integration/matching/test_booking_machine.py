"""Booking, by many clients at once in any order, on the real MongoDB: the properties of rules 8 hold all the time.

Acts are collected, then let loose together on two replicas' lanes, so they conflict, are decided again, and cross.
What comes of that differs from run to run; which rules are drawn must not, so none has a precondition."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from pymongo import MongoClient

from deploy.local.system import Servers
from schemas.meetings import Venue
from schemas.profiles import ProfileState, ProfileWithdrawn
from services.chassis.commit.commands import Commands
from services.chassis.commit.committer import Committer
from services.chassis.commit.jobs import Claimed
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.model.caller import Caller
from services.chassis.model.events import Cause, Incoming
from services.chassis.model.preconditions import IfMatch
from services.chassis.model.refusals import Invalid, InvalidState, NotFound, QuotaReached
from services.chassis.model.topic_names import TopicNames
from services.chassis.mongo.clock import Clock
from services.chassis.mongo.database import Database
from services.chassis.ops.health import Heartbeat
from services.matching import store
from services.matching.domain.agenda import Busy
from services.matching.domain.asks import Meant
from services.matching.domain.calendar import LENGTH, starts
from services.matching.domain.desk import Desk, OpenMatch
from services.matching.domain.match import Match
from services.matching.domain.meeting import Meeting
from services.matching.domain.members import member_key
from services.matching.domain.pair import Pair, pair_id
from services.matching.domain.profile_row import ProfileRow
from services.matching.job_kinds import LAPSE, MeetingJob
from services.matching.settings import MatchingSettings
from services.matching.usecases import meetings
from services.matching.usecases.busy_times import set_busy
from services.matching.usecases.meetings import MeetingRequest, MoveRequest
from services.matching.usecases.project_profile import project_profile

T = TypeVar("T")
ANY = IfMatch(None)
SETTINGS = MatchingSettings()
HALL, ROOM = Venue(kind="onsite", place="전시장 A-12"), Venue(kind="online", url="https://meet.example/1")
NAMED_ACTS = {"cancelled", "profile_withdrawn", "profile_erased"}
EXAMPLE = itertools.count()


class ShiftedClock(Clock):
    """mongod's clock, and how far the test has moved it on."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = dt.timedelta()

    def now_us(self) -> int:
        return super().now_us() + self.ahead // dt.timedelta(microseconds=1)


@dataclass
class World:
    """Two replicas' lanes on one database, in a loop of their own."""

    loop: asyncio.AbstractEventLoop
    databases: list[Database]
    lanes: list[Commands]
    clock: ShiftedClock

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)


async def _open(uri: str, name: str, clock: ShiftedClock) -> tuple[Database, Commands, asyncio.Task[None]]:
    database = Database(uri, name, source="/magpie/matching")
    database.clock = clock
    await database.prepare(store.ALL)
    lane = Commands(Committer(database, TopicNames("machine"), 64), heartbeat=Heartbeat("test"), wait_seconds=30.0)
    return database, lane, asyncio.ensure_future(lane.serve())


@pytest.fixture
def world(servers: Servers, run_id: str) -> Iterator[World]:
    loop, clock = asyncio.new_event_loop(), ShiftedClock()
    opened = [loop.run_until_complete(_open(servers.uri, run_id, clock)) for _ in range(2)]
    databases, lanes = [o[0] for o in opened], [o[1] for o in opened]
    yield World(loop, databases, lanes, clock)
    for lane in lanes:
        lane.stop()
    loop.run_until_complete(asyncio.gather(*(o[2] for o in opened)))
    for database in databases:
        database.close()
    loop.close()
    with MongoClient[Any](servers.uri) as client:
        client.drop_database(run_id)


class Booking(RuleBasedStateMachine):
    """Two Korean profiles of one firm, both represented by Ms Kim; two Chinese firms, each with a Mr Li of its own, who
    have the same pseudonym; every pair has agreed."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.name = world, f"x{next(EXAMPLE)}"
        world.clock.ahead = dt.timedelta()
        self.owner = {
            f"{self.name}-{p}": f"{self.name}-{o}" for p, o in zip(("k1", "k2", "c1", "c2"), "kkcd", strict=True)
        }
        self.member = {p: f"{self.name}-{m}" for p, m in zip(self.owner, ("kim", "kim", "li", "li"), strict=True)}
        self.profiles = list(self.owner)
        self.matches = [f"{self.name}-m{n}" for n in range(4)]
        self.parties = dict(zip(self.matches, itertools.product(self.profiles[:2], self.profiles[2:]), strict=True))
        soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=9)
        self.slots = list(itertools.islice(starts(soon, soon + dt.timedelta(days=10)), 5))
        self.meetings: dict[str, str] = {}
        self.starts: dict[str, dt.datetime] = {}
        self.venues: dict[str, Venue] = {}
        self.deadline: dict[str, dt.datetime] = {}
        self.booked: dict[str, dt.datetime] = {}
        self.sequence = dict.fromkeys(self.profiles, 1)
        self.waiting: list[tuple[str, Callable[[UnitOfWork], Awaitable[Any]]]] = []
        self.steps = 0
        world.run(self._settle_in())
        for match, slot in itertools.product(range(4), range(3)):
            self.ask(match, match % 2, slot)

    # -- the beginning

    async def _settle_in(self) -> None:
        async def seed(uow: UnitOfWork) -> None:
            for profile in self.profiles:
                await uow.get(store.PROFILES, profile)
                await uow.get(store.DESKS, profile)
                country = "KR" if profile in self.profiles[:2] else "CN"
                row = ProfileRow(id=profile, sequence=1, owner=self.owner[profile], state="published", country=country)
                uow.put(store.PROFILES, row)
                mine = {
                    m: OpenMatch(score=0.5, answered=True, agreed=True, owner=self.owner[q])
                    for m, p in self.parties.items()
                    for q in p
                    if profile in p and q != profile
                }
                uow.put(store.DESKS, Desk(id=profile, matches=mine))
            for match, parties in self.parties.items():
                await uow.get(store.PAIRS, pair_id(*parties))
                uow.put(store.PAIRS, Pair(id=pair_id(*parties), match_id=match))

        await self.world.lanes[0].run(seed)
        rows = [
            Match(
                id=match,
                revision=1,
                parties=sorted(parties),
                owners={p: self.owner[p] for p in parties},
                revisions=dict.fromkeys(parties, 1),
                score=0.5,
                interest=dict.fromkeys(parties, 0.5),
                evidence=[],
                state="agreed",
                accepted_by=sorted(parties),
                representatives={p: self.member[p] for p in parties},
                expires_at=dt.datetime.now(dt.UTC) + dt.timedelta(days=14),
            )
            for match, parties in self.parties.items()
        ]
        database = self.world.databases[0]
        await database.db.matches.insert_many([store.MATCHES.write(row) for row in rows])

    def caller(self, profile: str) -> Caller:
        return Caller(self.member[profile], self.owner[profile], frozenset({"participant"}))

    def act(self, name: str, decide: Callable[[UnitOfWork], Awaitable[Any]]) -> None:
        self.steps += 1
        self.waiting.append((name, decide))
        if len(self.waiting) == 6:
            self.let_loose()

    # -- what people do

    @rule(match=st.integers(0, 3), side=st.integers(0, 1), slot=st.integers(0, 4))
    def ask(self, match: int, side: int, slot: int) -> None:
        id = self.matches[match]
        caller = self.caller(self.parties[id][side])
        self.act(
            "ask",
            lambda uow: meetings.request_meeting(
                uow, caller=caller, wish=MeetingRequest(id, self.slots[slot], HALL), settings=SETTINGS
            ),
        )

    @rule(n=st.integers(0, 30), side=st.integers(0, 1), other_venue=st.sampled_from([None, None, None, ROOM]))
    def confirm(self, n: int, side: int, other_venue: Venue | None) -> None:
        if not self.meetings:
            return
        self._confirm(*self._chosen(n, side), other_venue)

    def _confirm(self, id: str, caller: Caller, other_venue: Venue | None) -> None:
        """The start and the venue that the sender saw last, which may have changed since."""
        start = self.starts[id]
        meant = Meant(start, other_venue or self.venues[id])
        self.act(
            f"confirm {start.isoformat()}",
            lambda uow: meetings.confirm_meeting(
                uow, caller=caller, meeting_id=id, meant=meant, if_match=ANY, settings=SETTINGS
            ),
        )

    @rule(slot=st.integers(0, 4))
    def all_confirm(self, slot: int) -> None:
        """Whatever is asked for at this time: of each two sides one did not ask."""
        for id in sorted(id for id, start in self.starts.items() if start == self.slots[slot]):
            for side in (0, 1):
                self._confirm(id, self.caller(self.parties[self.meetings[id]][side]), None)

    @rule(n=st.integers(0, 30), side=st.integers(0, 1), slot=st.integers(0, 4))
    def move(self, n: int, side: int, slot: int) -> None:
        if not self.booked:
            return
        id = sorted(self.booked)[n % len(self.booked)]
        caller = self.caller(self.parties[self.meetings[id]][side])
        self.act(
            "move",
            lambda uow: meetings.reschedule_meeting(
                uow, caller=caller, meeting_id=id, to=MoveRequest(self.slots[slot]), if_match=ANY, settings=SETTINGS
            ),
        )

    @rule(n=st.integers(0, 30), side=st.integers(0, 1))
    def cancel(self, n: int, side: int) -> None:
        if not self.meetings:
            return
        id, caller = self._chosen(n, side)
        self.act(
            "cancel",
            lambda uow: meetings.cancel_meeting(uow, caller=caller, meeting_id=id, if_match=ANY, settings=SETTINGS),
        )

    @rule(n=st.integers(0, 3), slot=st.integers(0, 4))
    def be_busy(self, n: int, slot: int) -> None:
        profile, start = self.profiles[n], self.slots[slot]
        times = [Busy(start=start, end=start + LENGTH)] if slot else []
        self.act(
            "busy",
            lambda uow: set_busy(
                uow, caller=self.caller(profile), member_id=self.member[profile], times=times, if_match=ANY
            ),
        )

    @rule(n=st.integers(0, 15))
    def withdraw(self, n: int) -> None:
        if n > 3 or self.steps < 30:  # seldom and late, or there is little left to do
            return
        profile = self.profiles[n]
        self.sequence[profile] += 1
        state = ProfileWithdrawn(
            profile_id=profile, owner=self.owner[profile], type="company", country="KR", state="withdrawn"
        )
        event: Incoming[ProfileState | None] = Incoming(
            data=state,
            id=f"{profile}-{self.sequence[profile]}",
            type=state.event_type,
            topic="profiles",
            key=profile,
            sequence=self.sequence[profile],
            time=dt.datetime.now(dt.UTC),
            cause=Cause(f"{profile}-{self.sequence[profile]}"),
        )
        self.act("withdraw", lambda uow: project_profile(uow, event))

    @rule(hours=st.sampled_from([1, 1, 49]), with_job=st.booleans())
    def time_passes(self, hours: int, with_job: bool) -> None:
        self.let_loose()
        if self.world.clock.ahead < dt.timedelta(days=6):
            self.world.clock.ahead += dt.timedelta(hours=hours)
        for id in self.meetings if with_job else ():
            job = Claimed(id, LAPSE.name, "t", 1, MeetingJob(meeting_id=id), Cause(id))
            self.act("lapse", lambda uow, job=job: meetings.lapse_meeting(uow, job))  # type: ignore[misc]

    def _chosen(self, n: int, side: int) -> tuple[str, Caller]:
        id = sorted(self.meetings)[n % len(self.meetings)]
        return id, self.caller(self.parties[self.meetings[id]][side])

    # -- all at once

    @rule()
    def let_loose(self) -> None:
        acts, self.waiting = self.waiting, []
        now = self.world.databases[0].now()
        answers = self.world.run(self._all(acts))
        for (name, _), answer in zip(acts, answers, strict=True):
            if isinstance(answer, Exception):
                assert isinstance(answer, (InvalidState, Invalid, NotFound, QuotaReached)), (name, answer)
                continue
            found = answer.meeting if isinstance(answer, meetings.RequestResult) else answer
            if not isinstance(found, Meeting):
                continue
            self.meetings.setdefault(found.id, found.match_id)
            self.starts[found.id], self.venues[found.id] = found.ask.start, found.ask.venue
            if found.state == "booked" and found.move is None and name.startswith("confirm"):
                assert name == f"confirm {found.start.isoformat()}", "booked at a time that its sender did not mean"
                if found.id not in self.booked and found.id in self.deadline:
                    assert now < self.deadline[found.id], "confirmed after its time"
                self.booked[found.id] = found.start
            if found.state == "requested" and found.lapses_at is not None:
                self.deadline[found.id] = found.lapses_at
        self.world.run(self._must_hold())

    async def _all(self, acts: list[tuple[str, Callable[[UnitOfWork], Awaitable[Any]]]]) -> list[Any]:
        lanes = itertools.cycle(self.world.lanes)
        return await asyncio.gather(*(next(lanes).run(decide) for _, decide in acts), return_exceptions=True)

    async def _must_hold(self) -> None:
        database = self.world.databases[0]
        mine = {"match_id": {"$in": self.matches}}
        found = {m.id: m for m in await database.find(store.MEETINGS, mine)}
        confirmed = [m for m in found.values() if m.state == "booked"]
        for a, b in combinations(confirmed, 2):
            if set(a.member_keys) & set(b.member_keys):
                assert a.end <= b.start or b.end <= a.start, "two confirmed meetings share a member and a moment"
        claims = await database.find(store.CLAIMS, {"meeting_id": {"$in": list(found)}})
        held = {claim.id: claim.meeting_id for claim in claims}
        assert held == {claim: m.id for m in confirmed for claim in m.claim_ids()}, "claims are the confirmed meetings'"
        rows = await _told(database, list(found))
        told = {id: [type for type, _ in told] for id, told in rows.items()}
        await self._budgets_must_hold(database, [event for told in rows.values() for event in told])
        for id, told_start in self.booked.items():
            stands = found[id]
            types = told[id]
            assert "magpie.meeting.booked" in types
            if stands.state != "booked":
                assert stands.state == "cancelled" and stands.reason in NAMED_ACTS, "a booking ends by a named act"
            elif stands.start != told_start:
                assert "magpie.meeting.rescheduled" in types, "a booking moves by consent"
        for m in found.values():
            assert m.revision == len(told[m.id]), "every write tells one event"
        keys = [member_key(self.owner[p], member) for p, member in self.member.items()]
        agendas = await database.find(store.AGENDAS, {"_id": {"$in": keys}})
        asking = {id for agenda in agendas for id in agenda.requests}
        assert asking == {m.id for m in found.values() if m.state == "requested" or m.move is not None}

    async def _budgets_must_hold(self, database: Database, told: list[tuple[str, Any]]) -> None:
        """What the other side hears of is counted, each once, whatever was decided again; and never more a day."""
        acts = Counter(self.owner[side] for type, body in told if (side := _acting(type, body)))
        spent = await database.find(store.BUDGETS, {"_id": {"$regex": f"^acts/{self.name}-"}})
        in_total = [b for b in spent if "|" not in b.id]
        used = Counter(org for b in in_total for org in [b.id.split("/")[1]] * b.used)
        assert used == acts, "budgets are what was told"
        most = SETTINGS.max_acts_per_pair_and_day
        assert all(b.used <= most for b in spent if "|" in b.id), "no one is told more in a day"

    def teardown(self) -> None:
        self.let_loose()


async def _told(database: Database, ids: list[str]) -> dict[str, list[tuple[str, Any]]]:
    """What was told of each meeting, in order: type and body. Nothing leaves the outbox here."""
    found: dict[str, list[tuple[str, Any]]] = {id: [] for id in ids}
    async for row in database.db.outbox.find({"key": {"$in": [id.encode() for id in ids]}}).sort("_id", 1):
        found[row["key"].decode()].append((row["headers"]["ce_type"], json.loads(row["value"])))
    return found


def _acting(type: str, body: Any) -> str | None:
    """The side whose act it was, if it counts."""
    if type == "magpie.meeting.requested":
        return str(body["asked_by"])
    if type == "magpie.meeting.move_requested":
        return str(body["move"]["asked_by"])
    return body.get("ended_by") if type == "magpie.meeting.cancelled" else None


def test_booking_holds_whatever_people_do_at_once(world: World) -> None:
    run_state_machine_as_test(
        lambda: Booking(world),  # type: ignore[arg-type]  # any factory will do
        settings=settings(
            max_examples=12, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    booked = world.run(world.databases[0].db.outbox.count_documents({"headers.ce_type": "magpie.meeting.booked"}))
    assert booked > 0, "the machine went nowhere near a booking"
