"""An organiser publishes a plan: its meetings are booked by the claims of any booking, in batches. The end of each
batch plans the next one in the same transaction, so a kill at any time loses nothing and doubles nothing."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.forums import ScheduledMeeting
from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Invalid, InvalidState, Ref
from services.chassis.mongo import Database

from ..domain.diary import Diary
from ..domain.forum_plans.booking import LINK_ID, is_past, planned_booking, resources_of
from ..domain.forum_plans.plan import BATCH, ForumPlan, PlanBook, PlannedMeeting, Publication, must_be_draft, plan_id
from ..domain.forum_plans.taken_away import holders_of
from ..domain.forums.forum import Forum, must_be_going_on
from ..domain.forums.plan_parts import PlanPart, emptied, plan_parts, to_event
from ..domain.forums.setup import ForumSetup
from ..domain.match import Match
from ..domain.meeting import Meeting, MeetingChange
from ..job_kinds import PLAN_BOOK, PLAN_SAY, PlanJob
from ..plan_sources import booked_at_forum
from ..store import (
    AGENDAS,
    CLAIMS,
    DIARIES,
    FORUM_PLANS,
    FORUMS,
    MATCHES,
    MEETINGS,
    PLAN_BOOKS,
    PLAN_PARTS,
    PROFILES,
    PUBLICATIONS,
)
from .places import are_public, obstacle
from .plan_forum import there
from .save_meeting import save_meeting


async def begin_publication(uow: UnitOfWork, *, forum_id: str, number: int, link: str | None) -> ForumPlan:
    """Publishes a draft; jobs do the rest. `link`: where remote meetings take place.

    Raises NotFound, Invalid (the link), InvalidState (not-a-draft, publishing, forum-closed, outdated)."""
    plan = there(await uow.get(FORUM_PLANS, plan_id(forum_id, number)))
    must_be_draft(plan)
    forum = await uow.get(FORUMS, forum_id)
    if forum is not None:
        must_be_going_on(forum)
        _must_be_of_now(plan, forum.setup)
    _must_have_link(plan, link)
    book = await uow.get_or(PLAN_BOOKS, PlanBook(id=forum_id))
    uow.put(PLAN_BOOKS, book.beginning(number))
    await uow.create(PUBLICATIONS, Publication(id=plan.id, link=link))
    saved = uow.put(FORUM_PLANS, plan.model_copy(update={"state": "publishing"}))
    payload = PlanJob(forum_id=forum_id, number=number)
    uow.enqueue(PLAN_BOOK, payload, cause=f"{plan.id}:0", owner=plan.made_by)
    return saved


def _must_be_of_now(plan: ForumPlan, setup: ForumSetup) -> None:
    """Raises InvalidState (outdated) where something that it uses is gone. What takes it away meanwhile expects the
    book that a publication writes."""
    there = holders_of(setup, plan.forum_id)
    lost = {key for one in plan.meetings for key in resources_of(one, plan.forum_id, setup) if key not in there}
    if lost:
        names = ", ".join(sorted(key.rpartition("/")[2] for key in lost)[:10])
        detail = f"The forum has no {names} any more, which this plan uses; make another plan."
        raise InvalidState("outdated", detail)


def _must_have_link(plan: ForumPlan, link: str | None) -> None:
    remote = sum(meeting.online for meeting in plan.meetings)
    if remote and (link is None or LINK_ID not in link):
        detail = f"{remote} meetings have somebody remote; give a link with {LINK_ID} for the id of the meeting."
        raise Invalid(detail, pointer="/link")


@dataclass(frozen=True)
class Batch:
    """Meetings to be booked, and what they are decided from."""

    forum: Forum
    plan: ForumPlan
    meetings: list[PlannedMeeting]


@dataclass(frozen=True)
class PublishPlan:
    """Both halves of the jobs of a publication."""

    database: Database

    async def read(self, job: Claimed[PlanJob]) -> Batch | None:
        """The next batch; the plan itself does not change while it is published."""
        plan = await self.database.one(FORUM_PLANS, plan_id(job.payload.forum_id, job.payload.number))
        forum = await self.database.one(FORUMS, job.payload.forum_id)
        if plan is None or forum is None:
            return None
        return Batch(forum, plan, plan.meetings[job.payload.step : job.payload.step + BATCH])

    async def book(self, uow: UnitOfWork, job: Claimed[PlanJob], batch: Batch | None) -> None:
        """Books what can be booked, and plans the next batch, or the end."""
        if batch is None:
            return
        plan, step = batch.plan, job.payload.step
        progress = await uow.get(PUBLICATIONS, plan.id)
        if progress is None or not is_next(progress, step):
            return
        await load_batch(uow, batch)
        found = {one.match_id: await book_planned(uow, batch, one, progress.link) for one in batch.meetings}
        refused = {match_id: reason for match_id, reason in found.items() if reason is not None}
        after = progress.after(step + len(batch.meetings), len(found) - len(refused), refused)
        uow.put(PUBLICATIONS, after)
        is_last = after.done >= len(plan.meetings)
        payload = job.payload.model_copy(update={"step": after.done})
        uow.enqueue(PLAN_SAY if is_last else PLAN_BOOK, payload, cause=f"{plan.id}:{after.done}", owner=plan.made_by)

    async def read_booked(self, job: Claimed[PlanJob]) -> tuple[list[Meeting], list[PlanPart]]:
        """What is booked at the forum now, and what was said of it before."""
        forum_id = job.payload.forum_id
        return await booked_at_forum(self.database, forum_id), await self.database.find(
            PLAN_PARTS, {"forum_id": forum_id}
        )

    async def say(self, uow: UnitOfWork, job: Claimed[PlanJob], found: tuple[list[Meeting], list[PlanPart]]) -> None:
        """Says the plan by day and hall; it is published."""
        forum_id, number = job.payload.forum_id, job.payload.number
        plan, forum = await uow.get(FORUM_PLANS, plan_id(forum_id, number)), await uow.get(FORUMS, forum_id)
        if plan is None or forum is None or plan.state != "publishing":
            return
        booked, before = found
        parts = plan_parts(forum.setup, forum_id, number, map(_scheduled, booked))
        for part in [*parts, *emptied(before, parts, number)]:
            old = await uow.get(PLAN_PARTS, part.id)
            uow.put(PLAN_PARTS, part if old is None else _instead(old, part), to_event(part))
        uow.put(FORUM_PLANS, plan.model_copy(update={"state": "published", "published_at": uow.now}))
        book = await uow.get_or(PLAN_BOOKS, PlanBook(id=forum_id))
        uow.put(PLAN_BOOKS, book.ended(number))


def is_next(progress: Publication, step: int) -> bool:
    """Whether this batch is not done yet."""
    return progress.done == step


async def load_batch(uow: UnitOfWork, batch: Batch) -> None:
    """Reads at once what the meetings need."""
    await uow.load(MATCHES.ref(one.match_id) for one in batch.meetings)
    refs: list[Ref] = [PLAN_BOOKS.ref(batch.plan.forum_id), FORUMS.ref(batch.plan.forum_id)]
    for one in batch.meetings:
        refs.append(DIARIES.ref(one.match_id))
        refs += [PROFILES.ref(side) for side in one.sides]
        match = await uow.get(MATCHES, one.match_id)
        if match is not None and match.state == "agreed":
            meeting = _booking(uow, batch, match, one, None).meeting
            refs += [CLAIMS.ref(id) for id in meeting.claim_ids()]
            refs += [AGENDAS.ref(key) for key in meeting.member_keys]
    await uow.load(refs)


def _booking(uow: UnitOfWork, batch: Batch, match: Match, planned: PlannedMeeting, link: str | None) -> MeetingChange:
    id = uow.secret_id("meeting", match.id, planned.start.isoformat())
    return planned_booking(id, match, planned, plan=batch.plan, setup=batch.forum.setup, link=link)


async def book_planned(uow: UnitOfWork, batch: Batch, planned: PlannedMeeting, link: str | None) -> str | None:
    """Books one meeting; else says why it cannot be booked any more."""
    match = await uow.get(MATCHES, planned.match_id)
    if match is None or match.state != "agreed" or not await are_public(uow, match.parties):
        return "withdrawn"
    if is_past(planned, uow.now):
        return "past"
    diary = await uow.get_or(DIARIES, Diary(id=match.id))
    for meeting_id in diary.meetings:
        held = await uow.get(MEETINGS, meeting_id)
        if held is not None and held.state == "booked":
            return None if (held.forum_id, held.start) == (batch.plan.forum_id, planned.start) else "booked_already"
    change = _booking(uow, batch, match, planned, link)
    reason = await obstacle(uow, change.meeting)
    if reason is None:
        uow.expect(MATCHES, match.id)  # a match that ends at the same moment must reach this meeting
        for party in match.parties:
            uow.expect(PROFILES, party)
        await save_meeting(uow, None, change)
    return reason


def _scheduled(meeting: Meeting) -> ScheduledMeeting:
    return ScheduledMeeting(meeting_id=meeting.id, start=meeting.start.isoformat(), place=meeting.venue.place)


def _instead(old: PlanPart, new: PlanPart) -> PlanPart:
    return old.model_copy(update={"plan": new.plan, "meetings": new.meetings})
