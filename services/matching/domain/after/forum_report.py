"""What an agency publishes of a forum: how far its participants came, and how evenly. No figure is about fewer than
five (docs/rules.md, section 8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict

from schemas.outcomes import LADDER

from ..rounds.judging import gini
from .outcome import Outcome

K = 5
"""The smallest count of participants, pairs or answers that is published, beside 0."""
COUNTRIES = ("KR", "CN")
StageName = Literal["registered", "matched", "agreed", "booked", "held"]
BOOKED = frozenset({"booked", "completed", "no_show"})
Parties = Sequence[str]


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Stage(_Shown):
    """How many came as far as this stage; a count of fewer than five is None, and with it its neighbours."""

    name: StageName
    pairs: int | None
    participants: int | None
    by_country: dict[str, int | None]


class StepCount(_Shown):
    """Of how many pairs a step is reported by one side at least, and by both."""

    step: str
    reported: int | None
    confirmed: int | None


class TableUse(_Shown):
    """Meetings at tables that were not given back, of how many would have had room on that day: in the slots that are
    over, or in all of them on a day to come."""

    date: str
    used: int | None
    of: int


class ForumReport(_Shown):
    """The report. `parity`: the share of the participants of a country that met somebody, the lower one divided by the
    higher one. `meetings_each` and `exposure_gini`: how many a participant had (before the forum: has booked), and
    how unevenly (0: all alike); None where those meetings are too few to be counted."""

    k: int = K
    funnel: list[Stage]
    outcomes: list[StepCount]
    parity: float | None
    met_share: dict[str, float | None]
    meetings_each: float | None
    exposure_gini: float | None
    tables: list[TableUse]
    no_shows: int | None
    released: int | None
    unknown: int | None
    """Booked meetings whose time is over and of which no one has said whether they took place."""
    ratings: int | None
    mean_rating: float | None
    would_meet_again: float | None
    """Share of the answers."""


@dataclass(frozen=True)
class MeetingFact:
    """What the report needs of a meeting. `date` is the day of the forum; `is_over`: its end has passed."""

    parties: Parties
    state: str
    date: str
    at_table: bool
    is_released: bool
    is_over: bool


class Answer(NamedTuple):
    """What a profile has answered about one meeting: a rating from 1 to 5, whether it would meet again, both or
    neither."""

    profile_id: str
    rating: int | None
    would_meet_again: bool | None


@dataclass(frozen=True)
class Facts:
    """All of a forum that the report counts. `countries`: of its participants. `room`: by day, for how many meetings
    there are tables, or on a day that has `begun` were, so far."""

    countries: Mapping[str, str]
    proposed: Sequence[Parties]
    agreed: Sequence[Parties]
    meetings: Sequence[MeetingFact]
    outcomes: Sequence[Outcome]
    answers: Sequence[Answer]
    room: Mapping[str, int]
    begun: Collection[str] = ()


def forum_report(facts: Facts) -> ForumReport:
    """Counts, and leaves out what is about too few."""
    booked = [meeting.parties for meeting in facts.meetings if meeting.state in BOOKED]
    held = [meeting.parties for meeting in facts.meetings if meeting.state == "completed"]
    reached = {"matched": facts.proposed, "agreed": facts.agreed, "booked": booked, "held": held}
    met_share = _shares(facts.countries, {side for parties in held for side in parties})
    known = [share for share in met_share.values() if share is not None]
    # Once the forum is under way, what is still to come is nothing that anybody has had.
    over = [meeting.parties for meeting in facts.meetings if meeting.state in BOOKED and meeting.is_over]
    counted = held or over or booked
    each = _each(facts.countries, counted)
    # A mean tells the sum that it was made of.
    enough = len(facts.countries) >= K and published(len(counted)) is not None
    return ForumReport(
        funnel=list(_funnel(facts.countries, reached)),
        outcomes=list(_steps(facts.outcomes)),
        parity=round(min(known) / max(known), 3) if len(known) == len(COUNTRIES) and max(known) else None,
        met_share=met_share,
        meetings_each=round(fmean(each), 2) if enough else None,
        exposure_gini=round(gini(np.array(each, dtype=float)), 3) if enough and any(each) else None,
        tables=list(_tables(facts)),
        released=published(sum(meeting.is_released for meeting in facts.meetings)),
        **_missed(facts.meetings),
        **_feedback(facts.answers),
    )


def published(count: int) -> int | None:
    """The count, or None if it is about too few. That there was none is no secret."""
    return None if 0 < count < K else count


def _together(counts: Mapping[str, int]) -> dict[str, int | None]:
    """Parts of a whole that is published: with one of them left out, the other one would give it away."""
    hidden = any(published(count) is None for count in counts.values())
    return {name: None if hidden else count for name, count in counts.items()}


def _funnel(countries: Mapping[str, str], reached: Mapping[str, Sequence[Parties]]) -> Iterator[Stage]:
    yield _stage("registered", None, countries, countries.keys())
    for name in ("matched", "agreed", "booked", "held"):
        pairs = {tuple(sorted(parties)) for parties in reached[name]}
        yield _stage(name, len(pairs), countries, {side for pair in pairs for side in pair})


def _stage(name: StageName, pairs: int | None, countries: Mapping[str, str], who: Collection[str]) -> Stage:
    # Without those of no country, who are erased: beside the parts, their total would tell how many these are.
    present = Counter(country for side in who if (country := countries.get(side)) in COUNTRIES)
    total = published(present.total())
    # Few pairs are told by the number of those in them, and the other way round.
    is_hidden = total is None or (pairs is not None and published(pairs) is None)
    parts = _together({country: present[country] for country in COUNTRIES})
    return Stage(
        name=name,
        pairs=None if is_hidden else pairs,
        participants=None if is_hidden else total,
        by_country=dict.fromkeys(parts) if is_hidden else parts,
    )


def _missed(meetings: Sequence[MeetingFact]) -> dict[str, int | None]:
    """Both are what was booked and not held: one of them would give the other one away."""
    no_shows = sum(meeting.state == "no_show" for meeting in meetings)
    unknown = sum(meeting.state == "booked" and meeting.is_over for meeting in meetings)
    return _together({"no_shows": no_shows, "unknown": unknown})


def _steps(outcomes: Iterable[Outcome]) -> Iterator[StepCount]:
    found = list(outcomes)
    for step in LADDER:
        sides = [outcome.sides_of(step) for outcome in found]
        by_both = sum(len(one) > 1 for one in sides)
        yield StepCount(step=step, reported=published(sum(map(bool, sides))), confirmed=published(by_both))


def _shares(countries: Mapping[str, str], met: Collection[str]) -> dict[str, float | None]:
    registered = Counter(countries.values())
    came = _together({name: sum(countries.get(side) == name for side in met) for name in COUNTRIES})
    return {
        name: None if came[name] is None or registered[name] < K else round((came[name] or 0) / registered[name], 3)
        for name in COUNTRIES
    }


def _each(countries: Mapping[str, str], meetings: Iterable[Parties]) -> list[int]:
    had = Counter(side for parties in meetings for side in parties)
    return [had[side] for side in countries]


def _tables(facts: Facts) -> Iterator[TableUse]:
    at_tables = (meeting for meeting in facts.meetings if meeting.at_table and meeting.state in BOOKED)
    counted = Counter(one.date for one in at_tables if one.is_over or one.date not in facts.begun)
    used = _together({date: counted[date] for date in facts.room})
    for date, room in sorted(facts.room.items()):
        yield TableUse(date=date, used=used[date], of=room)


def _feedback(answers: Sequence[Answer]) -> dict[str, float | None]:
    ratings = _of_many((one.profile_id, one.rating) for one in answers)
    again = _of_many((one.profile_id, one.would_meet_again) for one in answers)
    return {
        "ratings": None if ratings is None else len(ratings),
        "mean_rating": round(fmean(ratings), 2) if ratings else None,
        "would_meet_again": round(sum(again) / len(again), 3) if again else None,
    }


def _of_many(answers: Iterable[tuple[str, int | None]]) -> list[int] | None:
    """The answers that were given; None if they are of too few profiles, however many meetings these had."""
    given = [(who, value) for who, value in answers if value is not None]
    is_shown = published(len({who for who, _ in given})) is not None
    return [value for _, value in given] if is_shown else None
