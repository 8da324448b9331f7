"""What a participant does, decided by a seeded rule that looks at what the API shows and at nothing else."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from .books import Books
from .client import Caller
from .content import Organisation, Person

GOOD_SCORE = 0.24
SHARE_CANCELLED = 0.15
VENUES = [{"kind": "onsite", "place": f"Hall A-{n:02d}"} for n in range(1, 25)]


class Refused(Exception):
    """The platform said no where the forum counted on a yes."""


@dataclass
class Participant:
    """A person of an organisation at the four services."""

    organisation: Organisation
    person: Person
    profiles: Caller
    matching: Caller
    notifications: Caller
    books: Books
    chance: random.Random
    profile_id: str = ""

    # -- registering

    async def register(self) -> str:
        """A draft of the organisation's profile; returns its id."""
        answer = await self.profiles.post("/v1/profiles", self.organisation.profile)
        self.profile_id = str(_expected(answer, 201)["profile_id"])
        return self.profile_id

    async def join(self, profile_id: str) -> None:
        """The person's own record, and where to be told."""
        self.profile_id = profile_id
        path = f"/v1/profiles/{profile_id}/members/{self.person.sub}"
        _expected(await self.profiles.put(path, self.person.record), 200, 201)
        wish = {"profile_id": profile_id, "lang": self.person.lang, "zone": self.person.zone}
        _expected(await self.notifications.put(f"/v1/recipients/{self.person.sub}", wish), 200, 201)
        self.books.recipients.setdefault(profile_id, []).append(self.person.sub)

    async def publish(self) -> None:
        _expected(await self.profiles.post(f"/v1/profiles/{self.profile_id}/publish"), 200)

    # -- answering

    async def answer(self) -> int:
        """Says yes or no to what is new; some are left open. Returns how many answers were given."""
        given = 0
        for match in await self.matches():
            if match["state"] not in ("proposed", "accepted") or self.profile_id in match["accepted_by"]:
                continue
            match self._opinion(match):
                case "accept":
                    given += await self._accept(match["match_id"])
                case "decline":
                    given += await self._decline(match["match_id"])
        return given

    def _opinion(self, match: dict[str, Any]) -> str:
        """A good score or a partner who has said yes convinces; a weak one is declined, or left for later."""
        if match["score"] >= GOOD_SCORE or (match["accepted_by"] and match["score"] >= 0.8 * GOOD_SCORE):
            return "accept"
        return "decline" if random.Random(match["match_id"] + self.profile_id).random() < 0.5 else "leave"

    async def _accept(self, match_id: str) -> bool:
        answer = await self.matching.post(f"/v1/matches/{match_id}/accept")
        if answer.status_code == 409:  # the other side has declined meanwhile
            return False
        _expected(answer, 200)
        self.books.accepted.add((match_id, self.profile_id))
        return True

    async def _decline(self, match_id: str) -> bool:
        answer = await self.matching.post(f"/v1/matches/{match_id}/decline", {"reason": "not_relevant"})
        if answer.status_code == 409:
            return False
        _expected(answer, 200)
        self.books.declined.add(match_id)
        return True

    # -- meeting

    async def ask_for_meetings(self) -> int:
        """For each agreed match one request, at one of the next free times."""
        asked = 0
        for match in await self.matches("agreed"):
            slots = _expected(await self.matching.get("/v1/slots", match_id=match["match_id"], limit=60), 200)["items"]
            body = {
                "match_id": match["match_id"],
                "start": self.chance.choice(slots)["start"],
                "venue": self.chance.choice(VENUES),
            }
            meeting = _expected(await self.matching.post("/v1/meetings", body), 200, 201)
            self.books.requested[meeting["meeting_id"]] = self.profile_id
            asked += 1
        return asked

    async def confirm_meetings(self) -> int:
        """Confirms what others ask for. Where the time is taken, asks for the first of the times that are offered."""
        confirmed = 0
        for meeting in await self.meetings("requested"):
            if meeting["asked_by"] == self.profile_id:
                continue
            answer = await self.matching.post(f"/v1/meetings/{meeting['meeting_id']}/confirm")
            if answer.status_code == 409:
                await self._ask_instead(meeting, answer.json())
                continue
            if _expected(answer, 200)["state"] == "booked":
                self.books.booked.add(meeting["meeting_id"])
                confirmed += 1
        return confirmed

    async def _ask_instead(self, meeting: dict[str, Any], refusal: dict[str, Any]) -> None:
        if not refusal.get("slots"):
            return
        body = {"match_id": meeting["match_id"], "start": refusal["slots"][0]["start"], "venue": meeting["venue"]}
        instead = _expected(await self.matching.post("/v1/meetings", body), 200, 201)
        self.books.requested[instead["meeting_id"]] = self.profile_id
        cancelled = await self.matching.post(f"/v1/meetings/{meeting['meeting_id']}/cancel")
        _expected(cancelled, 200)
        self.books.cancelled.add(meeting["meeting_id"])

    async def cancel_some(self) -> int:
        """Now and then somebody cannot come after all."""
        cancelled = 0
        for meeting in await self.meetings("booked"):
            if random.Random(meeting["meeting_id"]).random() < SHARE_CANCELLED:
                _expected(await self.matching.post(f"/v1/meetings/{meeting['meeting_id']}/cancel"), 200)
                self.books.cancelled.add(meeting["meeting_id"])
                cancelled += 1
        return cancelled

    # -- reading

    async def matches(self, state: str | None = None) -> list[dict[str, Any]]:
        return await all_pages(self.matching, "/v1/matches", profile_id=self.profile_id, state=state)

    async def meetings(self, state: str | None = None) -> list[dict[str, Any]]:
        return await all_pages(self.matching, "/v1/meetings", profile_id=self.profile_id, state=state)

    async def inbox(self) -> list[dict[str, Any]]:
        return await all_pages(self.notifications, f"/v1/recipients/{self.person.sub}/inbox")


async def all_pages(caller: Caller, path: str, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = _expected(await caller.get(path, **params, limit=50, cursor=cursor), 200)
        items += page["items"]
        cursor = page.get("next")
        if cursor is None:
            return items


def _expected(answer: Any, *statuses: int) -> dict[str, Any]:
    if answer.status_code not in statuses:
        raise Refused(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
    body: dict[str, Any] = answer.json()
    return body
