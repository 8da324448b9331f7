"""What must hold after every step, whatever happened: read from MongoDB, and compared with what people were told."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from services.chassis.model import fold
from services.chassis.mongo.database import Database
from services.matching import store
from services.matching.domain.agenda import Agenda, Booked
from services.matching.domain.diary import Diary
from services.matching.domain.forum_plans.plan import ForumPlan, PlanBook, Publication
from services.matching.domain.forums.setup import ForumSetup
from services.matching.domain.meeting import Meeting
from services.matching.settings import MatchingSettings

from .cast import FORUM_PLACES

NAMED_ACTS = {"cancelled", "released", "profile_withdrawn", "profile_erased"}
BOOKED, MOVED = "magpie.meeting.booked", "magpie.meeting.rescheduled"
Told = Mapping[str, list[tuple[str, Any]]]
"""What was told of each meeting, in order: type and body."""


@dataclass(frozen=True)
class Stored:
    """All that is stored at one moment at which no one acts."""

    meetings: dict[str, Meeting]
    claims: dict[str, str]
    agendas: list[Agenda]
    diaries: list[Diary]
    plans: dict[str, ForumPlan]
    publications: list[Publication]
    books: list[PlanBook]
    budgets: dict[str, int]
    told: Told

    @property
    def booked(self) -> list[Meeting]:
        """The confirmed meetings."""
        return [meeting for meeting in self.meetings.values() if meeting.state == "booked"]


@dataclass
class Known:
    """What people were told: confirmed meetings by id with their start. `owner` by profile; `setup` of the
    forum."""

    owner: Mapping[str, str]
    settings: MatchingSettings
    setup: ForumSetup
    booked: dict[str, dt.datetime] = field(default_factory=dict)


async def stored(database: Database) -> Stored:
    """Reads all of it."""
    # In two halves: typeshed knows the types of six results at most.
    meetings, claims, agendas, diaries = await asyncio.gather(
        database.find(store.MEETINGS, {}),
        database.find(store.CLAIMS, {}),
        database.find(store.AGENDAS, {}),
        database.find(store.DIARIES, {}),
    )
    plans, publications, books, budgets, told = await asyncio.gather(
        database.find(store.FORUM_PLANS, {}),
        database.find(store.PUBLICATIONS, {}),
        database.find(store.PLAN_BOOKS, {}),
        database.find(store.BUDGETS, {"_id": {"$regex": "^acts/"}}),
        _told(database),
    )
    return Stored(
        {meeting.id: meeting for meeting in meetings},
        {claim.id: claim.meeting_id for claim in claims},
        agendas,
        diaries,
        {plan.id: plan for plan in plans},
        publications,
        books,
        {budget.id: budget.used for budget in budgets},
        told,
    )


async def _told(database: Database) -> Told:
    """Nothing leaves the outbox here."""
    found: dict[str, list[tuple[str, Any]]] = {}
    async for row in database.db.outbox.find({"headers.ce_type": {"$regex": "meeting"}}).sort("_id", 1):
        found.setdefault(row["key"].decode(), []).append((row["headers"]["ce_type"], json.loads(row["value"])))
    return found


def must_hold(found: Stored, known: Known) -> None:
    """Raises AssertionError with what does not."""
    _nothing_is_shared(found.booked, dt.timedelta(minutes=known.setup.change_over))
    _interpreters_come_along(found.booked, known.setup)
    needed = {claim: meeting.id for meeting in found.booked for claim in meeting.claim_ids()}
    assert found.claims == needed, "claims are those of the confirmed meetings"
    _nothing_is_offered_twice(found.meetings.values())
    _nothing_is_booked_with_what_is_away(found)
    _promises_are_kept(found, known)
    _plans_are_booked(found)
    _agendas_and_diaries_agree(found)
    _budgets_are_what_was_told(found, known)


def _nothing_is_shared(booked: Iterable[Meeting], change_over: dt.timedelta) -> None:
    for one, other in combinations(booked, 2):
        shared = _taken(one) & _taken(other)
        # Beside a meeting of a forum there is time to change over, also after one of the two was moved.
        pause = change_over if one.forum_id or other.forum_id else dt.timedelta()
        apart = one.end + pause <= other.start or other.end + pause <= one.start
        assert apart or not shared, f"two confirmed meetings share {sorted(shared)} at {one.start} and {other.start}"


def _taken(meeting: Meeting) -> set[str]:
    """What a meeting needs for itself; a place of its forum by what the two were told, whatever it claims. In a lobby
    many can meet."""
    typed = fold(meeting.venue.place or "") if meeting.forum_id else ""
    places = {f"at {sign}" for sign in FORUM_PLACES if fold(sign) == typed}
    return {*meeting.member_keys, *meeting.resources, *places}


def _interpreters_come_along(booked: Iterable[Meeting], setup: ForumSetup) -> None:
    """No pair of a history has a common language, and not all interpreters are there all the time."""
    for meeting in booked:
        held = {key.rpartition("/")[2] for key in meeting.resources if key.startswith("interpreter/")}
        here = {one.id for one in setup.interpreters if one.works(meeting.start, meeting.end)}
        assert held & here or meeting.forum_id is None, f"{meeting.id} has no interpreter at {meeting.start}"


def _nothing_is_offered_twice(meetings: Iterable[Meeting]) -> None:
    for one, other in combinations([m for m in meetings if m.is_offer and m.state == "requested"], 2):
        wanted = set(one.claim_ids()) & set(other.claim_ids())
        assert not wanted and one.match_id != other.match_id, f"two offers want {sorted(wanted)}"


def _nothing_is_booked_with_what_is_away(found: Stored) -> None:
    books = {book.id: book for book in found.books}
    for meeting in found.booked:
        book = books.get(meeting.forum_id or "")
        is_hit = book is not None and book.hits(meeting.holders, meeting.start, meeting.end)
        assert not is_hit, f"{meeting.holders} at {meeting.start}, of which something is away"


def _promises_are_kept(found: Stored, known: Known) -> None:
    for id, start in known.booked.items():
        stands, types = found.meetings[id], [type for type, _ in found.told[id]]
        assert BOOKED in types
        if stands.state != "booked":
            assert stands.state == "cancelled" and stands.reason in NAMED_ACTS, "a booking ends by a named act"
        elif stands.start != start:
            assert MOVED in types, "a booking moves by consent, or by a change that the organiser has confirmed"
    for meeting in found.meetings.values():
        assert meeting.revision == len(found.told[meeting.id]), "every write tells one event"


def _plans_are_booked(found: Stored) -> None:
    """Each meeting that a publication has come to is booked, or was, or has a reason why it is not."""
    booked_once = {
        meeting.match_id for id, meeting in found.meetings.items() if any(t == BOOKED for t, _ in found.told[id])
    }
    for publication in found.publications:
        plan = found.plans[publication.id]
        done = {one.match_id for one in plan.meetings[: publication.done]}
        assert set(publication.refused) <= done
        assert publication.booked + len(publication.refused) == publication.done, "a batch counts once"
        assert done - set(publication.refused) <= booked_once, "what was published is booked"
        if plan.state == "published":
            assert publication.done == len(plan.meetings), "all of it was published"
    for meeting in found.meetings.values():
        if meeting.forum_id and meeting.plan is not None:
            assert found.plans[f"{meeting.forum_id}/{meeting.plan:04}"].meeting_of(meeting.match_id), "it was planned"


def _agendas_and_diaries_agree(found: Stored) -> None:
    asking, booked, open_ = Counter[str](), dict[tuple[str, str], Booked](), dict[str, set[str]]()
    for agenda in found.agendas:
        asking.update(agenda.requests)
        booked |= {(agenda.id, id): busy for id, busy in agenda.booked.items()}
    waiting = Counter(id for id, m in found.meetings.items() for _ in m.requesters)
    assert asking == waiting, "agendas know what waits for an answer"
    times = {(key, m.id): m.time for m in found.booked for key in m.member_keys}
    both = booked.keys() | times.keys()
    others = {at: (booked.get(at), times.get(at)) for at in both if booked.get(at) != times.get(at)}
    assert not others, f"agendas know what is booked: {others}"
    for meeting in found.meetings.values():
        open_.setdefault(meeting.match_id, set()).update([meeting.id] if meeting.is_open else [])
    assert {diary.id: set(diary.meetings) for diary in found.diaries} == open_, "diaries know what is open"


def _budgets_are_what_was_told(found: Stored, known: Known) -> None:
    """What the other side hears of is counted, each once, whatever was decided again; and never more a day."""
    events = [event for told in found.told.values() for event in told]
    acts = Counter(known.owner[side] for type, body in events if (side := _acting(type, body)))
    in_total = {id: used for id, used in found.budgets.items() if "|" not in id}
    used = Counter[str]()
    for id, count in in_total.items():
        used[id.split("/")[1]] += count
    assert used == acts, "budgets are what was told"
    most = known.settings.max_acts_per_pair_and_day
    assert all(used <= most for id, used in found.budgets.items() if "|" in id), "no one is told more in a day"


def _acting(type: str, body: Any) -> str | None:
    """The side whose act it was, if it counts."""
    if type == "magpie.meeting.requested":
        # An offer is the forum's, and who accepts it writes to no one.
        return str(body["asked_by"]) if body.get("accepted_by") is None else None
    if type == "magpie.meeting.move_requested":
        return str(body["move"]["asked_by"])
    # What a side gives back is no act of the budget, nor is it to decline what a forum offers.
    accepted = body.get("accepted_by")
    is_declined = accepted is not None and len(accepted) < len(body["parties"])
    is_counted = type == "magpie.meeting.cancelled" and body.get("reason") != "released" and not is_declined
    return body.get("ended_by") if is_counted else None
