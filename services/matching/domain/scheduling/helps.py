"""What would place more pairs. Each change is tried: the plan is made again with it, from where it stands, and only
what has placed more is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from .bounds import upper_bound
from .plan import Plan, make_draft, spots_of
from .problem import Interpreter, Mask, Problem, Slot, Spot, Table
from .repair import Limits
from .report import Report

HelpKind = Literal["interpreter", "table", "slot", "targets"]
TRIED = 8
SAID = 5
STEPS = 20_000


@dataclass(frozen=True)
class Help:
    """A change, and how many more pairs it places. `day`: where it is about one; `hall`: its number; `languages`: of an
    interpreter."""

    kind: HelpKind
    more: int
    day: str = ""
    hall: int = 0
    languages: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class _Trial:
    help: Help
    problem: Problem
    spots: list[Spot | None]


def what_helps(
    problem: Problem, plan: Plan, found: Report, *, seed: int, is_over: Callable[[], bool] = lambda: False
) -> list[Help]:
    """The changes that place more, the best first."""
    spots = spots_of(problem, plan.placements)

    def meetings(of: Problem, start: list[Spot | None]) -> int:
        limits = Limits(STEPS, is_over)
        draft = make_draft(of, seed=seed, limits=limits, enough=upper_bound(of).meetings, start=start)
        return len(draft.spots) - len(draft.unplaced)

    # What more time alone would have found is no merit of a change.
    before = len(plan.placements) if found.is_best else max(len(plan.placements), meetings(problem, spots))
    tried = list[Help]()
    for trial in _trials(problem, spots, found):
        if is_over():
            break
        tried.append(replace(trial.help, more=meetings(trial.problem, trial.spots) - before))
    return sorted((help for help in tried if help.more > 0), key=lambda help: -help.more)[:SAID]


def _trials(problem: Problem, spots: list[Spot | None], found: Report) -> Iterator[_Trial]:
    """The changes that the causes suggest, those of the most frequent cause first."""
    days = sorted({slot.day for slot in problem.slots})
    made = [trial for cause, _ in Counter(found.left_out.values()).most_common() for trial in
            _for_cause(problem, spots, found, cause, days)]  # fmt: skip
    yield from list({trial.help: trial for trial in made}.values())[:TRIED]


def _for_cause(
    problem: Problem, spots: list[Spot | None], found: Report, cause: str, days: list[str]
) -> Iterator[_Trial]:
    if cause in ("interpreters_full", "no_interpreter"):
        languages = _wanted(problem, found)
        yield from (_more_interpreters(problem, spots, day, languages) for day in days)
    elif cause in ("tables_full", "no_table", "too_far"):
        halls = range(len(problem.walking))
        yield from (_more_tables(problem, spots, day, hall) for day in days for hall in halls)
    elif cause == "target_reached":
        people = tuple(replace(person, most=person.most + person.one_more) for person in problem.people)
        yield _Trial(Help("targets", 0), replace(problem, people=people), spots)
    else:
        yield from (_more_slots(problem, spots, day) for day in days)


def _wanted(problem: Problem, found: Report) -> tuple[str, str]:
    """The two languages that most pairs without an interpreter need."""
    wanted = Counter[tuple[str, str]]()
    for wish, cause in found.left_out.items():
        if cause in ("interpreters_full", "no_interpreter"):
            pair = problem.wishes[wish]
            sides = (problem.people[pair.one].languages, problem.people[pair.other].languages)
            for languages in sorted({(min(a, b), max(a, b)) for a in sides[0] for b in sides[1]}):
                wanted[languages] += 1
    return wanted.most_common(1)[0][0]


def _of_day(problem: Problem, day: str) -> Mask:
    return sum(1 << n for n, slot in enumerate(problem.slots) if slot.day == day)


def _more_interpreters(problem: Problem, spots: list[Spot | None], day: str, languages: tuple[str, str]) -> _Trial:
    in_a_row = max((other.in_a_row for other in problem.interpreters), default=4)
    one = Interpreter("", frozenset({frozenset(languages)}), _of_day(problem, day), in_a_row)
    changed = replace(problem, interpreters=(*problem.interpreters, one))
    return _Trial(Help("interpreter", 0, day=day, languages=languages), changed, spots)


def _more_tables(problem: Problem, spots: list[Spot | None], day: str, hall: int) -> _Trial:
    changed = replace(problem, tables=(*problem.tables, Table("", hall, _of_day(problem, day))))
    return _Trial(Help("table", 0, day=day, hall=hall), changed, spots)


def _more_slots(problem: Problem, spots: list[Spot | None], day: str) -> _Trial:
    """One more slot at the end of a day, for everybody and everything that is there in its last one."""
    last = max(n for n, slot in enumerate(problem.slots) if slot.day == day)
    at, old = last + 1, problem.slots[last]
    starts = [slot.start for slot in problem.slots if slot.day == day]
    # The shortest: a break may come just before the last slot.
    step = min((later - earlier for earlier, later in pairwise(starts)), default=old.end - old.start)
    slot = Slot(day, old.start + step, old.end + step)

    def widened(mask: Mask) -> Mask:
        low = mask & ((1 << at) - 1)
        return low | (mask >> last & 1) << at | (mask >> at) << (at + 1)

    changed = replace(
        problem,
        slots=(*problem.slots[:at], slot, *problem.slots[at:]),
        people=tuple(replace(one, free=widened(one.free)) for one in problem.people),
        tables=tuple(replace(one, free=widened(one.free)) for one in problem.tables),
        interpreters=tuple(replace(one, free=widened(one.free)) for one in problem.interpreters),
        locked={n: replace(lock, slot=lock.slot + (lock.slot >= at)) for n, lock in problem.locked.items()},
    )
    moved = [spot and replace(spot, slot=spot.slot + (spot.slot >= at)) for spot in spots]
    return _Trial(Help("slot", 0, day=day), changed, moved)
