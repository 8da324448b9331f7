"""Something fails on the day: a table breaks, an interpreter falls ill, a delegate comes late, a speaker overruns. Only
the meetings that need it then are planned again; all others stay where they are."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from schemas import meetings as contract

from ..claim import member_claims
from ..forums.programme import Speaker, Talk
from ..forums.registration import Attendance, Delegate, Registration
from ..forums.setup import ForumSetup
from ..meeting import Meeting, MeetingChange
from ..members import member_key
from .booking import resources_of, venue_of
from .closures import ChangeKind, Closure
from .inputs import Sources, asked_for
from .plan import PlannedMeeting
from .replanning import planned_again


@dataclass(frozen=True)
class DayChange:
    """What is away, from when until when. `id`: of the table or room, of the interpreter, of the delegate, whose
    profile is then named too, or of a talk that takes longer: its speakers and its room are away meanwhile."""

    kind: ChangeKind
    id: str
    start: dt.datetime
    end: dt.datetime
    profile_id: str | None = None


def overrun(talk: Talk, minutes: int) -> DayChange:
    """A talk that takes this much longer than its programme says."""
    return DayChange("talk", talk.id, talk.end, talk.end + dt.timedelta(minutes=minutes))


def closure_of(
    change: DayChange,
    forum_id: str,
    setup: ForumSetup,
    registrations: Sequence[Registration],
    booked: Sequence[Meeting] = (),
) -> Closure | None:
    """Which claims a change takes away; None if there is nothing like that at the forum. A delegate is there as long as
    one of its meetings in `booked` is, also after others were registered in its place."""
    taking_part = {one.profile_id: one for one in registrations}
    profiles, holders = list[str](), list[str]()
    if change.kind == "table":
        holders = [f"table/{forum_id}/{one.id}" for one in setup.tables if one.id == change.id]
        holders += [f"room/{forum_id}/{one.id}" for one in setup.rooms if one.id == change.id]
    elif change.kind == "interpreter":
        holders = [f"interpreter/{forum_id}/{one.id}" for one in setup.interpreters if one.id == change.id]
    elif change.kind == "delegate" and change.profile_id is not None:
        profiles = [change.profile_id]
        holders = _delegate(change.id, change.profile_id, taking_part.get(change.profile_id), booked)
    talk = next((one for one in setup.talks if (change.kind, one.id) == ("talk", change.id)), None)
    if talk is not None:
        speakers = [one for one in talk.speakers if one.profile_id in taking_part]
        profiles = [one.profile_id for one in speakers]
        holders = [key for one in speakers for key in _speaking(one, taking_part[one.profile_id])]
        holders += [f"room/{forum_id}/{talk.room}"] if talk.room is not None else []
    if not holders and talk is None:
        return None
    fields = {"kind": change.kind, "id": change.id, "start": change.start, "end": change.end}
    return Closure(**fields, holders=list(dict.fromkeys(holders)), profiles=list(dict.fromkeys(profiles)))


def _delegate(
    member_id: str, profile_id: str, registration: Registration | None, booked: Sequence[Meeting]
) -> list[str]:
    """What the claims of a delegate begin with; nothing if this profile has no such delegate."""
    registered = [one.member_id for one in registration.delegates] if registration is not None else []
    owners = {registration.owner} if registration is not None and member_id in registered else set[str]()
    owners |= {one.owners[profile_id] for one in booked if one.sides.get(profile_id) == member_id}
    return [member_claims(member_key(owner, member_id)) for owner in sorted(owners)]


def _speaking(speaker: Speaker, registration: Registration) -> list[str]:
    """The delegate that speaks, or all of them."""
    return [
        _member(registration, one.member_id)
        for one in registration.delegates
        if speaker.member_id in (None, one.member_id)
    ]


def _member(registration: Registration, member_id: str) -> str:
    return member_claims(member_key(registration.owner, member_id))


@dataclass(frozen=True)
class Consequences:
    """What must change: meetings with their new place, and those that find none. `stay`: how many others are still to
    take place, or do so now."""

    moved: list[tuple[Meeting, PlannedMeeting]]
    lost: list[Meeting]
    stay: int

    @property
    def fingerprint(self) -> str:
        """The same for the same consequences of the same revisions: who confirms means just these."""
        said = [(m.id, m.revision, at.model_dump_json()) for m, at in self.moved]
        said += [(m.id, m.revision, "") for m in self.lost]
        return hashlib.sha256(repr(sorted(said)).encode()).hexdigest()[:16]


def consequences(closure: Closure, sources: Sources, booked: Sequence[Meeting]) -> Consequences:
    """Plans the meetings again that are hit, among those that stay: at their own time, or with as much notice as an
    offer gives."""
    to_come = [one for one in booked if one.start > sources.now]
    hit = {one.match_id: one for one in to_come if closure.hits(one.holders, one.start, one.end)}
    locks = {id: lock for id, lock in sources.locks.items() if id in sources.booked and id not in hit}
    freed = frozenset(id for one in hit.values() for id in one.claim_ids())
    asked = asked_for(
        replace(
            sources,
            registrations=_with_replaced(sources.registrations, to_come),
            matches=[match for match in sources.matches if match.id in locks or match.id in hit],
            locks=locks,
            booked=frozenset(locks),
            claims=sources.claims - freed,
            closed=sources.closed | closure.claims(),
            # Its people stay, though others may be registered by now: they have agreed to meet.
            sides={id: one.sides for id, one in hit.items()},
        )
    )
    earliest = sources.now + dt.timedelta(minutes=sources.setup.offers.lead_minutes)
    found = {one.match_id: one for one in planned_again(asked, hit, earliest=earliest)}
    moved = [(one, found[id]) for id, one in sorted(hit.items()) if id in found]
    lost = [one for id, one in sorted(hit.items()) if id not in found]
    return Consequences(moved, lost, sum(one.end > sources.now for one in booked) - len(hit))


def _with_replaced(registrations: Sequence[Registration], booked: Sequence[Meeting]) -> list[Registration]:
    """With the delegates of booked meetings in whose place others are registered by now. Where no registration says how
    they take part, their meeting does: it has a link where a side is remote, and no place where both are. One
    with a remote interpreter has a link, too: then a side may be taken for remote, which costs it nothing."""
    known = {one.profile_id: one for one in registrations}
    for meeting in booked:
        here = {side: known[side].delegate(member) for side, member in meeting.sides.items() if side in known}
        remote = 0 if meeting.venue.url is None else 1 if meeting.venue.place is not None else len(meeting.sides)
        remote -= sum(one is not None and one.attendance == "remote" for one in here.values())
        for side in (side for side, one in here.items() if one is None):
            attendance: Attendance = "remote" if remote > 0 else "onsite"
            remote -= 1
            former = Delegate(member_id=meeting.sides[side], attendance=attendance)
            known[side] = known[side].model_copy(update={"delegates": [*known[side].delegates, former]})
    return list(known.values())


def moved_to(meeting: Meeting, planned: PlannedMeeting, setup: ForumSetup, link: str | None = None) -> MeetingChange:
    """A booked meeting at its new place: the same meeting, with a higher SEQUENCE. `link`: of the forum, for one that
    had none and is helped by a remote interpreter now."""
    venue = venue_of(planned, meeting.id, meeting.venue.url or link)
    if venue.url is not None:
        venue = venue.model_copy(update={"fallback_url": meeting.venue.fallback_url})
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
