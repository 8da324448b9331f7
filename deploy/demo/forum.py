"""The steps of the forum: people register, answer matches, arrange meetings; at the end the books are checked."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx2

from services.chassis.tokens import mint

from .attending import Attending
from .books import Books, Snapshot, find_problems, order_problems
from .client import Caller, GaveUp, expect_body
from .content import Organisation, organisations
from .delegation import Delegation, Participant
from .fast_time import FastTime
from .forum_days import ForumDays
from .measures import Measures
from .meetings import Meetings
from .organiser import Organiser
from .show import Stage, Step
from .steps import SETTLE_SECONDS, Steps, must_have_happened
from .tail import Tail

SEED = 20220804
MAX_WATCHED, POLL_SECONDS = 3, 0.05
"""Bookings whose notices are timed at the same time, and how often their inboxes are read."""
OFFICE = "forum-office"
"""The organisation of the organiser."""
FUNNEL = ("registered", "proposed", "accepted", "agreed", "booked", "notified")


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
    clock: FastTime | None = None
    """With a clock the days of the forum come; without one it is planned and published."""
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
        self.steps = Steps(self.stage, self.tail, self._count_live)
        attending = [Attending(delegation) for delegation in self.delegations]
        self.days = ForumDays(self.steps, self._organiser(), attending, self.books, self.clock, self.seed)
        self.stage.days = self.days.counted

    def _delegation(self, organisation: Organisation) -> Delegation:
        people = [self._participant(organisation, n) for n in range(len(organisation.people))]
        return Delegation(organisation, people, self.books, self.seed)

    def _participant(self, organisation: Organisation, n: int) -> Participant:
        person = organisation.people[n]
        token = mint(org=organisation.owner, role="participant", sub=person.sub, state_dir=self.system.directory)
        profiles, matching, translation, notifications = (
            self._caller(name, token) for name in ("profiles", "matching", "translation", "notifications")
        )
        return Participant(person, profiles, matching, translation, notifications)

    def _organiser(self) -> Organiser:
        token = mint(org=OFFICE, role="organiser", state_dir=self.system.directory)
        return Organiser(self._caller("matching", token), self.seed)

    def _caller(self, name: str, token: str) -> Caller:
        took = self.measures.http.setdefault(name, [])
        return Caller(self.system.urls(name), token, self.http, took, self.repeats)

    # -- the steps

    async def run(self) -> list[str]:
        """Runs all steps. Returns the problems that the books show. Raises StepMissing, Refused, GaveUp."""
        reading = asyncio.ensure_future(self.tail.follow())
        try:
            await self._register()
            await self._answer()
            await self._meet()
            await self._hold_forum()
            return await self._check_books()
        finally:
            self.stage.end()
            # They use the HTTP client and Kafka, which are closed next.
            for task in (reading, *self._watches):
                task.cancel()
            await asyncio.gather(reading, *self._watches, return_exceptions=True)

    async def _register(self) -> None:
        step = self.stage.begin("Organisations register, their people want to be told")
        await self.steps.all(step, (self._register_one(delegation) for delegation in self.delegations))
        await self.steps.wait_until_quiet()

    async def _register_one(self, delegation: Delegation) -> None:
        profile_id = await delegation.register()
        self.stage.by_profile[profile_id] = delegation.organisation
        for participant in delegation.people:
            await delegation.join(participant)
            self.funnel["registered"] += 1
        await delegation.publish()
        self.measures.published_at[profile_id] = time.monotonic()

    async def _answer(self) -> None:
        answers = [d.answer for d in self.delegations]
        await self.steps.each("They read what was proposed, and answer", answers, again=True)
        await self.steps.each(
            "Some ask for a partner whom they found themselves", [d.request_partner for d in self.delegations]
        )
        await self.steps.each("Those who were asked for answer", answers, again=True)
        await self.steps.must_be_seen(self.funnel, "proposed", "accepted", "agreed")

    async def _meet(self) -> None:
        confirms = [d.confirm for d in self.meetings]
        await self.steps.each("Some keep hours for other things", [d.enter_busy_times for d in self.meetings])
        await self.steps.each("The keener side asks for a meeting", [d.request for d in self.meetings])
        await self.steps.each("The others confirm, or propose another room", confirms, again=True)
        await self.steps.each("Something comes up for some", [d.become_busy for d in self.meetings])
        await self.steps.each("They ask for another time", [d.request_moves for d in self.meetings])
        await self.steps.each("The others agree to it", [d.confirm_moves for d in self.meetings])
        await self.steps.each("Some cannot come after all", [d.cancel for d in self.meetings])
        must_have_happened(self.funnel, "booked")

    async def _hold_forum(self) -> None:
        days, answers = self.days, [d.answer for d in self.delegations]
        await days.announce()
        await self.steps.each("They answer what the round proposes", answers, again=True)
        await self.steps.wait_until_quiet()
        await days.publish()
        await days.hold()
        self.stage.report = days.report

    async def _check_books(self) -> list[str]:
        """Compares the books with the API until they agree, at most SETTLE_SECONDS: notices may still be under way."""
        step = self.stage.begin("The books: every answer, booking and notice, once")
        # First the samples: afterwards all inboxes are read at once, which would delay them.
        await asyncio.gather(*self._watches)
        await self.steps.wait_until_quiet()
        end = time.monotonic() + SETTLE_SECONDS
        while True:
            found = await self._snapshot(step)
            self._count_final(found)
            problems = find_problems(self.books, found) or order_problems(self.tail.sequences)
            if not problems or time.monotonic() > end:
                if not problems:
                    must_have_happened(self.funnel, "notified")
                return problems
            await asyncio.sleep(0.5)

    def result(self, seconds: float) -> dict[str, Any]:
        """How far everybody came, for one line of JSON."""
        return {"funnel": self.funnel, **self.days.counted, "seconds": round(seconds, 1)}

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
        matches = await self.steps.all(step, (delegation.matches() for delegation in self.delegations))
        meetings = await self.steps.all(step, (delegation.meetings() for delegation in self.delegations))
        inboxes = await self.steps.all(step, (participant.inbox() for participant in self.participants.values()))
        notices = Counter(
            (sub, entry["template"], _subject(entry["about"]))
            for sub, inbox in zip(self.participants, inboxes, strict=True)
            for entry in inbox
        )
        return Snapshot(
            {match["match_id"]: match for page in matches for match in page},
            {meeting["meeting_id"]: meeting for page in meetings for meeting in page},
            notices,
            dict(await self.steps.all(step, map(self._outcome, {id for id, _ in self.books.seats.outcomes}))),
        )

    async def _outcome(self, match_id: str) -> tuple[str, Any]:
        answer = await self.days.organiser.matching.get(f"/v1/matches/{match_id}/outcome")
        return match_id, expect_body(answer, 200)["reported"]

    def _count_final(self, found: Snapshot) -> None:
        """The funnel at the end, from the API."""
        self.funnel["proposed"] = len(found.matches)
        self.funnel["accepted"] = sum(bool(match["accepted_by"]) for match in found.matches.values())
        self.funnel["agreed"] = sum(match["state"] == "agreed" for match in found.matches.values())
        self.funnel["booked"] = sum(
            meeting_id in found.meetings for meeting_id in self.books.booked.keys() - self.books.seats.by_meeting.keys()
        )
        self.funnel["notified"] = found.notices.total()

    def _count_live(self) -> None:
        """The funnel during the run, from the topics and the acknowledged answers."""
        self.funnel["proposed"] = self.tail.count("magpie.match.proposed")
        self.funnel["accepted"] = len({match_id for match_id, _ in self.books.accepted})
        self.funnel["agreed"] = self.tail.count("magpie.match.agreed")
        self.funnel["booked"] = len(self.books.booked.keys() - self.books.seats.by_meeting.keys())
        self.funnel["notified"] = self.tail.count("magpie.notification.sent")


def _subject(about: dict[str, str]) -> str:
    """What a notice is about: a meeting, a match, or the plan of a forum."""
    return about.get("meeting_id") or about.get("match_id") or f"{about['forum_id']}/{about['plan']}"
