"""A participant's board as it is shown: the meetings, whom one meets and why, and what one has to answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal
from zoneinfo import ZoneInfo

from schemas.matches import EvidenceEntry

from ..domain.after.attendance import OPENS_BEFORE, Attendance
from ..domain.asks import Move
from ..domain.calendar import ZONES
from ..domain.match import UNANSWERED, Match
from ..domain.meeting import Meeting
from ..domain.profile_row import ProfileRow
from ..domain.schedule import Lang, moment
from .clock import MAX_TEXT, BothTimes, both_times, cut, short_name
from .counts import asked_sides

MAX_MEETINGS, MAX_MATCHES = 28, 10
"""Of a page: what comes first. The others follow when these are answered or over. A meeting that shall be moved counts
twice, since it may stand there twice."""


@dataclass(frozen=True)
class DayFacts:
    """What one organisation has to do with others. `rows`: its own profiles and those of the others."""

    org: str
    member_id: str
    rows: Mapping[str, ProfileRow]
    matches: Mapping[str, Match]
    meetings: Sequence[Meeting]
    attendances: Mapping[str, Attendance] = field(default_factory=dict)
    may_answer: bool = True
    """Else the day is shown, and one can check in."""


@dataclass(frozen=True)
class Reason:
    """A need and the offer that answers it, in the words of their owners. `needs_first`: the reader's is the need."""

    need: str
    need_lang: str
    offer: str
    offer_lang: str
    is_my_need: bool


@dataclass(frozen=True)
class MovedView:
    """Where to and when a meeting shall be moved; `kind`: whether its time changes (`move`), its place, or both."""

    kind: Literal["move", "place", "both"]
    times: BothTimes
    who: str
    place: str
    url: str
    other_url: str


@dataclass(frozen=True)
class MeetingView:
    """A meeting as one side sees it. `asks`: it is for the reader to answer, `until` then; `is_late`: that time is
    over; `is_offer`: the forum asks both; `moves_to`: what was asked for instead."""

    id: str
    revision: int
    state: str
    times: BothTimes
    moves_to: MovedView | None
    asks: bool
    is_late: bool
    is_offer: bool
    until: str
    who: str
    place: str
    url: str
    other_url: str
    reason: Reason | None
    is_colleagues: bool
    has_conflict: bool
    can_check_in: bool
    is_here: bool
    is_to_come: bool


@dataclass(frozen=True)
class MatchView:
    """A proposal that waits for the reader, or for the other side."""

    id: str
    revision: int
    who: str
    until: str
    reason: Reason | None
    has_accepted: bool
    """The other side has."""


@dataclass(frozen=True)
class DayView:
    """All that the page shows. `days`: booked meetings by day."""

    who: str
    as_of: str
    days: Sequence[tuple[str, Sequence[MeetingView]]]
    asked: Sequence[MeetingView]
    waits: Sequence[MeetingView]
    proposals: Sequence[MatchView]
    pending: Sequence[MatchView]
    more: int
    """Meetings and proposals that are not shown yet."""
    may_answer: bool = True


def day_view(facts: DayFacts, lang: Lang, now: dt.datetime) -> DayView:
    """The board of a member at this moment."""
    own = {id for id, row in facts.rows.items() if row.owner == facts.org}
    country = next((facts.rows[id].country for id in sorted(own)), "KR")
    reader = _Reader(facts, lang, now, own, ZONES["CN" if country == "CN" else "KR"])
    to_come = sorted((one for one in facts.meetings if one.is_open and one.end > now), key=reader.urgency)
    asked, shown = reader.shown(_first(to_come))
    open_matches = [one for one in facts.matches.values() if one.state in UNANSWERED and now < one.expires_at]
    matches = [reader.match(one) for one in sorted(open_matches, key=lambda one: (one.expires_at, one.id))]
    proposals, pending = ([view for is_mine, view in matches if is_mine == mine] for mine in (True, False))
    days = dict[str, list[MeetingView]]()
    for view in shown:
        if view.state == "booked":
            days.setdefault(view.times.date, []).append(view)
    return DayView(
        who=next((short_name(facts.rows[id], lang) for id in sorted(own)), ""),
        as_of=moment(now, reader.zone, lang),
        days=list(days.items()),
        asked=asked,
        waits=[view for view in shown if view.state == "requested" and not view.asks],
        proposals=proposals[:MAX_MATCHES],
        pending=pending[:MAX_MATCHES],
        more=len(to_come[len(shown) :]) + len(proposals[MAX_MATCHES:]) + len(pending[MAX_MATCHES:]),
        may_answer=facts.may_answer,
    )


def _first(meetings: Sequence[Meeting]) -> Sequence[Meeting]:
    counts = list(accumulate(2 if one.move else 1 for one in meetings))
    return meetings[: sum(count <= MAX_MEETINGS for count in counts)]


@dataclass(frozen=True)
class _Reader:
    """Who reads: the profiles of its organisation, its language and the zone of its country."""

    facts: DayFacts
    lang: Lang
    now: dt.datetime
    own: set[str]
    zone: ZoneInfo

    def urgency(self, meeting: Meeting) -> tuple[bool, dt.datetime, str]:
        """What the reader can still answer comes first, the most urgent before the others; then what comes first."""
        sides, until = asked_sides(meeting)
        waits = self.now < until and not self.own.isdisjoint(sides)
        return not waits, until if waits else meeting.start, meeting.id

    def shown(self, meetings: Sequence[Meeting]) -> tuple[list[MeetingView], list[MeetingView]]:
        """Those that the reader is asked about as they come, and all of them in the order of their times."""
        views = {one.id: self.meeting(one) for one in meetings}
        in_time = sorted(meetings, key=lambda one: (one.start, one.id))
        return [view for view in views.values() if view.asks], [views[one.id] for one in in_time]

    def meeting(self, meeting: Meeting) -> MeetingView:
        me, other = self._sides(meeting.parties)
        asked, until = asked_sides(meeting)
        who = short_name(self.facts.rows.get(other), self.lang)
        match = self.facts.matches.get(meeting.match_id)
        known = self.facts.attendances.get(meeting.id)
        is_here = known is not None and me in known.for_start(meeting.start).here
        opens = meeting.start - OPENS_BEFORE
        return MeetingView(
            id=meeting.id,
            revision=meeting.revision,
            state=meeting.state,
            times=self._times(meeting.start, meeting.end),
            moves_to=self._moved(meeting, meeting.move, who) if meeting.move else None,
            asks=me in asked,
            is_late=bool(asked) and until <= self.now,
            is_offer=meeting.is_offer and meeting.state == "requested",
            until=moment(until, self.zone, self.lang),
            who=who,
            place=meeting.venue.place or "",
            url=meeting.venue.url or "",
            other_url=meeting.venue.fallback_url or "",
            reason=self._reason(match) if match else None,
            is_colleagues=meeting.sides.get(me) != self.facts.member_id,
            has_conflict=bool(meeting.conflicts),
            can_check_in=meeting.state == "booked" and opens <= self.now and not is_here,
            is_here=is_here,
            is_to_come=self.now < meeting.start,
        )

    def _moved(self, meeting: Meeting, move: Move, who: str) -> MovedView:
        is_there = move.venue == meeting.venue
        return MovedView(
            kind="move" if is_there else "place" if move.start == meeting.start else "both",
            times=self._times(move.start, move.end),
            who=who,
            place=move.venue.place or "",
            url=move.venue.url or "",
            other_url=move.venue.fallback_url or "",
        )

    def match(self, match: Match) -> tuple[bool, MatchView]:
        """Whether it is for the reader to answer, and the match."""
        me, other = self._sides(match.parties)
        return me not in match.accepted_by, MatchView(
            id=match.id,
            revision=match.revision,
            who=short_name(self.facts.rows.get(other), self.lang),
            until=moment(match.expires_at, self.zone, self.lang),
            reason=self._reason(match),
            has_accepted=other in match.accepted_by,
        )

    def _sides(self, parties: Sequence[str]) -> tuple[str, str]:
        me = next((side for side in parties if side in self.own), parties[0])
        return me, next(side for side in parties if side != me)

    def _times(self, start: dt.datetime, end: dt.datetime) -> BothTimes:
        return both_times(start, end, self.lang, self.zone)

    def _reason(self, match: Match) -> Reason | None:
        """The two sentences that met best, as far as their profiles still have them."""
        for evidence in match.evidence:
            need, offer = self._text(evidence.need), self._text(evidence.offer)
            if need and offer:
                return Reason(*need, *offer, is_my_need=evidence.need.profile_id in self.own)
        return None

    def _text(self, entry: EvidenceEntry) -> tuple[str, str] | None:
        row = self.facts.rows.get(entry.profile_id)
        # By the text: the span is one of the words that were matched, not of what the entry says after an edit.
        found = next((one.text for one in row.all_entries() if one.text_id == entry.text_id), None) if row else None
        if found is None:
            return None
        return cut(found.text[entry.start : entry.end] if entry.end else found.text, MAX_TEXT), found.lang
