"""Who is there when a history begins: firms whose pairs have all agreed, and a forum at which they are registered."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

from services.chassis.commit.unit_of_work import UnitOfWork
from services.matching import store
from services.matching.domain.calendar import LENGTH, ZONES, starts
from services.matching.domain.desk import Desk, OpenMatch
from services.matching.domain.forums import forum as forums
from services.matching.domain.forums.forum import Forum
from services.matching.domain.forums.registration import Delegate, Registration, registration_id
from services.matching.domain.forums.setup import ForumSetup
from services.matching.domain.match import Match
from services.matching.domain.pair import Pair, pair_id
from services.matching.domain.profile_row import ProfileRow
from tests.support.forums import forum_body

from .world import World

CHANGE_OVER = dt.timedelta(minutes=10)
FORUM_SLOTS = 3
FORUM_PLACES = FORUM_TABLE, FORUM_ROOM = "A-1", "R-1"
DAYS_AHEAD = 10
SEOUL = ZONES["KR"]


@dataclass(frozen=True)
class Cast:
    """Two Korean profiles of one firm, both represented by Ms Kim, of whom the second sends Mr Park to the forum; two
    Chinese firms, each with a Mr Li of its own, who have the same pseudonym. Every pair has agreed. The forum has a
    table, a room, and interpreters, whom all of them need: one all the time, another one for the last slot."""

    name: str
    is_tight: bool = False
    """The other interpreter comes a day late: there is no time for one of the pairs, until another one's is free."""

    @property
    def forum(self) -> str:
        return f"{self.name}-forum"

    @property
    def owner(self) -> dict[str, str]:
        parts = zip(("k1", "k2", "c1", "c2"), "kkcd", strict=True)
        return {f"{self.name}-{profile}": f"{self.name}-{org}" for profile, org in parts}

    @property
    def profiles(self) -> list[str]:
        return list(self.owner)

    @property
    def member(self) -> dict[str, str]:
        """Who represents each profile."""
        return {p: f"{self.name}-{m}" for p, m in zip(self.profiles, ("kim", "kim", "li", "li"), strict=True)}

    @property
    def delegate(self) -> dict[str, str]:
        """Who comes to the forum for it."""
        return {p: f"{self.name}-{m}" for p, m in zip(self.profiles, ("kim", "park", "li", "li"), strict=True)}

    @property
    def parties(self) -> dict[str, tuple[str, str]]:
        """The two profiles of each match."""
        pairs = itertools.product(self.profiles[:2], self.profiles[2:])
        return {f"{self.name}-m{n}": pair for n, pair in enumerate(pairs)}

    @property
    def slots(self) -> list[dt.datetime]:
        """The first five common starts of a day to come; the forum opens at the first one."""
        day = (dt.datetime.now(SEOUL) + dt.timedelta(days=DAYS_AHEAD)).replace(hour=0, minute=0, second=0)
        return list(itertools.islice(starts(day, day + dt.timedelta(days=10)), 5))

    async def enter(self, world: World) -> None:
        """All of it is stored."""
        await world.lanes[0].run(self._seed)
        matches = [self._match(id, parties) for id, parties in self.parties.items()]
        await world.database.db.matches.insert_many([store.MATCHES.write(match) for match in matches])

    async def _seed(self, uow: UnitOfWork) -> None:
        for profile in self.profiles:
            await self._profile(uow, profile)
        for match, parties in self.parties.items():
            await uow.get(store.PAIRS, pair_id(*parties))
            uow.put(store.PAIRS, Pair(id=pair_id(*parties), match_id=match))
        await uow.get(store.FORUMS, self.forum)
        forum = Forum(id=self.forum, owner="kic", setup=self.setup(), state="ready", announced_at=uow.now)
        uow.put(store.FORUMS, forum, forums.state_event(forum))

    async def _profile(self, uow: UnitOfWork, profile: str) -> None:
        at_forum = registration_id(self.forum, profile)
        await uow.load([store.PROFILES.ref(profile), store.DESKS.ref(profile), store.REGISTRATIONS.ref(at_forum)])
        country = "KR" if profile in self.profiles[:2] else "CN"
        languages = {"KR": ["ko"], "CN": ["zh"]}[country]
        row = ProfileRow(id=profile, sequence=1, owner=self.owner[profile], state="published", country=country)
        uow.put(store.PROFILES, row.model_copy(update={"languages": languages}))
        mine = {
            match: OpenMatch(score=0.5, answered=True, agreed=True, owner=self.owner[other])
            for match, parties in self.parties.items()
            for other in parties
            if profile in parties and other != profile
        }
        uow.put(store.DESKS, Desk(id=profile, matches=mine))
        delegates = [Delegate(member_id=self.delegate[profile])]
        owner = self.owner[profile]
        registration = Registration(
            id=at_forum, forum_id=self.forum, profile_id=profile, owner=owner, delegates=delegates
        )
        uow.put(store.REGISTRATIONS, registration)

    def setup(self) -> ForumSetup:
        """Of the forum."""
        opens = self.slots[0].astimezone(SEOUL)
        closes = opens + FORUM_SLOTS * (LENGTH + CHANGE_OVER)
        speaks = [["ko", "zh"]]
        closed = dt.timedelta(days=self.is_tight)
        last = {"start": closes - LENGTH - CHANGE_OVER + closed, "end": closes + closed}
        body = forum_body(
            mode="onsite",
            days=[{"date": f"{opens:%Y-%m-%d}", "opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"}],
            halls=[{"id": "A"}],
            walks=[],
            tables=[{"id": FORUM_TABLE, "hall": "A"}],
            rooms=[{"id": FORUM_ROOM, "hall": "A"}],
            interpreters=[
                {"id": "i1", "pairs": speaks},
                {"id": "i2", "pairs": speaks, "hours": [last]},
            ],
            talks=[],
        )
        return ForumSetup.model_validate(body)

    def _match(self, id: str, parties: tuple[str, str]) -> Match:
        return Match(
            id=id,
            revision=1,
            parties=sorted(parties),
            owners={p: self.owner[p] for p in parties},
            revisions=dict.fromkeys(parties, 1),
            score=0.5,
            interest=dict.fromkeys(parties, 0.5),
            evidence=[],
            state="agreed",
            accepted_by=sorted(parties),
            representatives={p: self.member[p] for p in parties},
            expires_at=dt.datetime.now(dt.UTC) + dt.timedelta(days=30),
        )
