"""A published plan in parts, for each day and hall, so that no event is too large (topic `forums`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemas import forums as contract
from schemas.forums import MAX_MEETINGS_A_PART, ScheduledMeeting
from services.chassis.model import Document

from .setup import ForumSetup


class PlanPart(Document):
    """What was published of a plan for a day and a hall. Its id is the key of its events."""

    forum_id: str
    plan: int
    date: str
    hall: str | None = None
    part: int = 0
    meetings: list[ScheduledMeeting] = []


def plan_parts(setup: ForumSetup, forum_id: str, plan: int, meetings: Iterable[ScheduledMeeting]) -> list[PlanPart]:
    """The parts of a plan in order: for each day of the forum and each hall that has meetings then."""
    halls = {table.id: table.hall for table in setup.tables} | {room.id: room.hall for room in setup.rooms}
    found: dict[tuple[str, str], list[ScheduledMeeting]] = {}
    for meeting in sorted(meetings, key=lambda one: (one.start, one.place or "", one.meeting_id)):
        found.setdefault((setup.date_of(meeting.start), halls.get(meeting.place or "", "")), []).append(meeting)
    return [
        PlanPart(
            id=contract.part_id(forum_id, date, hall or None, number),
            forum_id=forum_id,
            plan=plan,
            date=date,
            hall=hall or None,
            part=number,
            meetings=held[at : at + MAX_MEETINGS_A_PART],
        )
        for (date, hall), held in sorted(found.items())
        for number, at in enumerate(range(0, len(held), MAX_MEETINGS_A_PART))
    ]


def emptied(before: Sequence[PlanPart], after: Sequence[PlanPart], plan: int) -> list[PlanPart]:
    """The parts of the plan before that the next one does not have, without meetings: to be published with it, or
    their readers would keep them."""
    kept = {part.id for part in after}
    return [part.model_copy(update={"plan": plan, "meetings": []}) for part in before if part.id not in kept]


def to_event(part: PlanPart) -> contract.ForumScheduled:
    """The event of a part."""
    fields = part.model_dump(exclude={"id", "revision", "at"})
    return contract.ForumScheduled(part_id=part.id, **fields)
