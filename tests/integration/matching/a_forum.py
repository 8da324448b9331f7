"""A forum with participants whose matches are agreed, for tests of plans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx2

from services.chassis.commit import UnitOfWork
from services.matching import store
from services.matching.domain.desk import Desk, OpenMatch
from services.matching.domain.forums import forum as forums
from services.matching.domain.forums.forum import Forum
from services.matching.domain.forums.registration import Delegate, Registration, Targets, registration_id
from services.matching.domain.forums.setup import ForumSetup
from services.matching.domain.match import Match
from services.matching.domain.pair import Pair, pair_id
from services.matching.domain.profile_row import ProfileRow
from tests.support.forums import forum_body
from tests.support.services import Running
from tests.support.waiting import eventually

FORUM = "forum-1"
ADDRESS = f"/v1/forums/{FORUM}"
LINK = {"link": "https://meet.example/{id}"}


@dataclass(frozen=True)
class Shape:
    """How many firms of each side, which of them are remote, and what is not as in `forum_body`."""

    side: int = 4
    remote: frozenset[str] = frozenset()
    targets: Targets | None = None
    musts: tuple[tuple[str, str], ...] = ()


ALIKE = Shape()


async def made(matching: Running, shape: Shape = Shape(), **setup: Any) -> None:
    """Everybody agreed with everybody of the other side."""
    left, right = ([f"{country}-{n}" for n in range(shape.side)] for country in ("kr", "cn"))
    pairs = [(a, b) for a in left for b in right]
    matches = {pair: f"m-{pair[0]}-{pair[1]}" for pair in pairs}

    async def seed(uow: UnitOfWork) -> None:
        body = forum_body(**{"talks": []} | setup)
        forum = Forum(id=FORUM, owner="kic", setup=ForumSetup.model_validate(body), state="ready", announced_at=uow.now)
        await uow.load([store.FORUMS.ref(FORUM)])
        uow.put(store.FORUMS, forum, forums.state_event(forum))
        for id in (*left, *right):
            await _participant(uow, id, shape, {m: p for p, m in matches.items() if id in p})
        for pair, match in matches.items():
            await uow.get(store.PAIRS, pair_id(*pair))
            uow.put(store.PAIRS, Pair(id=pair_id(*pair), match_id=match))

    await matching.service.commands.run(seed)
    rows = [_match(id, pair) for pair, id in matches.items()]
    await matching.service.database.db.matches.insert_many([store.MATCHES.write(row) for row in rows])


async def _participant(uow: UnitOfWork, id: str, shape: Shape, matches: dict[str, tuple[str, str]]) -> None:
    country = id[:2].upper()
    languages = ["ko"] if country == "KR" else ["zh"]
    row = ProfileRow(id=id, sequence=1, owner=f"org-{id}", state="published", country=country, languages=languages)
    await uow.load([store.PROFILES.ref(id), store.DESKS.ref(id), store.REGISTRATIONS.ref(registration_id(FORUM, id))])
    uow.put(store.PROFILES, row)
    others = {m: next(p for p in pair if p != id) for m, pair in matches.items()}
    desk = {m: OpenMatch(score=0.5, answered=True, agreed=True, owner=f"org-{o}") for m, o in others.items()}
    uow.put(store.DESKS, Desk(id=id, matches=desk, forums=[FORUM]))
    delegate = Delegate(member_id=f"rep-{id}", attendance="remote" if id in shape.remote else "onsite")
    registration = Registration(
        id=registration_id(FORUM, id),
        forum_id=FORUM,
        profile_id=id,
        owner=f"org-{id}",
        delegates=[delegate],
        targets=shape.targets or Targets(),
        must_meets=[b for a, b in shape.musts if a == id],
    )
    uow.put(store.REGISTRATIONS, registration)


def _match(id: str, pair: tuple[str, str]) -> Match:
    return Match(
        id=id,
        revision=1,
        parties=sorted(pair),
        owners={p: f"org-{p}" for p in pair},
        revisions=dict.fromkeys(pair, 1),
        score=0.5,
        interest=dict.fromkeys(pair, 0.5),
        evidence=[],
        state="agreed",
        accepted_by=sorted(pair),
        representatives={p: f"rep-{p}" for p in pair},
        expires_at=dt.datetime.now(dt.UTC) + dt.timedelta(days=14),
        countries="CN-KR",
        made_at=dt.datetime.now(dt.UTC),
    )


def takes_part(forum_id: str, profile_id: str, owner: str, member_id: str, **more: Any) -> Registration:
    """A registration with one delegate."""
    return Registration(
        id=registration_id(forum_id, profile_id),
        forum_id=forum_id,
        profile_id=profile_id,
        owner=owner,
        delegates=[Delegate(member_id=member_id)],
        **more,
    )


async def another(matching: Running, registrations: Sequence[Registration], **setup: Any) -> None:
    """One more forum, at which these take part; their profiles and matches are there already, if they need any."""
    id = registrations[0].forum_id

    async def seed(uow: UnitOfWork) -> None:
        kept = ForumSetup.model_validate(forum_body(**{"talks": []} | setup))
        forum = Forum(id=id, owner="kic", setup=kept, state="ready", announced_at=uow.now)
        uow.put(store.FORUMS, forum, forums.state_event(forum))
        for one in registrations:
            uow.put(store.REGISTRATIONS, one)

    reads = [store.FORUMS.ref(id), *(store.REGISTRATIONS.ref(one.id) for one in registrations)]
    await matching.service.commands.run(seed, reads=reads)


def organiser(matching: Running) -> httpx2.AsyncClient:
    return matching.client("kic", role="organiser", sub="kic-1")


async def planned(matching: Running, **body: Any) -> dict[str, Any]:
    """A draft."""
    answer = await organiser(matching).post(f"{ADDRESS}/schedule", json=body)
    assert answer.status_code == 202, answer.text
    return await in_state(matching, answer.headers["location"], "draft")


async def published(matching: Running, number: int, **body: Any) -> dict[str, Any]:
    """A plan that was published."""
    location = f"{ADDRESS}/plans/{number}"
    answer = await organiser(matching).post(f"{location}/publish", json=LINK | body)
    assert answer.status_code == 202, answer.text
    return await in_state(matching, location, "published")


async def in_state(matching: Running, location: str, state: str) -> dict[str, Any]:
    async def come() -> Any:
        found = (await organiser(matching).get(location)).json()
        assert found["state"] != "failed", found
        return found if found["state"] == state else None

    found: dict[str, Any] = await eventually(come, f"the plan is {state}", 60)
    return found


async def meetings_of(matching: Running, number: int) -> list[dict[str, Any]]:
    """All meetings of a plan."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        params: dict[str, str] = {"cursor": cursor} if cursor else {}
        page = (await organiser(matching).get(f"{ADDRESS}/plans/{number}/meetings", params=params)).json()
        found += page["items"]
        if not (cursor := page.get("next")):
            return found
