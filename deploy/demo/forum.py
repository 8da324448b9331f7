"""The course of the forum: registering, answering, meeting, and the books at its end."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from services.chassis.tokens import mint

from ..local.system import System
from .books import Books, Found, order_kept, wrong
from .client import Caller
from .content import Organisation, organisations
from .people import Participant
from .show import Stage, latencies
from .tail import Tail

AT_ONCE = 12
QUIET_SECONDS = 2.0
SETTLE_SECONDS = 60.0
FUNNEL = ("registered", "proposed", "accepted", "agreed", "booked", "notified")


class StepMissing(Exception):
    """Something that a forum consists of did not happen; the text names it."""


@dataclass
class Forum:
    """A forum at a running system."""

    system: System
    http: httpx2.AsyncClient
    seed: int = 20220804
    books: Books = field(default_factory=Books)

    def __post_init__(self) -> None:
        self.tail = Tail(self.system.servers.bootstrap)
        self.funnel = dict.fromkeys(FUNNEL, 0)
        self.stage = Stage(self.tail, {}, self.funnel)
        self.delegations = [(o, [self._participant(o, n) for n in range(len(o.people))]) for o in organisations()]

    def _participant(self, organisation: Organisation, n: int) -> Participant:
        person = organisation.people[n]
        token = mint(org=organisation.owner, role="participant", sub=person.sub, state_dir=self.system.directory)
        chance = random.Random(f"{self.seed}/{person.sub}")
        profiles, matching, notifications = (
            Caller(self.system.urls(name), token, self.http) for name in ("profiles", "matching", "notifications")
        )
        return Participant(organisation, person, profiles, matching, notifications, self.books, chance)

    @property
    def heads(self) -> list[Participant]:
        """Who answers for each organisation."""
        return [people[0] for _, people in self.delegations]

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
            tailing.cancel()
            await asyncio.gather(tailing, return_exceptions=True)

    async def _register(self) -> None:
        self.stage.say("Organisations register, their people want to be told")
        await self._all(self._enter(organisation, people) for organisation, people in self.delegations)
        await self._quiet()

    async def _enter(self, organisation: Organisation, people: Sequence[Participant]) -> None:
        profile_id = await people[0].register()
        self.stage.by_profile[profile_id] = organisation
        for participant in people:
            await participant.join(profile_id)
            self.funnel["registered"] += 1
        await people[0].publish()
        self.stage.published_at[profile_id] = time.monotonic()

    async def _answer(self) -> None:
        self.stage.say("They read what was proposed, and answer")
        quiet = 0
        while quiet < 2:
            given = sum(await self._all(head.answer() for head in self.heads))
            quiet = 0 if given else quiet + 1
            self._count_matches(await self._matches())
        _happened(self.funnel, "proposed", "accepted", "agreed")

    async def _meet(self) -> None:
        self.stage.say("Korean sides ask for meetings, Chinese sides confirm")
        koreans = [head for head in self.heads if head.organisation.country == "KR"]
        await self._all(head.ask_for_meetings() for head in koreans)
        while sum(await self._all(head.confirm_meetings() for head in self.heads)):
            self.funnel["booked"] = len(self.books.booked)
        await self._all(head.cancel_some() for head in koreans)
        self.funnel["booked"] = len(self.books.booked)
        _happened(self.funnel, "booked")

    async def _balance(self) -> list[str]:
        """Notices are on their way for a moment: the books must be right within a minute."""
        self.stage.say("The books: every answer, booking and notice, once")
        end = time.monotonic() + SETTLE_SECONDS
        while True:
            found = await self._found()
            self._count_matches(found.matches.values())
            self.funnel["notified"] = found.notices.total()
            problems = wrong(self.books, found) or order_kept(self.tail.sequences)
            if not problems or time.monotonic() > end:
                if not problems:
                    _happened(self.funnel, "notified")
                return problems
            await asyncio.sleep(0.5)

    # -- what is there

    async def _matches(self) -> list[dict[str, Any]]:
        pages = await self._all(head.matches() for head in self.heads)
        return list({match["match_id"]: match for page in pages for match in page}.values())

    async def _found(self) -> Found:
        matches = {match["match_id"]: match for match in await self._matches()}
        pages = await self._all(head.meetings() for head in self.heads)
        meetings = {meeting["meeting_id"]: meeting for page in pages for meeting in page}
        everybody = [participant for _, people in self.delegations for participant in people]
        inboxes = await self._all(participant.inbox() for participant in everybody)
        notices = Counter(
            (participant.person.sub, entry["template"], entry["about"].get("meeting_id") or entry["about"]["match_id"])
            for participant, inbox in zip(everybody, inboxes, strict=True)
            for entry in inbox
        )
        return Found(matches, meetings, notices)

    def _count_matches(self, matches: Iterable[dict[str, Any]]) -> None:
        found = list(matches)
        self.funnel["proposed"] = len(found)
        self.funnel["accepted"] = sum(bool(m["accepted_by"]) for m in found)
        self.funnel["agreed"] = sum(m["state"] == "agreed" for m in found)

    async def _quiet(self) -> None:
        """Until nothing has passed over the topics for a while."""
        end = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() - self.tail.last_at < QUIET_SECONDS or not self.tail.counts.get("magpie.match.proposed"):
            if time.monotonic() > end:
                raise StepMissing(f"Nothing was proposed within {SETTLE_SECONDS:.0f} s.")
            self.funnel["proposed"] = self.tail.counts.get("magpie.match.proposed", 0)
            await asyncio.sleep(0.1)

    async def _all(self, acts: Iterable[Awaitable[Any]]) -> list[Any]:
        """A dozen at once, as people at their desks would."""
        room = asyncio.Semaphore(AT_ONCE)

        async def one(act: Awaitable[Any]) -> Any:
            async with room:
                return await act

        return await asyncio.gather(*(one(act) for act in acts))

    def waits(self) -> list[float]:
        return latencies(self.stage.published_at, self.tail.proposed_at)


def _happened(funnel: dict[str, int], *steps: str) -> None:
    for step in steps:
        if not funnel[step]:
            raise StepMissing(f"The forum ended without anybody {step}.")
