"""An organisation's people at the four services: registering, answering, asking for partners."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from . import people
from .books import Books
from .client import Caller, expected
from .content import LANGUAGE, Organisation, Person
from .people import Accept, Decline, Leave

OTHER = {"KR": "CN", "CN": "KR"}
WORDS_TRIED = 6


@dataclass
class Participant:
    """A person with a token."""

    person: Person
    profiles: Caller
    matching: Caller
    translation: Caller
    notifications: Caller
    busy: list[dict[str, str]] = field(default_factory=list)

    @property
    def sub(self) -> str:
        return self.person.sub

    async def join(self, profile_id: str) -> None:
        """The person's own record, and where to be told."""
        path = f"/v1/profiles/{profile_id}/members/{self.sub}"
        expected(await self.profiles.put(path, self.person.record), 200, 201)
        wish = {"profile_id": profile_id, "lang": self.person.lang, "zone": self.person.zone}
        expected(await self.notifications.put(f"/v1/recipients/{self.sub}", wish), 200, 201)

    async def is_busy(self, times: Sequence[dict[str, str]]) -> None:
        """At these times, too."""
        self.busy += times
        expected(await self.matching.put(f"/v1/members/{self.sub}/busy", {"busy": self.busy}), 200)

    async def inbox(self) -> list[dict[str, Any]]:
        return await self.notifications.all_pages(f"/v1/recipients/{self.sub}/inbox")

    async def has_read(self, template: str, meeting_id: str) -> bool:
        """Whether the newest notices tell of it."""
        page = expected(await self.notifications.get(f"/v1/recipients/{self.sub}/inbox"), 200)
        return any(e["template"] == template and e["about"].get("meeting_id") == meeting_id for e in page["items"])


@dataclass
class Delegation:
    """Colleagues share the work: each match has one of them in charge, who then represents the organisation."""

    organisation: Organisation
    people: list[Participant]
    books: Books
    seed: int
    profile_id: str = ""

    @property
    def head(self) -> Participant:
        return self.people[0]

    def chance(self, who: str, *about: str) -> random.Random:
        return random.Random("/".join((str(self.seed), who, *about)))

    # -- registering

    async def register(self) -> str:
        """A draft of the organisation's profile; returns its id."""
        answer = await self.head.profiles.post("/v1/profiles", self.organisation.profile)
        self.profile_id = str(expected(answer, 201)["profile_id"])
        return self.profile_id

    async def join(self, participant: Participant) -> None:
        await participant.join(self.profile_id)
        self.books.recipients.setdefault(self.profile_id, []).append(participant.sub)

    async def publish(self) -> None:
        expected(await self.head.profiles.post(f"/v1/profiles/{self.profile_id}/publish"), 200)

    # -- answering

    def in_charge(self, match: dict[str, Any]) -> Participant:
        """Who represents us in it already, or whoever's matter it is."""
        sub = match["representatives"].get(self.profile_id)
        if sub is not None:
            return self.called(sub)
        return self.chance(self.organisation.owner, "in charge", people.subject(match)).choice(self.people)

    def called(self, sub: str) -> Participant:
        return next(participant for participant in self.people if participant.sub == sub)

    async def answer(self) -> int:
        """Says yes or no to what is new; some are left open. Returns how many answers were given."""
        given = 0
        for match in await self.matches():
            if match["state"] not in ("proposed", "accepted") or self.profile_id in match["accepted_by"]:
                continue
            who = self.in_charge(match)
            match people.decide(match, self.profile_id, self.chance(who.sub, "answer", people.subject(match))):
                case Accept():
                    given += await self._accept(who, match["match_id"])
                case Decline(reason):
                    given += await self._decline(who, match["match_id"], reason)
                case Leave():
                    self.books.left_open.add((match["match_id"], self.profile_id))
        return given

    async def _accept(self, who: Participant, match_id: str) -> bool:
        answer = await who.matching.post(f"/v1/matches/{match_id}/accept")
        if answer.status_code == 409:  # the other side has declined meanwhile, or a better one took its place
            return False
        self.books.accepts(match_id, self.profile_id, expected(answer, 200)["state"])
        return True

    async def _decline(self, who: Participant, match_id: str, reason: str) -> bool:
        answer = await who.matching.post(f"/v1/matches/{match_id}/decline", {"reason": reason})
        if answer.status_code == 409:
            return False
        expected(answer, 200)
        self.books.declined.add(match_id)
        return True

    # -- asking for a named partner

    async def ask_for_partner(self) -> int:
        """Some look around among the published profiles and ask for one that nobody proposed. Returns how many."""
        if not people.by_chance(people.SHARE_NAMING, self.chance(self.organisation.owner, "names a partner")):
            return 0
        mine = expected(await self.head.profiles.get(f"/v1/profiles/{self.profile_id}"), 200)
        known = {party for match in await self.matches() for party in match["parties"]}
        found = [profile for profile in await self._look_around(mine) if profile["profile_id"] not in known]
        liked = people.favourite(found, mine)
        if liked is None:
            return 0
        body = {"profile_id": self.profile_id, "partner_id": liked["profile_id"]}
        answer = await self.head.matching.post("/v1/matches", body)
        if answer.status_code == 409:  # too much waits for an answer on one of the desks
            return 0
        match = expected(answer, 200, 201)
        if answer.status_code == 201:
            self.books.names(match["match_id"], self.profile_id)
        return int(answer.status_code == 201)

    async def _look_around(self, mine: dict[str, Any]) -> list[dict[str, Any]]:
        """By the glossary's words for what we need, in the other side's language."""
        country = self.organisation.country
        terms = expected(await self.head.translation.get("/v1/glossary"), 200)["items"]
        words = people.words_to_look_for(mine, terms, LANGUAGE[country], LANGUAGE[OTHER[country]])
        pages = [
            expected(await self.head.profiles.get("/v1/profiles", q=word, country=OTHER[country]), 200)["items"]
            for word in words[:WORDS_TRIED]
        ]
        return [profile for page in pages for profile in page]

    # -- reading

    async def matches(self, state: str | None = None) -> list[dict[str, Any]]:
        return await self.head.matching.all_pages("/v1/matches", profile_id=self.profile_id, state=state)

    async def meetings(self, state: str | None = None) -> list[dict[str, Any]]:
        return await self.head.matching.all_pages("/v1/meetings", profile_id=self.profile_id, state=state)
