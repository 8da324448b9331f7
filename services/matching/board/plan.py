"""A plan on the board: its meetings in order of time, some at a time, and which of them the organiser has locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..domain.calendar import LENGTH
from ..domain.forum_plans.plan import ForumPlan, PlanBook, PlannedMeeting
from ..domain.forums.forum import Forum
from ..domain.profile_row import ProfileRow
from ..domain.schedule import Lang
from .clock import BothTimes, both_times, firm_names
from .forum import name_in
from .plans import helps_of
from .words import WORDS

MAX_LINES = 60
"""Of a page, which stays under 100 KB."""


@dataclass(frozen=True)
class PlanFacts:
    """A plan with its meetings, and the profiles that meet."""

    forum: Forum
    plan: ForumPlan
    book: PlanBook
    rows: Mapping[str, ProfileRow]


@dataclass(frozen=True)
class PlannedLine:
    """A meeting of the plan. `is_elsewhere`: its match is locked at another time or place."""

    match_id: str
    times: BothTimes
    place: str
    names: Sequence[str]
    interpreter: str
    is_locked: bool
    is_elsewhere: bool


@dataclass(frozen=True)
class PlanPageView:
    """All that the page shows. `before`, `after`: where the pages before and after this one begin, or -1."""

    forum_id: str
    forum: str
    number: int
    state: str
    may_lock: bool
    locked: int
    helps: Sequence[str]
    lines: Sequence[PlannedLine]
    first: int
    last: int
    total: int
    before: int
    after: int


def plan_view(facts: PlanFacts, lang: Lang, first: int) -> PlanPageView:
    """The page of a plan that begins with this meeting."""
    plan, setup, names = facts.plan, facts.forum.setup, firm_names(facts.rows, lang)
    shown = plan.meetings[first : first + MAX_LINES]
    return PlanPageView(
        forum_id=facts.forum.id,
        forum=name_in(setup.names, lang) or WORDS["forum"][lang],
        number=plan.number,
        state=WORDS[f"plan_{plan.state}"][lang],
        may_lock=plan.state == "draft" and not facts.forum.is_closed,
        locked=len(facts.book.locks),
        helps=helps_of(plan, setup, lang),
        lines=[_line(facts, one, names, lang) for one in shown],
        first=first + 1,
        last=first + len(shown),
        total=len(plan.meetings),
        before=max(0, first - MAX_LINES) if first else -1,
        after=first + MAX_LINES if first + MAX_LINES < len(plan.meetings) else -1,
    )


def _line(facts: PlanFacts, meeting: PlannedMeeting, names: Mapping[str, str], lang: Lang) -> PlannedLine:
    lock = facts.book.locks.get(meeting.match_id)
    return PlannedLine(
        match_id=meeting.match_id,
        times=both_times(meeting.start, meeting.start + LENGTH, lang, facts.forum.setup.tz),
        place=meeting.place or WORDS["online"][lang],
        names=[names[side] for side in sorted(meeting.sides)],
        interpreter=meeting.interpreter or "",
        is_locked=lock is not None,
        is_elsewhere=lock is not None and lock != meeting,
    )
