"""Something fails on the day: a table breaks, an interpreter falls ill, a delegate comes late. Only the meetings that
need it then are planned again; all others stay where they are."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from schemas import meetings as contract

from ..forums.setup import ForumSetup
from ..meeting import Meeting, MeetingChange, claim_of, member_claims, slots
from ..members import member_key
from ..scheduling.schedule import Effort, make_schedule
from .booking import resources_of, venue_of
from .inputs import Sources, asked_for
from .outputs import planned_meetings
from .plan import PlannedMeeting

ChangeKind = Literal["table", "interpreter", "delegate"]
STEPS = 20_000
SEED = 1


@dataclass(frozen=True)
class DayChange:
    """What is away, from when until when. `id`: of the table or room, of the interpreter, or of the delegate, whose
    profile is then named too."""

    kind: ChangeKind
    id: str
    start: dt.datetime
    end: dt.datetime
    profile_id: str | None = None

    def holders(self, forum_id: str, owner: str | None) -> list[str]:
        """What its claims begin with."""
        if self.kind == "delegate":
            return [member_claims(member_key(owner or "", self.id))]
        kinds = ("table", "room") if self.kind == "table" else ("interpreter",)
        return [f"{kind}/{forum_id}/{self.id}" for kind in kinds]

    def closed(self, forum_id: str, owner: str | None) -> frozenset[str]:
        """The claims that no meeting may have then."""
        # What is away from 09:05 on is not there for the slot of 09:00.
        first = self.start.replace(minute=self.start.minute // 10 * 10, second=0, microsecond=0)
        times = list(slots(first, self.end))
        return frozenset(claim_of(holder, at) for holder in self.holders(forum_id, owner) for at in times)


@dataclass(frozen=True)
class Consequences:
    """What must change: meetings with their new place, and those that find none. `stay`: how many others are booked."""

    moved: list[tuple[Meeting, PlannedMeeting]]
    lost: list[Meeting]
    stay: int

    @property
    def fingerprint(self) -> str:
        """The same for the same consequences of the same revisions: who confirms means just these."""
        said = [(m.id, m.revision, at.model_dump_json()) for m, at in self.moved]
        said += [(m.id, m.revision, "") for m in self.lost]
        return hashlib.sha256(repr(sorted(said)).encode()).hexdigest()[:16]


def consequences(change: DayChange, sources: Sources, booked: Sequence[Meeting], owner: str | None) -> Consequences:
    """Plans the meetings again that the change hits, among those that stay."""
    closed = change.closed(sources.forum_id, owner)
    hit = {one.match_id: one for one in booked if closed & set(one.presence()) and one.start > sources.now}
    locks = {id: lock for id, lock in sources.locks.items() if id in sources.booked and id not in hit}
    freed = frozenset(id for one in hit.values() for id in one.claim_ids())
    asked = asked_for(
        replace(
            sources,
            matches=[match for match in sources.matches if match.id in locks or match.id in hit],
            locks=locks,
            booked=frozenset(locks),
            claims=sources.claims - freed,
            closed=closed,
        )
    )
    made = make_schedule(asked.problem, seed=SEED, effort=Effort(steps=STEPS, explain=False))
    found = {one.match_id: one for one in planned_meetings(asked, made)}
    moved = [(one, found[id]) for id, one in sorted(hit.items()) if id in found]
    return Consequences(moved, [one for id, one in sorted(hit.items()) if id not in found], len(booked) - len(hit))


def moved_to(meeting: Meeting, planned: PlannedMeeting, setup: ForumSetup) -> MeetingChange:
    """A booked meeting at its new place: the same meeting, with a higher SEQUENCE."""
    venue = venue_of(planned, meeting.id, meeting.venue.url)
    changed: Mapping[str, object] = {
        "start": planned.start,
        "end": planned.start + (meeting.end - meeting.start),
        "venue": venue,
        "move": None,
        "conflicts": [],
        "resources": resources_of(planned, meeting.forum_id or "", setup),
        "change_over": setup.change_over,
        "ical_sequence": meeting.ical_sequence + 1,
    }
    return MeetingChange(meeting.model_copy(update=dict(changed)), contract.MeetingRescheduled)
