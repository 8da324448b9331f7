"""The people of an organisation use the four services: they register, answer matches and request partners."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from . import people
from .books import Books
from .client import Caller, expect_body
from .content import COUNTRY_LANGUAGE, Organisation, Person
from .people import Accept, Decline, LeaveOpen

OTHER_COUNTRY = {"KR": "CN", "CN": "KR"}
MAX_SEARCHES = 6


@dataclass
class Participant:
    """A person and one caller for each service, with the person's token. `busy` holds all busy times until now."""

    person: Person
    profiles: Caller
    matching: Caller
    translation: Caller
    notifications: Caller
    busy: list[dict[str, str]] = field(default_factory=list)

    @property
    def sub(self) -> str:
        """The person's pseudonym."""
        return self.person.sub

    async def join(self, profile_id: str) -> None:
        """Stores the private member record, and registers the person as a recipient of notices."""
        path = f"/v1/profiles/{profile_id}/members/{self.sub}"
        expect_body(await self.profiles.put(path, self.person.record), 200, 201)
        registration = {"profile_id": profile_id, "lang": self.person.lang, "zone": self.person.zone}
        expect_body(await self.notifications.put(f"/v1/recipients/{self.sub}", registration), 200, 201)

    async def add_busy_times(self, times: Sequence[dict[str, str]]) -> None:
        """Adds intervals at which the person cannot meet. The API takes the whole list each time."""
        self.busy += times
        expect_body(await self.matching.put(f"/v1/members/{self.sub}/busy", {"busy": self.busy}), 200)

    async def inbox(self) -> list[dict[str, Any]]:
        """All entries of the person's inbox."""
        return await self.notifications.all_pages(f"/v1/recipients/{self.sub}/inbox")

    async def has_notice(self, template: str, meeting_id: str) -> bool:
        """Whether one of the newest notices is about this meeting and has this template."""
        page = expect_body(await self.notifications.get(f"/v1/recipients/{self.sub}/inbox"), 200)
        return any(e["template"] == template and e["about"].get("meeting_id") == meeting_id for e in page["items"])


@dataclass
class Delegation:
    """The people of one organisation. For each match one of them is responsible, and then represents it.

    Acts that the forum repeats return how many times they were done: it stops when nothing is left to do."""

    organisation: Organisation
    people: list[Participant]
    books: Books
    seed: int
    profile_id: str = ""

    @property
    def head(self) -> Participant:
        """The person who acts for the organisation where no match is concerned."""
        return self.people[0]

    def chance(self, who: str, *subject: str) -> random.Random:
        """The random generator for one decision. It does not depend on the order in which decisions are made."""
        return random.Random("/".join((str(self.seed), who, *subject)))

    # -- registering

    async def register(self) -> str:
        """Creates the organisation's profile as a draft. Returns its id."""
        answer = await self.head.profiles.post("/v1/profiles", self.organisation.profile)
        self.profile_id = str(expect_body(answer, 201)["profile_id"])
        return self.profile_id

    async def join(self, participant: Participant) -> None:
        """Registers a person as a member of the profile and as a recipient of its notices."""
        await participant.join(self.profile_id)
        self.books.recipients.setdefault(self.profile_id, []).append(participant.sub)

    async def publish(self) -> None:
        """Publishes the profile."""
        expect_body(await self.head.profiles.post(f"/v1/profiles/{self.profile_id}/publish"), 200)

    # -- answering matches

    def responsible_for(self, match: dict[str, Any]) -> Participant:
        """The representative in the match if there is one, else a person who is chosen by the subject of the match."""
        sub = match["representatives"].get(self.profile_id)
        if sub is not None:
            return self.participant(sub)
        return self.chance(self.organisation.owner, "in charge", people.subject(match)).choice(self.people)

    def participant(self, sub: str) -> Participant:
        """The person with this pseudonym."""
        return next(participant for participant in self.people if participant.sub == sub)

    async def answer(self) -> int:
        """Accepts or declines matches that wait for our answer; some are left open. Returns the number of answers."""
        given = 0
        for match in await self.matches():
            if match["state"] not in ("proposed", "accepted") or self.profile_id in match["accepted_by"]:
                continue
            who = self.responsible_for(match)
            match people.decide_match(match, self.profile_id, self.chance(who.sub, "answer", people.subject(match))):
                case Accept():
                    given += await self._accept(who, match["match_id"])
                case Decline(reason):
                    given += await self._decline(who, match["match_id"], reason)
                case LeaveOpen():
                    self.books.left_open.add((match["match_id"], self.profile_id))
        return given

    async def answer_after_all(self) -> int:
        """Accepts some of the matches that it has left open. Returns the number of answers."""
        given = 0
        for match in await self.matches():
            is_open = match["state"] in ("proposed", "accepted") and self.profile_id not in match["accepted_by"]
            who = self.responsible_for(match)
            chance = self.chance(who.sub, "after all", people.subject(match))
            if is_open and people.by_chance(people.SHARE_LATE_YES, chance):
                given += await self._accept(who, match["match_id"])
        return given

    async def _accept(self, who: Participant, match_id: str) -> bool:
        answer = await who.matching.post(f"/v1/matches/{match_id}/accept")
        if answer.status_code == 409:  # meanwhile the other side has declined, or a better match has displaced it
            return False
        self.books.record_acceptance(match_id, self.profile_id, expect_body(answer, 200)["state"])
        return True

    async def _decline(self, who: Participant, match_id: str, reason: str) -> bool:
        answer = await who.matching.post(f"/v1/matches/{match_id}/decline", {"reason": reason})
        if answer.status_code == 409:
            return False
        expect_body(answer, 200)
        self.books.declined.add(match_id)
        return True

    # -- requesting a named partner

    async def request_partner(self) -> int:
        """Some organisations search the published profiles and request a partner that was not proposed to them.

        Returns the number of requests, 0 or 1."""
        if not people.by_chance(people.SHARE_NAMED_PARTNER, self.chance(self.organisation.owner, "names a partner")):
            return 0
        mine = expect_body(await self.head.profiles.get(f"/v1/profiles/{self.profile_id}"), 200)
        known = {party for match in await self.matches() for party in match["parties"]}
        found = [profile for profile in await self._search(mine) if profile["profile_id"] not in known]
        partner = people.best_partner(found, mine)
        if partner is None:
            return 0
        body = {"profile_id": self.profile_id, "partner_id": partner["profile_id"]}
        answer = await self.head.matching.post("/v1/matches", body)
        if answer.status_code == 409:  # the desk of one side is full
            return 0
        match = expect_body(answer, 200, 201)
        # 200: the pair has an open match already, which someone else has caused.
        if answer.status_code == 201:
            self.books.record_named_partner(match["match_id"], self.profile_id)
        return int(answer.status_code == 201)

    async def _search(self, mine: dict[str, Any]) -> list[dict[str, Any]]:
        """Searches profiles of the other country with the glossary's words for our needs, in their language."""
        country = self.organisation.country
        terms = expect_body(await self.head.translation.get("/v1/glossary"), 200)["items"]
        words = people.search_words(mine, terms, COUNTRY_LANGUAGE[country], COUNTRY_LANGUAGE[OTHER_COUNTRY[country]])
        pages = [
            expect_body(await self.head.profiles.get("/v1/profiles", q=word, country=OTHER_COUNTRY[country]), 200)[
                "items"
            ]
            for word in words[:MAX_SEARCHES]
        ]
        return [profile for page in pages for profile in page]

    # -- reading

    async def matches(self, state: str | None = None) -> list[dict[str, Any]]:
        """The matches of the profile, all or those in one state."""
        return await self.head.matching.all_pages("/v1/matches", profile_id=self.profile_id, state=state)

    async def meetings(self, state: str | None = None) -> list[dict[str, Any]]:
        """The meetings of the profile, all or those in one state."""
        return await self.head.matching.all_pages("/v1/meetings", profile_id=self.profile_id, state=state)
