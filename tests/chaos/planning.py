"""A forum's plan is published while services are killed: what it says is booked, or has a reason, and nothing twice.
The firms of the run take part, with the matches that they have agreed to by then."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.demo.client import Caller, expect_body
from deploy.demo.content import organisations
from deploy.local.system import System
from tests.support.forums import forum_body
from tests.support.waiting import eventually

from .faults import killed
from .people import a_token
from .seeing import SEEN_SECONDS, WHOLE_SECONDS, Act, all_say_ok, replicas_of, took

PUBLISHED = "a plan published"
FIRST_DAY = 12
"""Days ahead, after what people book by themselves; each forum of a run has a day of its own."""
DRAFT_SECONDS, AGREED = 90.0, 3
"""How long a draft may take on a busy machine, and how many matches a plan is made of at least."""


@dataclass(frozen=True)
class Place:
    """A forum with its firms: profile, organisation and representative."""

    system: System
    http: httpx2.AsyncClient
    firms: list[tuple[str, str, str]]

    def caller(self, org: str, sub: str, role: str) -> Caller:
        """Of matching."""
        return Caller(self.system.urls("matching"), a_token(self.system, org, sub, role), self.http, took=[])

    @property
    def organiser(self) -> Caller:
        """Who plans it."""
        return self.caller("kic", "kic-1", "organiser")


async def plan_published(system: System) -> Act:
    """Seen: its first meetings are booked. Whole: all of it is booked or has its reason, everybody has been told, and
    each `/readyz` says `ok`. At both ends of a batch replicas are killed."""
    async with httpx2.AsyncClient(timeout=6) as http:
        place = Place(system, http, await asyncio.to_thread(_firms, system))
        await eventually(lambda: _agree(place), "firms agree", DRAFT_SECONDS)
        forum = await _a_forum(place)
        plan = await _a_draft(place, forum)
        answer = await place.organiser.post(f"/v1/forums/{forum}/plans/{plan['number']}/publish", {})
        expect_body(answer, 202)
        began, id = time.monotonic(), f"{forum}/{plan['number']:04}"
        kills = sum(map(killed, system.services["matching"]))
        seen = await took(lambda: asyncio.to_thread(_is_begun, system, id), began, SEEN_SECONDS)
        kills += sum(killed(system.services[name][0]) for name in ("matching", "notifications"))
        whole = await took(lambda: asyncio.to_thread(_is_whole, system, id), began, WHOLE_SECONDS)
    return Act(PUBLISHED, seen, whole, kills)


async def _agree(place: Place) -> bool:
    """Both sides accept what waits; True once there are matches enough."""
    agreed = set[str]()
    for profile, org, sub in place.firms:
        caller = place.caller(org, sub, "participant")
        for match in await caller.all_pages("/v1/matches", profile_id=profile):
            if match["state"] in ("proposed", "accepted") and profile not in match["accepted_by"]:
                answer = await caller.post(f"/v1/matches/{match['match_id']}/accept")
                match = answer.json() if answer.status_code == 200 else match
            agreed |= {match["match_id"]} if match["state"] == "agreed" else set()
    return len(agreed) >= AGREED


async def _a_forum(place: Place) -> str:
    """Announced, with all firms, and ready."""
    organiser, n = place.organiser, len(await place.organiser.all_pages("/v1/forums"))
    date = (dt.datetime.now(dt.UTC) + dt.timedelta(days=FIRST_DAY + n)).date().isoformat()
    speaks = [["ko", "zh"], ["ko", "en"], ["zh", "en"]]
    body = forum_body(
        mode="onsite",
        days=[{"date": date, "opens": "09:00", "closes": "18:00"}],
        interpreters=[{"id": f"i{n}", "pairs": speaks, "max_in_row": 20} for n in range(6)],
        talks=[],
    )
    forum: str = expect_body(await organiser.post("/v1/forums", body), 201)["forum_id"]
    expect_body(await organiser.post(f"/v1/forums/{forum}/open"), 200)
    for profile, org, sub in place.firms:
        path = f"/v1/forums/{forum}/registrations/{profile}"
        answer = await place.caller(org, sub, "participant").put(path, {"delegates": [{"member_id": sub}]})
        # A PUT has no key of its own: one that is repeated after it took effect lacks the If-Match by then.
        expect_body(answer, 200, 201, 412, 428)
    expect_body(await organiser.post(f"/v1/forums/{forum}/ready"), 200)
    return forum


async def _a_draft(place: Place, forum: str) -> dict[str, Any]:
    plan = expect_body(await place.organiser.post(f"/v1/forums/{forum}/schedule", {}), 202)
    path = f"/v1/forums/{forum}/plans/{plan['number']}"

    async def drafted() -> dict[str, Any] | None:
        found = expect_body(await place.organiser.get(path), 200)
        assert found["state"] != "failed", found
        return found if found["state"] == "draft" else None

    found: dict[str, Any] = await eventually(drafted, "a draft", DRAFT_SECONDS)
    return found


def _firms(system: System) -> list[tuple[str, str, str]]:
    people = {organisation.owner: organisation.people[0].sub for organisation in organisations()}
    with MongoClient[Any](system.servers.uri) as client:
        rows = client.magpie_matching.profiles.find({"state": "published"}).sort("_id", 1)
        return [(row["_id"], row["owner"], people[row["owner"]]) for row in rows if row["owner"] in people]


def _asked(system: System, ask: Callable[[MongoClient[Any]], bool]) -> bool:
    """What the databases say; False while mongod is away."""
    try:
        with MongoClient[Any](system.servers.uri, serverSelectionTimeoutMS=1000) as client:
            return ask(client)
    except PyMongoError:
        return False


def _is_begun(system: System, id: str) -> bool:
    found = {"_id": id, "booked": {"$gt": 0}}
    return _asked(system, lambda client: client.magpie_matching.publications.find_one(found) is not None)


def _is_whole(system: System, id: str) -> bool:
    return _asked(system, lambda client: _is_told(client, id)) and all_say_ok(replicas_of(system))


def _is_told(client: MongoClient[Any], id: str) -> bool:
    """Published, and each side of each of its meetings has its notice."""
    plan = client.magpie_matching.forum_plans.find_one({"_id": id})
    if plan is None or plan["state"] != "published":
        return False
    meetings = client.magpie_matching.meetings.find({"forum_id": plan["forum_id"], "plan": plan["number"]})
    wanted = {party for meeting in meetings for party in meeting["parties"]}
    about = {"about.forum_id": plan["forum_id"], "about.plan": str(plan["number"])}
    return wanted <= set(client.magpie_notifications.entries.distinct("profile_id", about))
