"""A time of a forum that became free is offered to the next best agreed pair, one pair after the other, until one
takes it or it is too near. Each step is one decision, so a kill at any time loses nothing and asks no one twice."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Caller, InvalidState
from services.chassis.mongo import Database

from ..domain.asks import Meant
from ..domain.calendar import ZONES
from ..domain.forum_plans import offers
from ..domain.forum_plans.next_pairs import Wanted, next_pairs
from ..domain.forum_plans.openings import MAX_OFFERS, Opening, OpeningBook, Why
from ..domain.forum_plans.plan import PlannedMeeting
from ..domain.forums.forum import Forum
from ..domain.forums.offer_terms import Chance
from ..domain.match import Match
from ..domain.meeting import Meeting
from ..job_kinds import OFFER, OpeningJob
from ..plan_sources import link_of, not_to_be_asked, offered_at_forum, sources_of
from ..store import FORUMS, MATCHES, MEETINGS, OPENING_BOOKS, PROFILES
from .access import meeting_of, must_be_public
from .places import are_public, obstacle, other_booking
from .save_meeting import BOOKING, save_meeting


async def accept_offer(uow: UnitOfWork, meeting: Meeting, *, side: str, meant: Meant) -> Meeting:
    """A side accepts what a forum offers; with the second one it is booked. If its time is not free any more it ends:
    `expired`, reason `slot_taken`. Raises InvalidState."""
    change = offers.accept(meeting, side=side, meant=meant, now=uow.now)
    if change.event is None:
        return change.meeting
    await must_be_public(uow, meeting.parties)
    if change.event in BOOKING and not await is_free(uow, change.meeting):
        change = offers.taken(change.meeting)
    return await save_meeting(uow, meeting, change)


async def must_be_offered(uow: UnitOfWork, caller: Caller, meeting_id: str) -> None:
    """Raises NotFound, and InvalidState (not-an-offer) for what a side has asked for: that has a revision to answer."""
    meeting, _ = await meeting_of(uow, caller, meeting_id)
    if not meeting.is_offer:
        detail = "No forum has offered this meeting; confirm what you have read of it."
        raise InvalidState("not-an-offer", detail, extra={"state": meeting.state})


async def is_free(uow: UnitOfWork, meeting: Meeting) -> bool:
    """Whether it could be booked now."""
    return await obstacle(uow, meeting) is None and await other_booking(uow, meeting) is None


@dataclass(frozen=True)
class Looked:
    """A forum, and who could meet at the time that became free, the best pair first."""

    forum: Forum
    pairs: list[PlannedMeeting]
    link: str | None


@dataclass(frozen=True)
class OfferSlots:
    """Both halves of the job."""

    database: Database

    async def look(self, job: Claimed[OpeningJob]) -> Looked | None:
        """Who could meet then, as it is now."""
        forum = await self.database.one(FORUMS, job.payload.forum_id)
        if forum is None or forum.is_closed or not forum.setup.offers.enabled:
            return None
        now = self.database.now()
        sources, open_offers = await sources_of(self.database, forum, now), await offered_at_forum(self.database, forum)
        taken = frozenset(id for one in open_offers for id in one.claim_ids())
        without = await not_to_be_asked(self.database, forum.id) | {one.match_id for one in open_offers}
        link = await link_of(self.database, forum.id)
        wanted = Wanted(job.payload.start, job.payload.place, without, link is not None)
        around = replace(sources, claims=sources.claims | taken)
        return Looked(forum, await asyncio.to_thread(next_pairs, wanted, around), link)

    async def offer(self, uow: UnitOfWork, job: Claimed[OpeningJob], looked: Looked | None) -> None:
        """The next step of an opening: it was filled, still waits, is offered to the next pair, or ends."""
        now, freed = job.payload.due(uow.now), job.payload
        if looked is None or freed.start <= now:
            return
        book = (await uow.get_or(OPENING_BOOKS, OpeningBook(id=looked.forum.id))).to_come(now)
        before = book.openings.get(freed.opening_id)
        if before is None and book.is_full():
            return
        opening = before or Opening(start=freed.start, place=freed.place)
        after = await _next_step(uow, Step(looked, freed, book, now), opening)
        if after is not None and after != before:
            uow.put(OPENING_BOOKS, book.with_opening(freed.opening_id, after))


@dataclass(frozen=True)
class Step:
    """What a step is decided from. `now`: not before the instant that it was planned for."""

    looked: Looked
    freed: OpeningJob
    book: OpeningBook
    now: dt.datetime


async def _next_step(uow: UnitOfWork, step: Step, opening: Opening) -> Opening | None:
    if opening.is_over:
        return None
    if opening.offer is not None:
        offer = await uow.get(MEETINGS, opening.offer)
        if offer is None or still_waits(offer):
            return None
        opening = opening.answered(offer)
        if opening.is_over:
            return opening
    if len(opening.tried) >= MAX_OFFERS:
        return opening.ended("offers_spent")
    return await _offered_to_next(uow, step, opening)


def still_waits(offer: Meeting) -> bool:
    """Whether a side may still answer."""
    return offer.state == "requested"


async def _offered_to_next(uow: UnitOfWork, step: Step, opening: Opening) -> Opening:
    """Offers it to the first pair that may be asked now; else waits for the end of quiet hours, or ends."""
    known = [await uow.get(MEETINGS, id) for id in step.book.offers()]
    others = [offer for offer in known if offer is not None and offer.state == "requested"]
    later, why = list[dt.datetime](), "no_pair"
    for planned in step.looked.pairs:
        match = await uow.get(MATCHES, planned.match_id)
        if match is None or match.id in opening.tried:
            continue
        chance = await _chance(uow, step, match)
        if chance is None:
            why = "too_near"
        elif chance.at > step.now:
            later.append(chance.at)
        else:
            offer = await _made(uow, step, match, planned)
            if is_apart(offer, others) and await _may_be_offered(uow, offer, match):
                return opening.offering(await save_meeting(uow, None, offers.made(offer, chance.lapses_at)))
    if not later:
        return opening.ended(_why(why))
    at = min(later)
    payload = step.freed.model_copy(update={"at": at})
    uow.enqueue(OFFER, payload, cause=f"{payload.opening_id}@{at.isoformat()}", run_at=at)
    return opening.waiting(at)


def _why(why: str) -> Why:
    return "too_near" if why == "too_near" else "no_pair"


async def _chance(uow: UnitOfWork, step: Step, match: Match) -> Chance | None:
    """When the pair can be asked, by the zones of both sides."""
    setup = step.looked.forum.setup
    here, zones = setup.tz, set[ZoneInfo]()
    for party in match.parties:
        row = await uow.get(PROFILES, party)
        zones.add(ZONES.get(row.country, here) if row is not None else here)
    return setup.offers.chance(step.freed.start, step.now, here, zones)


async def _made(uow: UnitOfWork, step: Step, match: Match, planned: PlannedMeeting) -> Meeting:
    opening_id, forum, link = step.freed.opening_id, step.looked.forum, step.looked.link
    id = uow.secret_id("offer", opening_id, match.id)
    return offers.offered(id, match, planned, opening_id=opening_id, forum_id=forum.id, setup=forum.setup, link=link)


def is_apart(offer: Meeting, others: list[Meeting]) -> bool:
    """Whether no open offer wants the same pair, or somebody or something of it at the same time."""
    wanted = set(offer.claim_ids())
    return all(other.match_id != offer.match_id and wanted.isdisjoint(other.claim_ids()) for other in others)


async def _may_be_offered(uow: UnitOfWork, offer: Meeting, match: Match) -> bool:
    if match.state != "agreed" or not await are_public(uow, match.parties) or not await is_free(uow, offer):
        return False
    uow.expect(MATCHES, match.id)  # a match that ends at the same moment must reach this meeting
    for party in match.parties:
        uow.expect(PROFILES, party)
    return True
