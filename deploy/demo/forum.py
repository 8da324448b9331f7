"""The course of the forum: registering, answering, meeting, and the books at its end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from services.chassis.tokens import mint

from ..local.system import System
from .books import Books, Found, order_kept, wrong
from .client import Caller, GaveUp
from .content import Organisation, organisations
from .delegation import Delegation, Participant
from .measures import Measures
from .meetings import Diary
from .show import Stage, Step
from .tail import Tail

SEED = 20220804
AT_ONCE = 16
QUIET_SECONDS = 1.5
SETTLE_SECONDS = 60.0
WATCHED_AT_ONCE = 3
LOOK_SECONDS = 0.05
FUNNEL = ("registered", "proposed", "accepted", "agreed", "booked", "notified")


class StepMissing(Exception):
    """Something that a forum consists of did not happen; the text names it."""


@dataclass
class Forum:
    """A forum at a running system."""

    system: System
    http: httpx2.AsyncClient
    seed: int = SEED
    size: int | None = None
    """So many of the organisations come; all of them where it is None."""
    books: Books = field(default_factory=Books)
    measures: Measures = field(default_factory=Measures)

    def __post_init__(self) -> None:
        self.tail = Tail(self.system.servers.bootstrap)
        self.funnel = dict.fromkeys(FUNNEL, 0)
        self.repeats: list[str] = []
        self.stage = Stage(self.tail, {}, self.funnel, self.measures, self.repeats, self.books.tally)
        self.delegations = [self._delegation(organisation) for organisation in organisations()[: self.size]]
        self.diaries = [Diary(delegation, self._watch) for delegation in self.delegations]
        self.everybody = {p.sub: p for delegation in self.delegations for p in delegation.people}
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

    # -- the course

    async def run(self) -> list[str]:
        """Returns what is wrong with the books. Raises StepMissing, Refused, GaveUp."""
        tailing = asyncio.ensure_future(self.tail.follow())
        try:
            await self._register()
            await self._answer()
            await self._meet()
            return await self._balance()
        finally:
            self.stage.end()
            for task in (tailing, *self._watches):
                task.cancel()
            await asyncio.gather(tailing, *self._watches, return_exceptions=True)

    async def _register(self) -> None:
        step = self.stage.begin("Organisations register, their people want to be told")
        await self._all(step, (self._enter(delegation) for delegation in self.delegations))
        await self._quiet()

    async def _enter(self, delegation: Delegation) -> None:
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
            "Some ask for a partner whom they found themselves", [d.ask_for_partner for d in self.delegations]
        )
        await self._each("Those who were asked for answer", [d.answer for d in self.delegations], again=True)
        _happened(self.funnel, "proposed", "accepted", "agreed")

    async def _meet(self) -> None:
        await self._each("Some keep hours for other things", [d.keep_free for d in self.diaries])
        await self._each("The keener side asks for a meeting", [d.ask for d in self.diaries])
        await self._each("The others confirm, or propose another room", [d.confirm for d in self.diaries], again=True)
        await self._each("Something comes up for some", [d.have_other_plans for d in self.diaries])
        await self._each("They ask for another time", [d.move for d in self.diaries])
        await self._each("The others agree to it", [d.confirm_moves for d in self.diaries])
        await self._each("Some cannot come after all", [d.cancel for d in self.diaries])
        _happened(self.funnel, "booked")

    async def _each(self, name: str, turns: list[Callable[[], Awaitable[int]]], *, again: bool = False) -> None:
        """Everybody has a turn; `again`: until nobody has anything left to do."""
        step = self.stage.begin(name)
        while sum(await self._all(step, (turn() for turn in turns))) and again:
            pass

    async def _balance(self) -> list[str]:
        """Notices are on their way for a moment: the books must be right within a minute."""
        step = self.stage.begin("The books: every answer, booking and notice, once")
        await asyncio.gather(*self._watches)
        await self._quiet()
        end = time.monotonic() + SETTLE_SECONDS
        while True:
            found = await self._found(step)
            self._count(found)
            problems = wrong(self.books, found) or order_kept(self.tail.sequences)
            if not problems or time.monotonic() > end:
                if not problems:
                    _happened(self.funnel, "notified")
                return problems
            await asyncio.sleep(0.5)

    # -- how long until both have read of it

    def _watch(self, meeting: dict[str, Any]) -> None:
        """Of a meeting that was confirmed this moment. A few at a time: people do look, but not all the time."""
        if len(self._watches) < WATCHED_AT_ONCE:
            task = asyncio.ensure_future(self._until_told(meeting, time.monotonic()))
            self._watches.add(task)
            task.add_done_callback(self._watches.discard)

    async def _until_told(self, meeting: dict[str, Any], since: float) -> None:
        with contextlib.suppress(GaveUp, TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                for member in meeting["members"]:
                    while not await self.everybody[member].has_read("meeting.booked", meeting["meeting_id"]):
                        await asyncio.sleep(LOOK_SECONDS)
                self.measures.told.append(time.monotonic() - since)

    # -- what is there

    async def _found(self, step: Step) -> Found:
        matches = await self._all(step, (delegation.matches() for delegation in self.delegations))
        meetings = await self._all(step, (delegation.meetings() for delegation in self.delegations))
        inboxes = await self._all(step, (participant.inbox() for participant in self.everybody.values()))
        notices = Counter(
            (sub, entry["template"], entry["about"].get("meeting_id") or entry["about"]["match_id"])
            for sub, inbox in zip(self.everybody, inboxes, strict=True)
            for entry in inbox
        )
        return Found(
            {match["match_id"]: match for page in matches for match in page},
            {meeting["meeting_id"]: meeting for page in meetings for meeting in page},
            notices,
        )

    def _count(self, found: Found) -> None:
        """The funnel as the API has it in the end."""
        self.funnel["proposed"] = len(found.matches)
        self.funnel["accepted"] = sum(bool(match["accepted_by"]) for match in found.matches.values())
        self.funnel["agreed"] = sum(match["state"] == "agreed" for match in found.matches.values())
        self.funnel["booked"] = sum(meeting_id in found.meetings for meeting_id in self.books.booked)
        self.funnel["notified"] = found.notices.total()

    def _look(self) -> None:
        """The funnel as the topics and the answers have it on the way."""
        self.funnel["proposed"] = self.tail.count("magpie.match.proposed")
        self.funnel["accepted"] = len({match_id for match_id, _ in self.books.accepted})
        self.funnel["agreed"] = self.tail.count("magpie.match.agreed")
        self.funnel["booked"] = len(self.books.booked)
        self.funnel["notified"] = self.tail.count("magpie.notification.sent")

    async def _quiet(self) -> None:
        """Until nothing has passed over the topics for a while."""
        end = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() - self.tail.last_at < QUIET_SECONDS or not self.tail.count("magpie.match.proposed"):
            if time.monotonic() > end:
                raise StepMissing(f"Nothing was proposed within {SETTLE_SECONDS:.0f} s.")
            self._look()
            await asyncio.sleep(0.1)

    async def _all(self, step: Step, acts: Iterable[Awaitable[Any]]) -> list[Any]:
        """So many at once, as people at their desks would."""
        room = asyncio.Semaphore(AT_ONCE)
        waiting = list(acts)
        step.done, step.total, step.turn = 0, len(waiting), step.turn + 1

        async def one(act: Awaitable[Any]) -> Any:
            async with room:
                done = await act
            step.done += 1
            self._look()
            return done

        return await asyncio.gather(*(one(act) for act in waiting))


def _happened(funnel: dict[str, int], *steps: str) -> None:
    for step in steps:
        if not funnel[step]:
            raise StepMissing(f"The forum ended without anybody {step}.")
