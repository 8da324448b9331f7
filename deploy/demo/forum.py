"""The steps of the forum: people register, answer matches, arrange meetings; at the end the books are checked."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx2

from services.chassis.tokens import mint

from .books import Books, Snapshot, find_problems, order_problems
from .client import Caller, GaveUp
from .content import Organisation, organisations
from .delegation import Delegation, Participant
from .measures import Measures
from .meetings import Meetings
from .show import Stage, Step
from .tail import Tail

SEED = 20220804
MAX_CONCURRENT = 16
"""Delegations that act at the same time."""
QUIET_SECONDS, SETTLE_SECONDS = 1.5, 60.0
"""Without a new event for this long, the topics count as quiet; the longest wait for events that are under way."""
MAX_WATCHED, POLL_SECONDS = 3, 0.05
"""Bookings whose notices are timed at the same time, and how often their inboxes are read."""
FUNNEL = ("registered", "proposed", "accepted", "agreed", "booked", "notified")


class StepMissing(Exception):
    """An essential step of the forum did not happen at all; the message names it."""


class Platform(Protocol):
    """A running system, as the forum needs it."""

    @property
    def bootstrap(self) -> str:
        """Address of Kafka, to read the topics."""
        ...

    @property
    def directory(self) -> Path:
        """Where the key lies that signs tokens."""
        ...

    def urls(self, name: str) -> list[str]:
        """Base addresses of a service."""
        ...


@dataclass
class Forum:
    """A forum on a running system."""

    system: Platform
    http: httpx2.AsyncClient
    seed: int = SEED
    size: int | None = None
    """Number of organisations that take part; None: all."""
    books: Books = field(default_factory=Books)
    measures: Measures = field(default_factory=Measures)

    def __post_init__(self) -> None:
        self.tail = Tail(self.system.bootstrap)
        self.funnel = dict.fromkeys(FUNNEL, 0)
        self.repeats: list[str] = []
        self.stage = Stage(self.tail, {}, self.funnel, self.measures, self.repeats, self.books.tally)
        self.delegations = [self._delegation(organisation) for organisation in organisations()[: self.size]]
        self.meetings = [Meetings(delegation, self._watch) for delegation in self.delegations]
        self.participants = {p.sub: p for delegation in self.delegations for p in delegation.people}
        self._watches: set[asyncio.Task[None]] = set()

    def _delegation(self, organisation: Organisation) -> Delegation:
        people = [self._participant(organisation, n) for n in range(len(organisation.people))]
        return Delegation(organisation, people, self.books, self.seed)

    def _participant(self, organisation: Organisation, n: int) -> Participant:
        person = organisation.people[n]
        token = mint(org=organisation.owner, role="participant", sub=person.sub, state_dir=self.system.directory)

        def caller(name: str) -> Caller:
            took = self.measures.http.setdefault(name, [])
            return Caller(self.system.urls(name), token, self.http, took, self.repeats)

        return Participant(
            person, caller("profiles"), caller("matching"), caller("translation"), caller("notifications")
        )

    # -- the steps

    async def run(self) -> list[str]:
        """Runs all steps. Returns the problems that the books show. Raises StepMissing, Refused, GaveUp."""
        reading = asyncio.ensure_future(self.tail.follow())
        try:
            await self._register()
            await self._answer()
            await self._meet()
            return await self._check_books()
        finally:
            self.stage.end()
            # They use the HTTP client and Kafka, which are closed next.
            for task in (reading, *self._watches):
                task.cancel()
            await asyncio.gather(reading, *self._watches, return_exceptions=True)

    async def _register(self) -> None:
        step = self.stage.begin("Organisations register, their people want to be told")
        await self._all(step, (self._register_one(delegation) for delegation in self.delegations))
        await self._wait_until_quiet()

    async def _register_one(self, delegation: Delegation) -> None:
        profile_id = await delegation.register()
        self.stage.by_profile[profile_id] = delegation.organisation
        for participant in delegation.people:
            await delegation.join(participant)
            self.funnel["registered"] += 1
        await delegation.publish()
        self.measures.published_at[profile_id] = time.monotonic()

    async def _answer(self) -> None:
        await self._each("They read what was proposed, and answer", [d.answer for d in self.delegations], again=True)
        await self._each(
            "Some ask for a partner whom they found themselves", [d.request_partner for d in self.delegations]
        )
        await self._each("Those who were asked for answer", [d.answer for d in self.delegations], again=True)
        _require_steps(self.funnel, "proposed", "accepted", "agreed")

    async def _meet(self) -> None:
        await self._each("Some keep hours for other things", [d.enter_busy_times for d in self.meetings])
        await self._each("The keener side asks for a meeting", [d.request for d in self.meetings])
        await self._each("The others confirm, or propose another room", [d.confirm for d in self.meetings], again=True)
        await self._each("Something comes up for some", [d.become_busy for d in self.meetings])
        await self._each("They ask for another time", [d.request_moves for d in self.meetings])
        await self._each("The others agree to it", [d.confirm_moves for d in self.meetings])
        await self._each("Some cannot come after all", [d.cancel for d in self.meetings])
        _require_steps(self.funnel, "booked")

    async def _each(self, name: str, turns: list[Callable[[], Awaitable[int]]], *, again: bool = False) -> None:
        """A step in which each delegation acts once. `again`: in rounds, until no one has anything left to do."""
        step = self.stage.begin(name)
        while sum(await self._all(step, (turn() for turn in turns))) and again:
            pass

    async def _check_books(self) -> list[str]:
        """Compares the books with the API until they agree, at most SETTLE_SECONDS: notices may still be under way."""
        step = self.stage.begin("The books: every answer, booking and notice, once")
        # First the samples: afterwards all inboxes are read at once, which would delay them.
        await asyncio.gather(*self._watches)
        await self._wait_until_quiet()
        end = time.monotonic() + SETTLE_SECONDS
        while True:
            found = await self._snapshot(step)
            self._count_final(found)
            problems = find_problems(self.books, found) or order_problems(self.tail.sequences)
            if not problems or time.monotonic() > end:
                if not problems:
                    _require_steps(self.funnel, "notified")
                return problems
            await asyncio.sleep(0.5)

    # -- how long until both sides have the notice

    def _watch(self, meeting: dict[str, Any]) -> None:
        """Starts to time the notices of a meeting that was confirmed just now; a sample, because polling costs time."""
        if len(self._watches) < MAX_WATCHED:
            task = asyncio.ensure_future(self._time_notices(meeting, time.monotonic()))
            self._watches.add(task)
            task.add_done_callback(self._watches.discard)

    async def _time_notices(self, meeting: dict[str, Any], since: float) -> None:
        with contextlib.suppress(GaveUp, TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                for member in meeting["members"]:
                    while not await self.participants[member].has_notice("meeting.booked", meeting["meeting_id"]):
                        await asyncio.sleep(POLL_SECONDS)
                self.measures.notice_seconds.append(time.monotonic() - since)

    # -- the state of the platform

    async def _snapshot(self, step: Step) -> Snapshot:
        matches = await self._all(step, (delegation.matches() for delegation in self.delegations))
        meetings = await self._all(step, (delegation.meetings() for delegation in self.delegations))
        inboxes = await self._all(step, (participant.inbox() for participant in self.participants.values()))
        notices = Counter(
            (sub, entry["template"], entry["about"].get("meeting_id") or entry["about"]["match_id"])
            for sub, inbox in zip(self.participants, inboxes, strict=True)
            for entry in inbox
        )
        return Snapshot(
            {match["match_id"]: match for page in matches for match in page},
            {meeting["meeting_id"]: meeting for page in meetings for meeting in page},
            notices,
        )

    def _count_final(self, found: Snapshot) -> None:
        """The funnel at the end, from the API."""
        self.funnel["proposed"] = len(found.matches)
        self.funnel["accepted"] = sum(bool(match["accepted_by"]) for match in found.matches.values())
        self.funnel["agreed"] = sum(match["state"] == "agreed" for match in found.matches.values())
        self.funnel["booked"] = sum(meeting_id in found.meetings for meeting_id in self.books.booked)
        self.funnel["notified"] = found.notices.total()

    def _count_live(self) -> None:
        """The funnel during the run, from the topics and the acknowledged answers."""
        self.funnel["proposed"] = self.tail.count("magpie.match.proposed")
        self.funnel["accepted"] = len({match_id for match_id, _ in self.books.accepted})
        self.funnel["agreed"] = self.tail.count("magpie.match.agreed")
        self.funnel["booked"] = len(self.books.booked)
        self.funnel["notified"] = self.tail.count("magpie.notification.sent")

    async def _wait_until_quiet(self) -> None:
        """Waits until matches were proposed and no new event has come for QUIET_SECONDS. Raises StepMissing."""
        end = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() - self.tail.last_at < QUIET_SECONDS or not self.tail.count("magpie.match.proposed"):
            if time.monotonic() > end:
                raise StepMissing(f"Nothing was proposed within {SETTLE_SECONDS:.0f} s.")
            self._count_live()
            await asyncio.sleep(0.1)

    async def _all(self, step: Step, acts: Iterable[Awaitable[Any]]) -> list[Any]:
        """Runs the acts, at most MAX_CONCURRENT at the same time, as one round of the step. Returns their results."""
        slots = asyncio.Semaphore(MAX_CONCURRENT)
        waiting = list(acts)
        step.done, step.total, step.round = 0, len(waiting), step.round + 1

        async def one(act: Awaitable[Any]) -> Any:
            async with slots:
                result = await act
            step.done += 1
            self._count_live()
            return result

        return await asyncio.gather(*(one(act) for act in waiting))


def _require_steps(funnel: dict[str, int], *steps: str) -> None:
    for step in steps:
        if not funnel[step]:
            raise StepMissing(f"The forum ended without anybody {step}.")
