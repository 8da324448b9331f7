"""The scheduler: what a plan keeps, what it is compared with, and why a pair is left out (docs/rules.md, section 9)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.schedule_worlds import faults, grid, hybrid, plain
from services.matching.domain.scheduling.bounds import upper_bound
from services.matching.domain.scheduling.causes import CAUSES, Cause
from services.matching.domain.scheduling.draft import Draft
from services.matching.domain.scheduling.greedy import place_greedily
from services.matching.domain.scheduling.helps import Help
from services.matching.domain.scheduling.plan import Plan, finish, make_draft, take
from services.matching.domain.scheduling.problem import (
    NOWHERE,
    Interpreter,
    Lock,
    Person,
    Problem,
    Slot,
    Spot,
    Table,
    Wish,
)
from services.matching.domain.scheduling.repair import Limits
from services.matching.domain.scheduling.schedule import Effort, make_schedule
from services.matching.domain.scheduling.sentences import CAUSE_SENTENCES, HELP_SENTENCES, help_sentence
from services.matching.domain.scheduling.value import Quality, quality
from services.matching.plan_solver import Solved, SolverLimits, solve
from services.matching.plan_solver.messages import Wish as Ask
from services.matching.plan_solver.stages import improve

QUICK = Effort(steps=300, explain=False)
KO_ZH = frozenset({frozenset({"ko", "zh"})})
ALL = 0b111


@st.composite
def problems(draw: st.DrawFn, most_people: int = 6, most_slots: int = 4) -> Problem:
    """Small ones of every shape."""
    n = draw(st.integers(1, most_slots))
    masks, halls = st.integers(0, (1 << n) - 1), draw(st.integers(1, 2))
    languages = st.sampled_from([frozenset(), frozenset({"ko"}), frozenset({"zh"}), frozenset({"zh", "en"})])
    people = draw(
        st.lists(
            st.builds(Person, st.just("p"), masks, languages, st.booleans(), st.integers(0, 2), st.integers(1, 4)),
            min_size=2,
            max_size=most_people,
        )
    )
    pairs = [(a, b) for a in range(len(people)) for b in range(a)]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=5))
    scores, musts = st.integers(0, 1000), st.booleans()
    beside = st.sampled_from([(), (), ((-30, -10),), ((30 * n - 5, 30 * n + 15),)])
    helper = st.builds(Interpreter, st.just("i"), st.just(KO_ZH), masks, st.integers(1, 3), beside=beside)
    seat = st.builds(Table, st.just("t"), st.integers(0, halls - 1), masks)
    walk = draw(st.sampled_from([0, 15]))
    return Problem(
        slots=grid(n),
        people=tuple(people),
        tables=tuple(draw(st.lists(seat, max_size=3))),
        wishes=tuple(Wish("w", a, b, draw(scores), draw(musts)) for a, b in chosen),
        interpreters=tuple(draw(st.lists(helper, max_size=2))),
        walking=((0, walk), (walk, 0))[:halls],
        buffer=draw(st.sampled_from([0, 10, 20])),
    )


def every_draft(problem: Problem, wish: int = 0, draft: Draft | None = None) -> Iterator[Draft]:
    """All schedules that there are."""
    draft = draft or Draft(problem)
    if wish == len(problem.wishes):
        yield draft
        return
    yield from every_draft(problem, wish + 1, draft)
    for spot in list(draft.spots_for(wish, iter(range(len(problem.slots))))):
        if draft.spots[wish] is None and draft.fits(wish, spot):
            draft.place(wish, spot)
            yield from every_draft(problem, wish + 1, draft)
            draft.remove(wish)


def without_gaps(found: Quality) -> tuple[int, ...]:
    return (found.musts, found.short, found.meetings, found.score)


@given(problems(), st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_a_plan_shares_nothing_keeps_every_capacity_and_stays_below_the_bound(problem: Problem, seed: int) -> None:
    made = make_schedule(problem, seed=seed, effort=QUICK)
    assert list(faults(problem, made.plan)) == []
    assert made.report.scheduled == len(made.plan.placements) <= made.report.bound.meetings
    assert set(made.report.left_out) == set(range(len(problem.wishes))) - set(made.plan.spots)
    assert set(made.report.left_out.values()) <= set(CAUSES)


@pytest.mark.parametrize("rule", ["_full", "helper_is_free", "_hurried"])
def test_the_check_of_plans_finds_what_a_draft_without_a_rule_does(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = hybrid(40, 160, slots=6, tables=8, available=0.9, seed=1)
    honest = make_schedule(problem, seed=1, effort=QUICK).plan
    assert list(faults(problem, honest)) == []
    allows = {"_full": lambda *_: False, "helper_is_free": lambda *_: True, "_hurried": lambda *_: iter(())}
    monkeypatch.setattr(Draft, rule, allows[rule])
    draft = Draft(problem)
    place_greedily(draft)
    assert list(faults(problem, finish(draft))) != []


@given(problems())
@settings(max_examples=60, deadline=None)
def test_the_solver_finds_the_best_of_all_schedules_and_its_bound_is_true(problem: Problem) -> None:
    best = max(without_gaps(quality(draft)) for draft in every_draft(problem))
    most = max(quality(draft).meetings for draft in every_draft(problem))
    assert upper_bound(problem).meetings >= most
    start = make_draft(problem, seed=1, limits=Limits(100), enough=upper_bound(problem).meetings)
    wish = Ask(
        problem=problem,
        spots=list(start.spots),
        enough=len(problem.wishes) + 1,
        seed=1,
        work=5,
        end=time.monotonic() + 20,
    )
    *_, last = improve(wish)
    draft = Draft(problem)
    draft.restore(last.spots)
    assert list(faults(problem, finish(draft))) == []
    assert without_gaps(quality(draft)) == best
    assert last.bound == best[2]


@given(problems())
@settings(max_examples=60, deadline=None)
def test_repair_never_loses_and_mostly_finds_the_best(problem: Problem) -> None:
    greedy = Draft(problem)
    place_greedily(greedy)
    repaired = make_draft(problem, seed=1, limits=Limits(300), enough=len(problem.wishes) + 1)
    assert without_gaps(quality(repaired)) >= without_gaps(quality(greedy))


def test_a_seed_and_a_number_of_steps_give_one_plan() -> None:
    problem = hybrid(60, 240, slots=8, tables=20, available=0.8, seed=5)
    plans = [make_schedule(problem, seed=9, effort=Effort(steps=800, explain=False)).plan for _ in range(2)]
    assert plans[0] == plans[1]
    assert plans[0] != make_schedule(problem, seed=10, effort=Effort(steps=800, explain=False)).plan


def test_the_process_of_the_solver_gives_the_same_answer_twice_and_proves_it() -> None:
    problem = plain(60, 200, slots=8, tables=20, available=0.7, seed=2)
    draft = make_draft(problem, seed=1, limits=Limits(3000), enough=upper_bound(problem).meetings)
    asked = [solve(problem, draft.spots, enough=201, seed=1, limits=SolverLimits(work=0.4)) for _ in range(2)]
    assert asked[0] == asked[1]
    assert asked[0].is_whole
    assert asked[0].bound is not None and asked[0].bound >= quality(draft).meetings


@pytest.mark.parametrize("limits", [SolverLimits(memory_mb=60), SolverLimits(seconds=0.1)])
def test_a_solver_that_is_stopped_costs_nothing_but_its_proof(limits: SolverLimits) -> None:
    problem = plain(60, 200, slots=8, tables=20, available=0.7, seed=2)
    made = make_schedule(
        problem,
        seed=1,
        effort=Effort(steps=200, explain=False),
        solve=lambda of, spots, enough: solve(of, spots, enough=enough, seed=1, limits=limits),
    )
    alone = make_schedule(problem, seed=1, effort=Effort(steps=200, explain=False))
    assert made.solver == "failed"
    assert made.plan == alone.plan


def test_must_meets_come_first_then_targets_then_numbers_then_scores() -> None:
    everybody = tuple(Person(f"p{n}", 0b1) for n in range(4))
    seats, slots = (Table("t", 0, 0b1),), grid(1)
    pairs = [Wish("a", 0, 1, 900), Wish("b", 2, 3, 100)]

    def placed(wishes: list[Wish], people: tuple[Person, ...] = everybody) -> list[str]:
        problem = Problem(slots, people, seats, tuple(wishes))
        return [wishes[at.wish].id for at in make_schedule(problem, seed=1, effort=QUICK).plan.placements]

    assert placed(pairs) == ["a"]
    assert placed([pairs[0], replace(pairs[1], must=True)]) == ["b"]
    short = tuple(replace(one, least=int(n == 2)) for n, one in enumerate(everybody))
    assert placed(pairs, short) == ["b"]
    assert placed([replace(pairs[0], must=True), pairs[1]], short) == ["a"]


def test_a_locked_meeting_stays_and_others_go_round_it() -> None:
    people = tuple(Person(f"p{n}", ALL) for n in range(4))
    wishes = (Wish("a", 0, 1), Wish("b", 0, 2, must=True), Wish("c", 3, 1))
    locked = {0: Lock(slot=1, table=0, interpreter=NOWHERE)}
    problem = Problem(grid(3), people, (Table("t", 0, ALL),), wishes, locked=locked)
    made = make_schedule(problem, seed=1, effort=QUICK, solve=in_process)
    assert made.report.scheduled == 3
    assert list(faults(problem, made.plan)) == []


@pytest.mark.parametrize("table", [NOWHERE, 0])
def test_what_is_locked_without_a_table_or_an_interpreter_counts_in_every_bound(table: int) -> None:
    """One slot and one table; a pair was moved to a cafe, or has no interpreter today, and meets all the same."""
    people = tuple(Person("p", 0b1, frozenset({language})) for language in ("ko", "zh", "ko", "ko"))
    seats = (Table("t", 0, 0b1),) if table == NOWHERE else (Table("t", 0, 0b1), Table("u", 0, 0b1))
    problem = Problem(grid(1), people, seats, (Wish("v", 0, 1), Wish("w", 2, 3)), locked={0: Lock(0, table, NOWHERE)})
    made = make_schedule(problem, seed=1, effort=QUICK)
    assert (made.report.scheduled, made.report.bound.meetings, made.report.share) == (2, 2, 1.0)
    assert min(made.report.bound.all.values()) == 2


def test_what_is_locked_in_a_longer_row_than_an_interpreter_takes_counts_in_every_bound() -> None:
    helper = (Interpreter("i", KO_ZH, ALL, in_a_row=1),)
    people = (Person("a", ALL, frozenset({"ko"})), Person("b", ALL, frozenset({"zh"})))
    wishes = tuple(Wish("w", 0, 1) for _ in range(3))
    locked = {n: Lock(n, 0, 0) for n in range(3)}
    problem = Problem(grid(3), people, (Table("t", 0, ALL),), wishes, helper, locked=locked)
    assert upper_bound(problem).meetings == 3


def test_an_interpreter_who_takes_part_remotely_does_not_walk() -> None:
    slots = tuple(Slot("day 1", start, start + 20) for start in (0, 30))
    people = tuple(Person("p", 1 << n // 2, frozenset({"ko" if n % 2 else "zh"})) for n in range(4))
    seats = (Table("t", 0, 0b01), Table("u", 1, 0b10))
    wishes, walking = (Wish("v", 0, 1), Wish("w", 2, 3)), ((0, 30), (30, 0))
    for is_remote, scheduled in ((False, 1), (True, 2)):
        helper = (Interpreter("i", KO_ZH, 0b11, is_remote=is_remote),)
        problem = Problem(slots, people, seats, wishes, helper, walking)
        made = make_schedule(problem, seed=1, effort=QUICK, solve=in_process)
        assert made.report.scheduled == made.report.bound.meetings == scheduled
        assert list(faults(problem, made.plan)) == []


def in_process(problem: Problem, spots: list[Spot | None], enough: int) -> Solved:
    *_, last = improve(Ask(problem=problem, spots=spots, enough=enough, seed=1, work=5, end=time.monotonic() + 20))
    return Solved(last.spots, last.bound, is_whole=True)


@pytest.mark.parametrize(
    ("beside", "free", "in_a_row", "most"),
    [
        ((), ALL, 1, 2),
        ((), ALL, 2, 2),
        (((-30, -10), (90, 110)), ALL, 2, 2),
        (((-30, -10), (90, 110)), ALL, 1, 1),
        (((-30, -10), (90, 110)), 0b101, 1, 0),
        (((-60, -40), (-30, -10)), 0b001, 2, 0),
        (((0, 20),), 0b110, 1, 1),
    ],
)
def test_the_solver_counts_what_an_interpreter_has_beside_the_slots(
    beside: tuple[tuple[int, int], ...], free: int, in_a_row: int, most: int
) -> None:
    helper = Interpreter("i", KO_ZH, free, in_a_row, beside=beside)
    people = tuple(Person(f"p{n}", ALL, frozenset({"ko" if n % 2 else "zh"})) for n in range(6))
    wishes = tuple(Wish(f"w{n}", 2 * n, 2 * n + 1) for n in range(3))
    tables = tuple(Table(f"t{n}", 0, ALL) for n in range(3))
    problem = Problem(grid(3), people, tables, wishes, (helper,))
    solved = in_process(problem, [None] * 3, 9)
    draft = Draft(problem)
    take(draft, solved.spots)
    placed = sum(spot is not None for spot in solved.spots)
    assert (solved.bound, placed, len(draft.unplaced)) == (most, most, 3 - most)


def one_pair(**changes: Any) -> Problem:
    """Two people who could meet in any of three slots."""
    people = (Person("a", ALL, frozenset({"ko"})), Person("b", ALL, frozenset({"zh"})))
    helpers = (Interpreter("i", KO_ZH, ALL),)
    base = Problem(grid(3), people, (Table("t", 0, ALL),), (Wish("w", 0, 1),), helpers)
    return replace(base, **changes)


def two_pairs(**changes: Any) -> Problem:
    """Two pairs of four people who share a table and an interpreter in one slot."""
    people = tuple(Person("p", 0b1, frozenset({"ko" if n % 2 else "zh"})) for n in range(4))
    helpers, seats = tuple(Interpreter("i", KO_ZH, 0b1) for _ in range(2)), tuple(Table("t", 0, 0b1) for _ in range(2))
    return replace(Problem(grid(1), people, seats, (Wish("v", 0, 1), Wish("w", 2, 3)), helpers), **changes)


CASES: dict[Cause, Problem] = {
    "no_common_slot": one_pair(people=(Person("a", 0b100), Person("b", 0b011))),
    "no_interpreter": one_pair(interpreters=()),
    "no_table": one_pair(tables=()),
    "target_reached": one_pair(
        people=(Person("a", ALL, most=1), Person("b", ALL)), wishes=(Wish("v", 0, 1), Wish("w", 0, 1))
    ),
    "people_taken": two_pairs(wishes=(Wish("v", 0, 1), Wish("w", 0, 3))),
    "tables_full": two_pairs(tables=(Table("t", 0, 0b1),)),
    "interpreters_full": two_pairs(interpreters=(Interpreter("i", KO_ZH, 0b1),)),
    "too_far": Problem(
        grid(2),
        (Person("a", 0b11), Person("b", 0b01), Person("c", 0b10)),
        (Table("t", 0, 0b01), Table("u", 1, 0b10)),
        (Wish("v", 0, 1), Wish("w", 0, 2)),
        walking=((0, 15), (15, 0)),
    ),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_each_pair_that_is_left_out_has_its_cause(cause: Cause) -> None:
    made = make_schedule(CASES[cause], seed=1, effort=QUICK)
    assert list(made.report.left_out.values()) == [cause]


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (CASES["interpreters_full"], Help("interpreter", 1, day="day 1", languages=("ko", "zh"))),
        (CASES["no_interpreter"], Help("interpreter", 1, day="day 1", languages=("ko", "zh"))),
        (CASES["tables_full"], Help("table", 1, day="day 1")),
        (CASES["people_taken"], Help("slot", 1, day="day 1")),
        (CASES["target_reached"], Help("targets", 1)),
    ],
)
def test_what_would_help_was_tried(problem: Problem, expected: Help) -> None:
    made = make_schedule(problem, seed=1, effort=Effort(steps=300))
    assert expected in made.helps


def test_one_more_meeting_goes_to_those_whose_maximum_it_raises() -> None:
    problem = CASES["target_reached"]
    people = tuple(replace(person, one_more=0) for person in problem.people)
    assert make_schedule(replace(problem, people=people), seed=1, effort=Effort(steps=300)).helps == []


def test_a_change_that_places_no_more_is_not_said() -> None:
    """Tables are full, and one more brings nothing, because the interpreter is taken too."""
    problem = two_pairs(tables=(Table("t", 0, 0b1),), interpreters=(Interpreter("i", KO_ZH, 0b1),))
    made = make_schedule(problem, seed=1, effort=Effort(steps=300))
    assert made.report.causes == {"tables_full": 1}
    assert made.helps == []


def test_one_more_slot_does_not_come_after_one_more_break() -> None:
    """It would begin ten minutes after the last one, which is too soon for who wants half an hour between two."""
    slots = tuple(Slot("day 1", start, start + 30) for start in (0, 40, 180))
    people = (Person("a", 0b100), Person("b", 0b100), Person("c", 0b100))
    problem = Problem(slots, people, (Table("t", 0, 0b100),), (Wish("v", 0, 1), Wish("w", 0, 2)))
    assert make_schedule(problem, seed=1, effort=Effort(steps=300)).helps == [Help("slot", 1, day="day 1")]
    assert make_schedule(replace(problem, buffer=30), seed=1, effort=Effort(steps=300)).helps == []


def test_sentences_are_whole_in_three_languages() -> None:
    for lang in ("ko", "zh", "en"):
        assert all(sentences[lang] for sentences in CAUSE_SENTENCES.values())
        for kind in HELP_SENTENCES:
            said = help_sentence(Help(kind, 6, "12-02", 0, ("ko", "zh")), lang, ["A"])
            assert "6" in said and "{" not in said
            nowhere = help_sentence(Help(kind, 6, "12-02", 0, ("ko", "zh")), lang, [""])
            assert nowhere == said.replace(" in A", "").replace("在A", "").replace(" A에", "에"), "there are no halls"
    assert set(CAUSE_SENTENCES) == set(CAUSES)


def test_gaps_close_and_people_stay_at_their_table() -> None:
    people = tuple(Person(f"p{n}", ALL) for n in range(4))
    problem = Problem(
        grid(3), people, tuple(Table(f"t{n}", 0, ALL) for n in range(2)), (Wish("a", 0, 1), Wish("b", 0, 2))
    )
    draft = Draft(problem)
    draft.place(0, Spot(0, 0, NOWHERE))
    draft.place(1, Spot(2, 0, NOWHERE))
    assert quality(draft).gaps == -1
    plan = finish(draft)
    assert plan.quality.gaps == 0
    assert len({at.table for at in plan.placements}) == 1


def test_the_reference_is_reached_with_few_steps() -> None:
    """`make bench-schedule` in small: 150 people, 500 pairs, 12 slots, 50 tables, 80 % availability."""
    problem = plain(150, 500, slots=12, tables=50, available=0.8, seed=1)
    bound = upper_bound(problem).meetings
    greedy = Draft(problem)
    place_greedily(greedy)
    made = make_schedule(problem, seed=1, effort=Effort(steps=20_000, explain=False))
    assert list(faults(problem, made.plan)) == []
    assert made.report.scheduled == bound
    assert made.report.scheduled > quality(greedy).meetings


def plan_of(problem: Problem) -> Plan:
    return make_schedule(problem, seed=1, effort=QUICK).plan


@pytest.mark.parametrize(
    ("remote", "table", "link"), [((0, 0), True, False), ((1, 0), True, True), ((1, 1), False, True)]
)
def test_a_hybrid_pair_gets_a_link_and_a_table(remote: tuple[int, int], table: bool, link: bool) -> None:
    people = tuple(Person("p", ALL, is_remote=bool(is_remote)) for is_remote in remote)
    problem = Problem(grid(3), people, (Table("t", 0, ALL),), (Wish("w", 0, 1),))
    (at,) = plan_of(problem).placements
    assert (at.table != NOWHERE, problem.needs_link(0)) == (table, link)


def test_tables_are_enough_also_where_everything_is_full() -> None:
    for slots, tables in product((2, 6), (1, 3, 9)):
        problem = plain(30, 120, slots=slots, tables=tables, available=1.0, seed=tables)
        made = make_schedule(problem, seed=1, effort=QUICK)
        assert list(faults(problem, made.plan)) == []


@pytest.mark.parametrize("lacks", ["no_interpreter", "no_table"])
def test_a_pair_without_any_place_is_not_left_out_for_a_maximum(lacks: Cause) -> None:
    a = Person("a", 0b11, frozenset({"ko"}), most=1)
    c = Person("c", 0b10, frozenset({"zh"})) if lacks == "no_interpreter" else Person("c", 0b10)
    people = (a, Person("b", 0b01, frozenset({"ko"})), c)
    seats = (Table("t", 0, 0b11 if lacks == "no_interpreter" else 0b01),)
    helpers = (Interpreter("i", KO_ZH, 0b01),)
    problem = Problem(grid(2), people, seats, (Wish("v", 0, 1), Wish("w", 0, 2)), helpers)
    assert make_schedule(problem, seed=1, effort=QUICK).report.left_out == {1: lacks}
