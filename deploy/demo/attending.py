"""What a delegation does at the forum: registers, reads its day, comes to its tables, says what became of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import people, venue
from .client import expect_body
from .delegation import Delegation, Participant
from .people import Comes
from .seats import Seat, Seats, is_offer
from .steps import SETTLE_SECONDS

POLL_SECONDS = 0.3


@dataclass
class Attending:
    """A delegation at the forum. Acts that count return how many times they were done."""

    delegation: Delegation
    remote: set[str] = field(default_factory=set)
    """Members who take part remotely."""

    @property
    def me(self) -> str:
        """Id of the delegation's profile."""
        return self.delegation.profile_id

    @property
    def seats(self) -> Seats:
        """The books of the plan."""
        return self.delegation.books.seats

    async def register(self, forum_id: str, last_day: str) -> int:
        """Registers all its people as delegates. Returns their number."""
        delegates = [
            venue.delegate(p.sub, p.person.lang, last_day, self.delegation.chance(p.sub, "attends"))
            for p in self.delegation.people
        ]
        self.remote = {one["member_id"] for one in delegates if one.get("attendance") == "remote"}
        path = f"/v1/forums/{forum_id}/registrations/{self.me}"
        expect_body(await self.delegation.head.matching.put(path, {"delegates": delegates}), 200, 201)
        return len(delegates)

    async def read_the_day(self) -> int:
        """Everybody looks for one notice with just the meetings that are booked for the organisation. Returns how many
        have it."""
        if not self.seats.of(self.me):
            return 0
        return sum(await asyncio.gather(*(self._is_told(participant) for participant in self.delegation.people)))

    async def _is_told(self, participant: Participant) -> bool:
        end, count = time.monotonic() + SETTLE_SECONDS, len(self.seats.of(self.me))
        while True:
            told = [entry for entry in await participant.inbox() if entry["template"] == "forum.planned"]
            if [len(entry["lines"]) for entry in told] == [count]:
                return True
            if time.monotonic() > end:
                self.seats.told_wrong.append(f"{participant.sub} has {len(told)} notices of {count} meetings")
                return False
            await asyncio.sleep(POLL_SECONDS)

    # -- on the days

    async def answer_offers(self) -> int:
        """Takes what the forum offers of times that became free. Returns how often."""
        taken = 0
        for meeting in await self.delegation.meetings("requested"):
            if not is_offer(meeting) or self.me in meeting["accepted_by"]:
                continue
            body = {"start": meeting["start"]}  # the forum offers each time with one place
            who = self.delegation.participant(meeting["sides"][self.me])
            answer = await who.matching.post(f"/v1/meetings/{meeting['meeting_id']}/confirm", body)
            if answer.status_code == 409:  # it lapsed, or its time is not free any more
                continue
            changed = expect_body(answer, 200)
            if changed["state"] == "booked":
                self.delegation.books.record_seat(self.seats.record_offer(changed))
            taken += 1
        return taken

    def comes(self, seat: Seat) -> Comes:
        """Whether and how our side comes to a meeting; the same answer each time."""
        return people.comes(self._who(seat).sub in self.remote, self._chance(seat, "comes"))

    async def check_in(self, seat: Seat, codes: Mapping[str, str]) -> bool:
        """Our side is there, by the code at the table or by a call, if it comes and thinks of it."""
        who, how = self._who(seat), self.comes(seat)
        if how not in (Comes.AT_TABLE, Comes.BY_CALL):
            return False
        code = codes.get(seat.place or "")
        if how is Comes.AT_TABLE and code is not None:
            answer = await who.matching.post("/v1/check-ins", {"code": code})
        else:
            answer = await who.matching.post(f"/v1/meetings/{seat.meeting_id}/check-in")
        self.seats.record_check_in(expect_body(answer, 200)["meeting_id"], self.me)
        return True

    async def say_no_show(self, seat: Seat) -> None:
        """The other side did not come."""
        expect_body(await self._who(seat).matching.post(f"/v1/meetings/{seat.meeting_id}/no-show"), 200)
        self.seats.missed.add(seat.meeting_id)

    async def release(self, seat: Seat) -> None:
        """Gives the time of a meeting back."""
        expect_body(await self._who(seat).matching.post(f"/v1/meetings/{seat.meeting_id}/release"), 200)
        self.delegation.books.cancelled.add(seat.meeting_id)

    # -- afterwards

    async def look_back(self) -> int:
        """Writes down how its meetings were, and reports what became of some of them. Returns the number of reports."""
        met = [seat for seat in self.seats.of(self.me) if self.me in self.seats.here.get(seat.meeting_id, ())]
        reported = 0
        for seat in met:
            if seat.meeting_id in self.seats.missed:
                continue
            chance = self._chance(seat, "afterwards")
            if (rating := people.rates(chance)) is not None:
                await self._write_debrief(seat, rating)
            if steps := people.outcome(chance):
                await self._report(seat, steps)
                reported += 1
        return reported

    async def _write_debrief(self, seat: Seat, rating: int) -> None:
        path, body = f"/v1/meetings/{seat.meeting_id}/debrief", {"rating": rating, "would_meet_again": rating > 2}
        matching = self._who(seat).matching
        answer = await matching.put(path, body)
        if answer.status_code == 428 or answer.status_code == 412:  # a repetition: it is written already
            answer = await matching.get(path)
        expect_body(answer, 200)

    async def _report(self, seat: Seat, steps: list[str]) -> None:
        path = f"/v1/matches/{seat.match_id}/outcome"
        expect_body(await self._who(seat).matching.put(path, {"steps": steps}), 200)
        self.seats.outcomes[seat.match_id, self.me] = steps

    def _who(self, seat: Seat) -> Participant:
        return self.delegation.participant(seat.sides[self.me])

    def _chance(self, seat: Seat, what: str) -> Any:
        other = "".join(sub for side, sub in seat.sides.items() if side != self.me)
        return self.delegation.chance(seat.sides[self.me], what, other)
