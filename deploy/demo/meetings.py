"""What a delegation does with its meetings: requests, confirms, proposes another venue, moves, cancels."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import people
from .client import expect_body
from .delegation import Delegation, Participant
from .people import LeaveOpen

MAX_SLOTS = 60
LEAD_TIME = dt.timedelta(days=1)
"""Meetings are requested for tomorrow or later: a request for the same day could lapse while the forum still runs."""
Meeting = dict[str, Any]
"""A meeting, as the API returns it."""


@dataclass
class Meetings:
    """The meetings of a delegation. Every act returns how many times it was done."""

    delegation: Delegation
    on_booked: Callable[[Meeting], None]
    """Called with each meeting that the delegation confirms."""
    own_requests: set[str] = field(default_factory=set)
    """Ids of the meetings that we requested. The API shows only which side requested last."""

    @property
    def me(self) -> str:
        """Id of the delegation's profile."""
        return self.delegation.profile_id

    # -- requesting

    async def enter_busy_times(self) -> int:
        """Some people enter busy times for the coming days. Returns the number of people."""
        busy = [p for p in self.delegation.people if people.by_chance(people.SHARE_BUSY, self._chance(p, "busy"))]
        for participant in busy:
            await participant.add_busy_times(
                people.busy_times(dt.datetime.now(dt.UTC), self._chance(participant, "when"))
            )
        return len(busy)

    async def request(self) -> int:
        """Requests a meeting at a free slot for each agreed match in which this side has more interest."""
        requested = 0
        for match in await self.delegation.matches("agreed"):
            who = self.delegation.responsible_for(match)
            chance = self._chance(who, "ask", people.subject(match))
            if people.requests_meeting(match, self.me, chance):
                start = people.choose_slot(await self._slots(who, match["match_id"]), chance)
                requested += start is not None
                if start is not None:
                    await self._request(who, match["match_id"], start, people.choose_venue(chance))
        return requested

    async def _slots(self, who: Participant, match_id: str) -> list[Any]:
        start = (dt.datetime.now(dt.UTC) + LEAD_TIME).isoformat()
        answer = await who.matching.get("/v1/slots", match_id=match_id, limit=MAX_SLOTS, **{"from": start})
        items: list[Any] = expect_body(answer, 200)["items"]
        return items

    async def _request(self, who: Participant, match_id: str, start: str, venue: people.ApiObject) -> None:
        body = {"match_id": match_id, "start": start, "venue": venue}
        answer = await who.matching.post("/v1/meetings", body)
        meeting = expect_body(answer, 200, 201)
        if answer.status_code == 201:
            self.delegation.books.record_request(meeting["meeting_id"], self.me)
        self.own_requests.add(meeting["meeting_id"])

    # -- confirming

    async def confirm(self) -> int:
        """Answers the requests of other sides; some get no answer. Returns the number of answers."""
        answered = 0
        for meeting in await self.delegation.meetings("requested"):
            if meeting["asked_by"] == self.me:
                continue
            who = self._who(meeting)
            decision = people.answer_request(
                meeting, meeting["meeting_id"] in self.own_requests, self._chance(who, "confirm", self._other(meeting))
            )
            if not isinstance(decision, LeaveOpen):
                await self._confirm(who, meeting, decision.venue)
                answered += 1
        return answered

    async def _confirm(self, who: Participant, meeting: Meeting, venue: people.ApiObject | None) -> None:
        body = {"start": meeting["start"], "venue": venue or meeting["venue"]}
        answer = await who.matching.post(f"/v1/meetings/{meeting['meeting_id']}/confirm", body)
        if answer.status_code == 409:
            await self._request_instead(who, meeting, answer.json())
            return
        changed = expect_body(answer, 200)
        if changed["state"] == "booked":
            self.delegation.books.booked[changed["meeting_id"]] = changed["start"]
            self.on_booked(changed)
        else:  # with another venue it is a request again, which the other side has to confirm
            self.delegation.books.record_request(changed["meeting_id"], self.me)

    async def _request_instead(self, who: Participant, meeting: Meeting, refusal: dict[str, Any]) -> None:
        """A member is no longer free: requests the first slot that the refusal offers, and cancels the old request."""
        if refusal.get("slots"):
            await self._request(who, meeting["match_id"], refusal["slots"][0]["start"], meeting["venue"])
        await self._cancel(who, meeting)

    # -- moving and cancelling

    async def become_busy(self) -> int:
        """Sometimes a person becomes busy at the time of a booked meeting; the platform detects the conflict."""
        conflicts = 0
        for meeting in await self.delegation.meetings("booked"):
            who = self._who(meeting)
            mine = meeting["asked_by"] == self.me
            if mine and people.by_chance(people.SHARE_BUSY_LATER, self._chance(who, "plans", self._other(meeting))):
                await who.add_busy_times([{"start": meeting["start"], "end": meeting["end"]}])
                self.delegation.books.conflicts[meeting["meeting_id"]] += 1
                conflicts += 1
        return conflicts

    async def request_moves(self) -> int:
        """Requests another time for some of the meetings that we requested."""
        requested = 0
        for meeting in await self.delegation.meetings("booked"):
            who = self._who(meeting)
            chance = self._chance(who, "move", self._other(meeting))
            if meeting["asked_by"] != self.me or not people.wants_to_move(meeting, who.sub, chance):
                continue
            start = people.choose_slot(await self._slots(who, meeting["match_id"]), chance)
            if start is not None:
                path = f"/v1/meetings/{meeting['meeting_id']}/reschedule"
                expect_body(await who.matching.post(path, {"start": start}), 200)
                self.delegation.books.moves_requested[meeting["meeting_id"], self.me] += 1
                requested += 1
        return requested

    async def confirm_moves(self) -> int:
        """Confirms most of the moves that other sides request. If the new time is no longer free, the old one stays."""
        moved = 0
        for meeting in await self.delegation.meetings("booked"):
            who = self._who(meeting)
            chance = self._chance(who, "confirm move", self._other(meeting))
            move = meeting.get("move")
            # A side does not confirm its own move.
            if not move or move["asked_by"] == self.me or people.by_chance(people.SHARE_MOVE_UNANSWERED, chance):
                continue
            body = {"start": move["start"], "venue": move["venue"]}
            answer = await who.matching.post(f"/v1/meetings/{meeting['meeting_id']}/confirm", body)
            if answer.status_code == 409:
                continue
            self.delegation.books.record_move(meeting["meeting_id"], expect_body(answer, 200)["start"])
            moved += 1
        return moved

    async def cancel(self) -> int:
        """Cancels some of the meetings that other sides requested."""
        cancelled = 0
        for meeting in await self.delegation.meetings("booked"):
            who = self._who(meeting)
            chance = self._chance(who, "cancel", self._other(meeting))
            if meeting["asked_by"] != self.me and people.by_chance(people.SHARE_CANCELLED, chance):
                await self._cancel(who, meeting)
                cancelled += 1
        return cancelled

    async def _cancel(self, who: Participant, meeting: Meeting) -> None:
        expect_body(await who.matching.post(f"/v1/meetings/{meeting['meeting_id']}/cancel"), 200)
        self.delegation.books.cancelled.add(meeting["meeting_id"])

    # -- people of a meeting

    def _who(self, meeting: Meeting) -> Participant:
        """Our representative."""
        return self.delegation.participant(meeting["sides"][self.me])

    def _other(self, meeting: Meeting) -> str:
        """Pseudonym of the other side's representative."""
        return "".join(sub for side, sub in meeting["sides"].items() if side != self.me)

    def _chance(self, who: Participant, *subject: str) -> random.Random:
        return self.delegation.chance(who.sub, *subject)
