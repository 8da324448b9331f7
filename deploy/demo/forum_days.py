"""The forum itself: announced, ranked, planned, published; then its two days in fast time, and what came of them."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from . import venue
from .attending import Attending
from .books import Books
from .client import expect_body
from .fast_time import FastTime
from .organiser import Body, Organiser
from .people import Comes
from .seats import Seat
from .steps import StepMissing, Steps, must_have_happened

COUNTED = ("scheduled", "published", "checked_in", "outcomes")
DAYS_AHEAD = (8, 30)
"""How many days from now the forum begins, at least and at most."""
AFTER_START = dt.timedelta(minutes=6)
"""When those who came look around for those who did not."""
EVENING = dt.timedelta(minutes=45)
CANCELLATIONS = 2


@dataclass
class ForumDays:
    """The forum of an organiser, on a platform whose participants are registered and have answered already."""

    steps: Steps
    organiser: Organiser
    attending: Sequence[Attending]
    books: Books
    clock: FastTime | None
    """None: the forum is planned and published, and its days do not come."""
    seed: int
    counted: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    days: list[str] = field(default_factory=list)
    report: Body | None = None

    # -- before the days

    async def announce(self) -> None:
        """The organiser announces the forum, everybody registers, a round ranks those who come."""
        self.steps.stage.begin("The organiser announces a forum of two days, with two halls and 20 tables")
        self.days = await self._choose_days()
        await self.organiser.announce(self.days, self.attending[0].me)
        await self.steps.each("They register their delegates", [self._registers(one) for one in self.attending])
        self.steps.stage.begin("A round ranks all who come, and proposes to both sides")
        await self.organiser.end_registration()
        await self.organiser.rank()
        await self.steps.wait_until_quiet()

    def _registers(self, one: Attending) -> Callable[[], Awaitable[int]]:
        return lambda: one.register(self.organiser.forum_id, self.days[-1])

    async def _choose_days(self) -> list[str]:
        """Two days on which both countries work, as their calendars say. Raises StepMissing, Refused."""
        now = self.clock.now() if self.clock else dt.datetime.now(dt.UTC)
        first, last = (now + dt.timedelta(days=days) for days in DAYS_AHEAD)
        for one in self.attending:
            for match in await one.delegation.matches("agreed"):
                asked = {"match_id": match["match_id"], "from": first.isoformat(), "to": last.isoformat()}
                answer = await one.delegation.head.matching.get("/v1/slots", limit=1000, **asked)
                days = venue.two_days([slot["start"] for slot in expect_body(answer, 200)["items"]])
                if len(days) > 1:
                    return days
        raise StepMissing("There are no two days on which both countries work.")

    async def publish(self) -> None:
        """The organiser has the forum planned and publishes the plan; everybody is told once."""
        stage = self.steps.stage
        stage.begin("The organiser has it planned: who meets when, at which table, with which interpreter")
        draft = await self.organiser.plan()
        self.counted["scheduled"] = draft["placed"]
        stage.begin("The plan is published: people, tables and interpreters are booked")
        plan, planned = await self.organiser.publish(), await self.organiser.planned()
        await self._take(plan, planned)
        await self.steps.each("Everybody is told once, with the whole day", [a.read_the_day for a in self.attending])
        must_have_happened(self.counted, "scheduled", "published")
        await self.steps.wait_until_quiet()

    async def _take(self, plan: Body, planned: list[Body]) -> None:
        """Writes what was published into the books."""
        step = self.steps.stage.steps[-1]
        pages = await self.steps.all(step, (one.delegation.meetings("booked") for one in self.attending))
        seats = self.books.seats
        seats.name = f"{self.organiser.forum_id}/{self.organiser.number}"
        booked = {meeting["match_id"]: meeting for page in pages for meeting in page}
        seats.take(planned, plan.get("refused") or {}, booked)
        for seat in seats.by_meeting.values():
            self.books.record_seat(seat)
        self.counted["published"] = len(seats.by_meeting)

    # -- the days

    async def hold(self) -> None:
        """Both days, slot by slot: changes, check-ins, no-shows; afterwards what became of it, and the report."""
        if self.clock is None:
            return
        await self.organiser.draw_codes()
        for n, day in enumerate(self.days):
            await self._morning(n, day)
            await self._answer_offers()
            await self._meet(f"Day {n + 1}: they meet, slot by slot", day, "00:00", "12:00")
            if n == 0:
                await self._interpreter_is_ill(day)
                await self._answer_offers()
            await self._meet(f"Day {n + 1}: the afternoon", day, "12:00", "23:59")
            self._go_to(venue.clock(day, venue.CLOSES) + EVENING)
            if n == 0:
                turns = [one.delegation.answer_after_all for one in self.attending]
                await self.steps.each("Day 1, in the evening: some say yes after all, and wait for a time", turns)
        await self.steps.wait_until_quiet()
        self.counted["outcomes"] = await self.steps.each(
            "In the evening they write down how it was, and what came of it", [a.look_back for a in self.attending]
        )
        self.steps.stage.begin("The report of the forum")
        self.report = await self.organiser.report()
        must_have_happened(self.counted, "checked_in", "outcomes")

    def _go_to(self, at: dt.datetime) -> None:
        assert self.clock
        self.clock.leap_to(at)
        self.books.time = self.clock.now()

    async def _morning(self, n: int, day: str) -> None:
        self._go_to(venue.clock(day, "09:00"))
        if n == 0:
            self.steps.stage.begin("Day 1, 09:00: a delegation comes late; its meetings of the morning move")
            await self._delegation_is_late(day)
        else:
            step = self.steps.stage.begin("Day 2, 09:00: two cannot come, and give the time back")
            await self.steps.all(step, (self._of(min(seat.sides)).release(seat) for seat in self._given_back(day)))

    async def _delegation_is_late(self, day: str) -> None:
        """Of all people the one with the most meetings before lunch comes in the afternoon."""
        noon = venue.clock(day, venue.LUNCH[0])
        morning = [seat for seat in self._to_come() if seat.start < noon]
        busiest = Counter((sub, side) for seat in morning for side, sub in seat.sides.items()).most_common(1)
        for (sub, side), _ in busiest:
            until = venue.clock(day, venue.LUNCH[1])
            change = {"kind": "delegate", "id": sub, "profile_id": side, "start": venue.clock(day, venue.OPENS)}
            await self._change(change, until)

    async def _interpreter_is_ill(self, day: str) -> None:
        """The busiest interpreter goes home at lunch, for both days."""
        self._go_to(venue.clock(day, "12:30"))
        self.steps.stage.begin("Day 1, 12:30: an interpreter is ill; others take over, or meetings move")
        helped = Counter(seat.interpreter for seat in self._to_come() if seat.interpreter)
        for id, _ in helped.most_common(1):
            change = {"kind": "interpreter", "id": id, "start": venue.clock(day, "12:30")}
            await self._change(change, venue.clock(self.days[-1], venue.CLOSES))

    async def _answer_offers(self) -> None:
        """Times that became free are offered to others, who have twenty minutes to answer."""
        await self.steps.wait_until_quiet()
        turns = [one.answer_offers for one in self.attending]
        await self.steps.each("Who is offered a time that became free takes it", turns, again=True)

    async def _change(self, change: Body, until: dt.datetime) -> None:
        asked = {**change, "start": change["start"].isoformat(), "end": until.isoformat()}
        done = await self.organiser.change(asked)
        self.books.record_change(done["moved"], done["lost"])

    def _given_back(self, day: str) -> list[Seat]:
        """Two meetings of the day, by chance the same in every run: if it may be with an interpreter, whose time others
        wait for since one is ill."""
        today = [seat for seat in self._to_come() if seat.start.date().isoformat() == day]
        known = sorted(today, key=lambda seat: (seat.start, sorted(seat.sides.values())))
        random.Random(f"{self.seed}/given back").shuffle(known)
        return sorted(known, key=lambda seat: seat.interpreter is None)[:CANCELLATIONS]

    async def _meet(self, name: str, day: str, since: str, until: str) -> None:
        """Slot after slot of a part of a day. A change may have moved meetings, so each slot is looked up when it
        comes."""
        step, end, last = self.steps.stage.begin(name), venue.clock(day, until), venue.clock(day, since)
        while starts := [seat.start for seat in self._standing() if last < seat.start < end]:
            last = min(starts)
            self._go_to(last + AFTER_START)
            now = [seat for seat in self._standing() if seat.start == last]
            await self.steps.all(step, (self._at_table(seat) for seat in now))

    async def _at_table(self, seat: Seat) -> None:
        """Both sides come, or one waits in vain."""
        here = [self._of(side) for side in sorted(seat.sides)]
        came = [one for one in here if await one.check_in(seat, self.organiser.codes)]
        self.counted["checked_in"] += len(came)
        if len(came) == 1 and any(one.comes(seat) is Comes.NOT for one in here):
            await came[0].say_no_show(seat)

    def _standing(self) -> list[Seat]:
        return [seat for id, seat in self.books.seats.by_meeting.items() if id not in self.books.cancelled]

    def _to_come(self) -> list[Seat]:
        assert self.clock
        now = self.clock.now()
        return [seat for seat in self._standing() if seat.start > now]

    def _of(self, profile_id: str) -> Attending:
        return next(one for one in self.attending if one.me == profile_id)
