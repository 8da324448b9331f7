"""What stands in the way of booking a meeting of a forum, looked at before anything is written: what is refused must
leave no claim behind."""

from __future__ import annotations

from collections.abc import Sequence

from services.chassis.commit import UnitOfWork

from ..domain.agenda import Agenda
from ..domain.diary import Diary
from ..domain.forum_plans.closures import away_by_programme
from ..domain.forum_plans.plan import PlanBook
from ..domain.meeting import Meeting
from ..store import AGENDAS, CLAIMS, DIARIES, FORUMS, MEETINGS, PLAN_BOOKS, PROFILES


async def are_public(uow: UnitOfWork, parties: Sequence[str]) -> bool:
    """Whether all of these profiles are public."""
    rows = [await uow.get(PROFILES, party) for party in parties]
    return all(row is not None and row.is_public for row in rows)


async def obstacle(uow: UnitOfWork, meeting: Meeting) -> str | None:
    """Why a meeting cannot be booked (taken, busy), or None. What an organiser says to be away is taken, and what is
    there must still be there at the commit."""
    ids = meeting.claim_ids()
    await uow.load([*(CLAIMS.ref(id) for id in ids), *(AGENDAS.ref(key) for key in meeting.member_keys)])
    for id in ids:
        claim = await uow.get(CLAIMS, id)
        if claim is not None and claim.meeting_id != meeting.id:
            return "taken"
    for key in meeting.member_keys:
        agenda = await uow.get_or(AGENDAS, Agenda(id=key))
        if not agenda.is_free(meeting.start, meeting.end):
            return "busy"
        if not agenda.has_pause(meeting.id, meeting.time):
            return "taken"
    return "taken" if meeting.forum_id is not None and await is_away(uow, meeting, meeting.forum_id) else None


async def is_away(uow: UnitOfWork, meeting: Meeting, forum_id: str) -> bool:
    """Whether something or somebody of a meeting at a forum is away then: by its programme, or as an organiser has
    said, which must still be all that is said at the commit."""
    forum, (start, end) = await uow.get(FORUMS, forum_id), (meeting.start, meeting.end)
    book = await uow.get_or(PLAN_BOOKS, PlanBook(id=forum_id))
    uow.expect(PLAN_BOOKS, book.id)
    by_programme = forum is not None and away_by_programme(forum.setup, forum.id, meeting.holders, start, end)
    return bool(by_programme) or book.hits(meeting.holders, start, end)


async def other_booking(uow: UnitOfWork, meeting: Meeting) -> Meeting | None:
    """Another meeting that its match has booked."""
    diary = await uow.get_or(DIARIES, Diary(id=meeting.match_id))
    for meeting_id in diary.meetings:
        held = await uow.get(MEETINGS, meeting_id)
        if held is not None and held.id != meeting.id and held.state == "booked":
            return held
    return None
