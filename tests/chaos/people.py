"""People who act through the API whatever falls, ask again until they are answered, and remember every answer."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx2
from joserfc import jwt

from deploy.demo.client import Caller
from deploy.demo.content import Organisation, organisations
from deploy.local.system import System
from services.chassis.http.signing_keys import DEVELOPMENT_KID, development_key
from services.notifications.domain.recipients import recipient_id
from tests.support.postbox import Postbox, confirmation_path
from tests.support.waiting import eventually

SERVICES = ("profiles", "matching", "notifications")
THINKS_SECONDS = 0.4
"""Each between two acts: people without a pause keep two cores busy, and each recovery then takes as long as theirs."""
HALL = {"kind": "onsite", "place": "전시장 A-12 / 展位 A-12"}


@dataclass
class History:
    """What was acknowledged: nothing of it may be missing, or have happened twice."""

    revisions: dict[str, list[str]] = field(default_factory=dict)
    """By profile, the name that each acknowledged revision gave it, in order."""
    accepted: set[tuple[str, str]] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    """Matches with a named partner."""
    requested: set[str] = field(default_factory=set)
    booked: set[str] = field(default_factory=set)
    moved: set[tuple[str, int]] = field(default_factory=set)
    """(meeting, ical_sequence)."""
    cancelled: set[str] = field(default_factory=set)
    commands: int = 0
    refused: int = 0


@dataclass
class Firm:
    organisation: Organisation
    callers: dict[str, Caller]
    history: History
    chance: random.Random
    profile_id: str = ""
    etag: str = ""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def sub(self) -> str:
        return self.organisation.people[0].sub

    @property
    def recipient_id(self) -> str:
        return recipient_id(self.organisation.owner, self.sub)

    # -- in the beginning

    async def enter(self) -> None:
        answer = await self.callers["profiles"].post("/v1/profiles", self.organisation.profile)
        assert answer.status_code == 201, answer.text
        self.profile_id = answer.json()["profile_id"]
        self.history.revisions[self.profile_id] = []
        wish = {
            "profile_id": self.profile_id,
            "lang": self.organisation.people[0].lang,
            "zone": "Asia/Seoul",
            "email": f"{self.sub}@example.com",
            "channels": ["inbox", "email"],
        }
        answer = await self.callers["notifications"].put(f"/v1/recipients/{self.sub}", wish)
        assert answer.status_code in (200, 201), answer.text
        answer = await self.callers["profiles"].post(f"/v1/profiles/{self.profile_id}/publish")
        assert answer.status_code == 200, answer.text
        self.etag = answer.headers["ETag"]

    async def confirm_address(self, postbox: Postbox) -> None:
        address = f"{self.sub}@example.com"
        mail = await eventually(lambda: postbox.take_confirmation(address), f"a mail to {address}", 60)
        answer = await self.callers["notifications"].post(confirmation_path(mail))
        assert answer.status_code == 200, answer.text

    # -- acts

    async def revise(self, name: str) -> None:
        """A PUT has no key of its own: one that was repeated and is stale may have taken effect the first time."""
        async with self.turn:
            profile, path = self.organisation.profile, f"/v1/profiles/{self.profile_id}"
            names = {**profile["organisation"]["names"], "en": name}
            body = {**profile, "organisation": {**profile["organisation"], "names": names}}
            answer = await self.callers["profiles"].put(path, body, If_Match=self.etag)
            if answer.status_code == 412:
                answer = await self.callers["profiles"].get(path)
                assert answer.json()["organisation"]["names"]["en"] == name, "somebody else has revised this profile"
            assert answer.status_code == 200, answer.text
            self.etag = answer.headers["ETag"]
            self.history.revisions[self.profile_id].append(name)
            self.history.commands += 1

    async def answer(self) -> None:
        matches = await self._matches()
        waiting = [m for m in matches if m["state"] in ("proposed", "accepted") and self._is_not_mine(m)]
        if not waiting:
            return
        match_id = self.chance.choice(waiting)["match_id"]
        if self.chance.random() < 0.85:
            if await self._act(f"/v1/matches/{match_id}/accept"):
                self.history.accepted.add((match_id, self.profile_id))
        elif await self._act(f"/v1/matches/{match_id}/decline", {"reason": "timing"}):
            self.history.declined.add(match_id)

    async def ask_for(self, partner: Firm) -> None:
        body = {"profile_id": self.profile_id, "partner_id": partner.profile_id}
        match = await self._act("/v1/matches", body)
        if match:
            self.history.asked.add(match["match_id"])

    async def request(self) -> None:
        agreed = [m for m in await self._matches() if m["state"] == "agreed"]
        if not agreed:
            return
        match_id = self.chance.choice(agreed)["match_id"]
        answer = await self.callers["matching"].get("/v1/slots", match_id=match_id, limit=8)
        slots = answer.json().get("items")
        if slots:
            start = self.chance.choice(slots)["start"]
            meeting = await self._act("/v1/meetings", {"match_id": match_id, "start": start, "venue": HALL})
            if meeting:
                self.history.requested.add(meeting["meeting_id"])

    async def confirm(self) -> None:
        meetings = await self._meetings()
        asked = [m for m in meetings if m["state"] == "requested" and m["asked_by"] != self.profile_id]
        moves = [m for m in meetings if m.get("move") and m["move"]["asked_by"] != self.profile_id]
        if not asked + moves:
            return
        chosen = self.chance.choice(asked + moves)
        id, what = chosen["meeting_id"], chosen.get("move") or chosen
        meeting = await self._act(f"/v1/meetings/{id}/confirm", {"start": what["start"], "venue": what["venue"]})
        if meeting and meeting["state"] == "booked":
            self.history.booked.add(id)
            self.history.moved.add((id, meeting["ical_sequence"]))

    async def move(self) -> None:
        booked = [m for m in await self._meetings() if m["state"] == "booked"]
        if not booked:
            return
        meeting = self.chance.choice(booked)
        answer = await self.callers["matching"].get("/v1/slots", match_id=meeting["match_id"], limit=12)
        if slots := answer.json().get("items"):
            start = self.chance.choice(slots)["start"]
            await self._act(f"/v1/meetings/{meeting['meeting_id']}/reschedule", {"start": start})

    async def cancel(self) -> None:
        open_ones = [m for m in await self._meetings() if m["state"] in ("requested", "booked")]
        if open_ones:
            id = self.chance.choice(open_ones)["meeting_id"]
            if await self._act(f"/v1/meetings/{id}/cancel"):
                self.history.cancelled.add(id)

    async def _act(self, path: str, body: Any = None) -> dict[str, Any] | None:
        """What was acknowledged; None for a refusal, which a busy forum is full of."""
        answer = await self.callers["matching"].post(path, body)
        if answer.status_code in (200, 201):
            self.history.commands += 1
            found: dict[str, Any] = answer.json()
            return found
        assert answer.status_code in (404, 409, 422), answer.text
        self.history.refused += 1
        return None

    def _is_not_mine(self, match: dict[str, Any]) -> bool:
        return self.profile_id not in match["accepted_by"]

    async def _matches(self) -> list[dict[str, Any]]:
        return await self.callers["matching"].all_pages("/v1/matches", profile_id=self.profile_id)

    async def _meetings(self) -> list[dict[str, Any]]:
        return await self.callers["matching"].all_pages("/v1/meetings", profile_id=self.profile_id)


@dataclass
class Crowd:
    """All firms, and what they do one after the other at several desks."""

    firms: list[Firm]
    chance: random.Random
    is_over: bool = False

    async def act(self, desk: int) -> None:
        """Until it is over."""
        n = 0
        while not self.is_over:
            firm, n = self.chance.choice(self.firms), n + 1
            acts: list[tuple[int, Callable[[], Awaitable[None]]]] = [
                (5, partial(firm.revise, f"Chaos {desk}-{n}")),
                (6, firm.answer),
                (1, partial(firm.ask_for, self.chance.choice(self.firms))),
                (5, firm.request),
                (6, firm.confirm),
                (2, firm.move),
                (1, firm.cancel),
            ]
            (_, chosen), *_ = self.chance.choices(acts, weights=[weight for weight, _ in acts])
            await chosen()
            await asyncio.sleep(THINKS_SECONDS)


def crowd(system: System, http: httpx2.AsyncClient, *, many: int, seed: int) -> Crowd:
    history = History()
    firms = []
    for organisation in organisations()[:many]:
        token = a_token(system, organisation.owner, organisation.people[0].sub)
        callers = {name: Caller(system.urls(name), token, http, took=[]) for name in SERVICES}
        firms.append(Firm(organisation, callers, history, random.Random(f"{seed}/{organisation.owner}")))
    return Crowd(firms, random.Random(seed))


def a_token(system: System, org: str, sub: str, role: str = "participant") -> str:
    """Issued some minutes ago, so that a replica whose clock is late takes it, too."""
    now = int(time.time())
    claims = {
        "iss": "magpie",
        "aud": "magpie",
        "iat": now - 1800,
        "exp": now + 12 * 3600,
        "org": org,
        "sub": sub,
        "roles": [role],
    }
    header = {"alg": "ES256", "kid": DEVELOPMENT_KID}
    return jwt.encode(header, claims, development_key(system.directory))
