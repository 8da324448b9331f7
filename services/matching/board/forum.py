"""The organiser's board as it is shown: how far the forum is, who sits where today, who is missing, what waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from schemas.profiles import Names

from ..domain.meeting import Meeting
from ..domain.schedule import Lang, day_name, moment
from .clock import BothTimes, both_times, cut, firm_names
from .counts import ForumFacts, funnel, here, missing, waiting
from .openings import OpeningView, opening_views
from .plans import PlanView, plan_views
from .words import WORDS

MAX_LINES, MAX_WAITING, MAX_MISSING = 150, 12, 30
ELSEWHERE = "-"
"""The hall of what is at no table of the forum."""


@dataclass(frozen=True)
class StageView:
    """A stage of the funnel; `percent` of the widest one, for its bar."""

    word: str
    count: int
    percent: int


@dataclass(frozen=True)
class TableLine:
    """A meeting at a table. `state` is a word of the board: now, next, over, absent."""

    table: str
    times: BothTimes
    sides: tuple[tuple[str, bool], ...]
    """Who, and whether it has checked in."""
    state: str


@dataclass(frozen=True)
class HallView:
    """What is on in a hall, by time and table."""

    id: str
    name: str
    lines: Sequence[TableLine]


@dataclass(frozen=True)
class Link:
    """A choice among several: a day, a hall, a language."""

    value: str
    name: str
    is_chosen: bool


@dataclass(frozen=True)
class Wish:
    """What the reader asks to see: `date` (ISO) and `hall`; empty for the present day and all halls."""

    lang: Lang
    date: str = ""
    hall: str = ""

    def address(self, **other: str) -> str:
        """The query of a page like this one, with something else in it."""
        asked = {"lang": self.lang, "date": self.date, "hall": self.hall} | other
        return "?" + urlencode({name: value for name, value in asked.items() if value})


@dataclass(frozen=True)
class ForumView:
    """All that the page shows."""

    id: str
    name: str
    state: str
    as_of: str
    screen: str
    screen_off: str
    stages: Sequence[StageView]
    days: Sequence[Link]
    halls: Sequence[Link]
    day: str
    tables: Sequence[HallView]
    more_lines: int
    missing: Sequence[tuple[str, str, int]]
    """Who, at which table, and for how many minutes."""
    waiting: Sequence[tuple[str, int, str]]
    """Who, how many answers, until when."""
    more_waiting: int
    plans: Sequence[PlanView]
    openings: Sequence[OpeningView]
    conflicts: Sequence[tuple[str, str, str]]
    """Who, when, where."""


def forum_view(facts: ForumFacts, wish: Wish, now: dt.datetime) -> ForumView:
    """The board of a forum at this moment."""
    lang, setup = wish.lang, facts.forum.setup
    date = _chosen_day([day.date for day in setup.days], wish.date, now.astimezone(setup.tz).date().isoformat())
    names = firm_names(facts.rows, lang)
    halls, more = _halls(facts, names, wish, date, now)
    late = waiting(facts, now)
    return ForumView(
        id=facts.forum.id,
        name=name_in(setup.names, lang) or WORDS["forum"][lang],
        state=WORDS[facts.forum.state][lang],
        as_of=WORDS["as_of"][lang].format(moment(now, setup.tz, lang)),
        screen=wish.address(screen="1"),
        screen_off=wish.address(),
        stages=_stages(funnel(facts), lang),
        days=[_day_link(wish, day.date, date) for day in setup.days],
        halls=_hall_links(facts, wish),
        day=day_name(dt.date.fromisoformat(date), lang),
        tables=halls,
        more_lines=more,
        missing=_missing(facts, names, lang, now),
        waiting=[(names[one.profile_id], one.count, moment(one.until, setup.tz, lang)) for one in late[:MAX_WAITING]],
        more_waiting=max(0, len(late) - MAX_WAITING),
        plans=plan_views(facts, lang),
        openings=opening_views(facts, names, lang, now),
        conflicts=_conflicts(facts, names, lang),
    )


def name_in(names: Names, lang: str) -> str:
    """A name in this language, or else in another one."""
    return next((name for name in (getattr(names, lang), names.en, names.ko, names.zh) if name), "")


def _chosen_day(days: Sequence[str], wanted: str, today: str) -> str:
    """The day that is asked for; else today, or the next day of the forum, or its last one."""
    if wanted in days:
        return wanted
    return next((day for day in days if day >= today), days[-1])


def _stages(counts: dict[str, int], lang: Lang) -> list[StageView]:
    most = max(*counts.values(), 1)
    return [StageView(WORDS[stage][lang], count, round(100 * count / most)) for stage, count in counts.items()]


def _hall_links(facts: ForumFacts, wish: Wish) -> list[Link]:
    halls = [(hall.id, name_in(hall.names, wish.lang) or hall.id) for hall in facts.forum.setup.halls]
    if not halls:
        return []
    known = [("", WORDS["all_halls"][wish.lang]), *halls, (ELSEWHERE, WORDS["elsewhere"][wish.lang])]
    return [Link(wish.address(hall=id), name, id == wish.hall) for id, name in known]


def _day_link(wish: Wish, day: str, chosen: str) -> Link:
    return Link(wish.address(date=day), day_name(dt.date.fromisoformat(day), wish.lang), day == chosen)


def _halls(
    facts: ForumFacts, firms: Mapping[str, str], wish: Wish, date: str, now: dt.datetime
) -> tuple[list[HallView], int]:
    setup, lang = facts.forum.setup, wish.lang
    is_today = date == now.astimezone(setup.tz).date().isoformat()
    hall_of = {table.id: table.hall for table in setup.tables} | {room.id: room.hall for room in setup.rooms}
    found = list[tuple[str, TableLine]]()
    for meeting in sorted(facts.meetings, key=lambda one: (one.start, one.venue.place or "", one.id)):
        hall = hall_of.get(meeting.venue.place or "", ELSEWHERE)
        if _is_shown(facts, meeting, date) and not (is_today and meeting.end <= now) and wish.hall in ("", hall):
            found.append((hall, _line(facts, meeting, firms, lang, now)))
    shown = found[:MAX_LINES]
    names = {hall.id: name_in(hall.names, lang) or hall.id for hall in setup.halls}
    order = [*names, ELSEWHERE]
    views = [
        HallView(id, names.get(id, WORDS["elsewhere"][lang]), [line for hall, line in shown if hall == id])
        for id in order
    ]
    return [view for view in views if view.lines], len(found) - len(shown)


def _is_shown(facts: ForumFacts, meeting: Meeting, date: str) -> bool:
    setup = facts.forum.setup
    return meeting.state in ("booked", "completed", "no_show") and setup.date_of(meeting.start.isoformat()) == date


def _line(facts: ForumFacts, meeting: Meeting, names: Mapping[str, str], lang: Lang, now: dt.datetime) -> TableLine:
    state = "now" if meeting.start <= now < meeting.end else "next" if now < meeting.start else "over"
    if meeting.state == "no_show":
        state = "absent"
    arrived = here(facts, meeting)
    return TableLine(
        table=cut(meeting.venue.place or WORDS["online"][lang], 40),
        times=both_times(meeting.start, meeting.end, lang, facts.forum.setup.tz),
        sides=tuple((names[side], side in arrived) for side in meeting.parties),
        state=state,
    )


def _missing(facts: ForumFacts, names: Mapping[str, str], lang: Lang, now: dt.datetime) -> list[tuple[str, str, int]]:
    return [
        (
            names[side],
            cut(meeting.venue.place or WORDS["online"][lang], 40),
            int((now - meeting.start).total_seconds()) // 60,
        )
        for meeting, side in missing(facts, now)[:MAX_MISSING]
    ]


def _conflicts(facts: ForumFacts, names: Mapping[str, str], lang: Lang) -> list[tuple[str, str, str]]:
    found = [one for one in facts.meetings if one.state == "booked" and one.conflicts]
    return [
        (
            " · ".join(names[side] for side in meeting.parties),
            moment(meeting.start, facts.forum.setup.tz, lang),
            cut(meeting.venue.place or WORDS["online"][lang], 40),
        )
        for meeting in sorted(found, key=lambda one: one.start)[:MAX_WAITING]
    ]
