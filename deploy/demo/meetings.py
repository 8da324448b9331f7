"""What a delegation does about its meetings: asks, confirms, turns round, moves, cancels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import people
from .client import expected
from .delegation import Delegation, Participant
from .people import Leave

SLOTS = 60
NOTICE = dt.timedelta(days=1)
"""Nobody meets today: requests for the same day lapse while the forum still runs."""
Meeting = dict[str, Any]


@dataclass
class Diary:
    """The meetings of a delegation. `booked` hears of each that it confirms."""

    delegation: Delegation
    booked: Callable[[Meeting], None]
    asked: set[str] = field(default_factory=set)
    """What we asked for ourselves, as people remember."""

    @property
    def me(self) -> str:
        return self.delegation.profile_id

    # -- asking

    async def keep_free(self) -> int:
        """Some have other things to do in the coming days. Returns how many said so."""
        busy = [p for p in self.delegation.people if people.by_chance(people.SHARE_BUSY, self._chance(p, "busy"))]
        for participant in busy:
            await participant.is_busy(people.busy_times(dt.datetime.now(dt.UTC), self._chance(participant, "when")))
        return len(busy)

    async def ask(self) -> int:
        """Where ours is the keener side of an agreed match, one request at one of the free times."""
        asked = 0
        for match in await self.delegation.matches("agreed"):
            who = self.delegation.in_charge(match)
            chance = self._chance(who, "ask", people.subject(match))
            if people.asks_first(match, self.me, chance):
                start = people.choose(await self._slots(who, match["match_id"]), chance)
                asked += start is not None
                if start is not None:
                    await self._request(who, match["match_id"], start, people.venue(chance))
        return asked

    async def _slots(self, who: Participant, match_id: str) -> list[Any]:
        start = (dt.datetime.now(dt.UTC) + NOTICE).isoformat()
        answer = await who.matching.get("/v1/slots", match_id=match_id, limit=SLOTS, **{"from": start})
        items: list[Any] = expected(answer, 200)["items"]
        return items

    async def _request(self, who: Participant, match_id: str, start: str, venue: people.Shown) -> None:
        body = {"match_id": match_id, "start": start, "venue": venue}
        answer = await who.matching.post("/v1/meetings", body)
        meeting = expected(answer, 200, 201)
        if answer.status_code == 201:
            self.delegation.books.asks(meeting["meeting_id"], self.me)
        self.asked.add(meeting["meeting_id"])

    # -- confirming

    async def confirm(self) -> int:
        """Answers what others ask for; what is left lying stays so. Returns how many were dealt with."""
        dealt = 0
        for meeting in await self.delegation.meetings("requested"):
            if meeting["asked_by"] == self.me:
                continue
            who = self._who(meeting)
            act = people.on_request(
                meeting, meeting["meeting_id"] in self.asked, self._chance(who, "confirm", self._other(meeting))
            )
            if not isinstance(act, Leave):
                await self._confirm(who, meeting, act.venue)
                dealt += 1
        return dealt

    async def _confirm(self, who: Participant, meeting: Meeting, venue: people.Shown | None) -> None:
        body = None if venue is None else {"venue": venue}
        answer = await who.matching.post(f"/v1/meetings/{meeting['meeting_id']}/confirm", body)
        if answer.status_code == 409:
            await self._ask_instead(who, meeting, answer.json())
            return
        now = expected(answer, 200)
        if now["state"] == "booked":
            self.delegation.books.booked[now["meeting_id"]] = now["start"]
            self.booked(now)
        else:
            self.delegation.books.asks(now["meeting_id"], self.me)

    async def _ask_instead(self, who: Participant, meeting: Meeting, refusal: dict[str, Any]) -> None:
        """Somebody is taken or busy then: the first of the times that the refusal offers, and no to the old one."""
        if refusal.get("slots"):
            await self._request(who, meeting["match_id"], refusal["slots"][0]["start"], meeting["venue"])
        await self._cancel(who, meeting)

    # -- moving and cancelling

    async def have_other_plans(self) -> int:
        """Now and then something comes up at the hour of a meeting; the platform marks the conflict."""
        found = 0
        for meeting in await self.delegation.meetings("booked"):
            who = self._who(meeting)
            mine = meeting["asked_by"] == self.me
            if mine and people.by_chance(people.SHARE_BUSY_LATER, self._chance(who, "plans", self._other(meeting))):
                await who.is_busy([{"start": meeting["start"], "end": meeting["end"]}])
                self.delegation.books.conflicts[meeting["meeting_id"]] += 1
                found += 1
        return found

    async def move(self) -> int:
        """Asks to move some of the meetings that we asked for."""
        asked = 0
        for meeting in await self.delegation.meetings("booked"):
            who = self._who(meeting)
            chance = self._chance(who, "move", self._other(meeting))
            if meeting["asked_by"] != self.me or not people.wants_to_move(meeting, who.sub, chance):
                continue
            start = people.choose(await self._slots(who, meeting["match_id"]), chance)
            if start is not None:
                path = f"/v1/meetings/{meeting['meeting_id']}/reschedule"
                expected(await who.matching.post(path, {"start": start}), 200)
                self.delegation.books.moves_asked[meeting["meeting_id"], self.me] += 1
                asked += 1
        return asked

    async def confirm_moves(self) -> int:
        """Where the other time is taken meanwhile, the old one stands."""
        moved = 0
        for meeting in await self.delegation.meetings("booked"):
            who = self._who(meeting)
            chance = self._chance(who, "confirm move", self._other(meeting))
            move = meeting.get("move")
            if not move or move["asked_by"] == self.me or people.by_chance(people.SHARE_MOVE_LEFT_LYING, chance):
                continue
            answer = await who.matching.post(f"/v1/meetings/{meeting['meeting_id']}/confirm")
            if answer.status_code == 409:
                continue
            self.delegation.books.moves(meeting["meeting_id"], expected(answer, 200)["start"])
            moved += 1
        return moved

    async def cancel(self) -> int:
        """Now and then somebody cannot come after all."""
        cancelled = 0
        for meeting in await self.delegation.meetings("booked"):
            who = self._who(meeting)
            chance = self._chance(who, "cancel", self._other(meeting))
            if meeting["asked_by"] != self.me and people.by_chance(people.SHARE_CANCELLED, chance):
                await self._cancel(who, meeting)
                cancelled += 1
        return cancelled

    async def _cancel(self, who: Participant, meeting: Meeting) -> None:
        expected(await who.matching.post(f"/v1/meetings/{meeting['meeting_id']}/cancel"), 200)
        self.delegation.books.cancelled.add(meeting["meeting_id"])

    # -- who is who

    def _who(self, meeting: Meeting) -> Participant:
        return self.delegation.called(meeting["sides"][self.me])

    def _other(self, meeting: Meeting) -> str:
        return "".join(sub for side, sub in meeting["sides"].items() if side != self.me)

    def _chance(self, who: Participant, *about: str) -> Any:
        return self.delegation.chance(who.sub, *about)
