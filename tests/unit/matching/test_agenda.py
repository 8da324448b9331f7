"""A member's time: half-open, merged, and never undone by itself."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.model.refusals import InvalidState
from services.matching.domain.agenda import MAX_BUSY, MAX_REQUESTS, Agenda, Booked, Busy, free_among, freed, merged
from services.matching.domain.calendar import LENGTH, STEP, starts
from tests.support.timing import cpu_seconds


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2026-12-01T{text}+09:00")


def busy(start: str, end: str) -> Busy:
    return Busy(start=at(start), end=at(end))


def booked(start: str, end: str, change_over: int | None = None) -> Booked:
    return Booked(start=at(start), end=at(end), change_over=change_over)


@pytest.mark.parametrize(
    ("start", "end", "free"),
    [
        ("10:20", "10:40", True),
        ("09:40", "10:00", True),
        ("10:00", "10:20", False),
        ("09:50", "10:10", False),
        ("10:10", "10:30", False),
        ("09:50", "10:30", False),
        ("10:05", "10:15", False),
    ],
)
def test_touching_is_free_and_any_overlap_is_not(start: str, end: str, free: bool) -> None:
    agenda = Agenda(id="kim", busy=[busy("10:00", "10:20")])
    assert agenda.is_free(at(start), at(end)) is free
    if not free:
        with pytest.raises(InvalidState) as refusal:
            agenda.with_booking("t", booked(start, end))
        assert refusal.value.type == "busy"


LIVE, PLANNED, ELSEWHERE = None, 10, 30


@pytest.mark.parametrize(
    ("one", "other", "start", "fits"),
    [
        (PLANNED, LIVE, "09:40", False),
        (PLANNED, LIVE, "09:30", True),
        (PLANNED, LIVE, "10:20", False),
        (PLANNED, LIVE, "10:30", True),
        (LIVE, PLANNED, "09:40", False),
        (LIVE, PLANNED, "10:30", True),
        (LIVE, LIVE, "09:40", True),
        (PLANNED, PLANNED, "09:30", True),
        (PLANNED, ELSEWHERE, "09:20", False),
        (PLANNED, ELSEWHERE, "09:10", True),
        (PLANNED, ELSEWHERE, "10:40", False),
        (PLANNED, ELSEWHERE, "10:50", True),
        (ELSEWHERE, PLANNED, "09:20", False),
        (ELSEWHERE, PLANNED, "10:40", False),
        (ELSEWHERE, PLANNED, "10:50", True),
    ],
)
def test_there_is_time_to_change_over_beside_a_meeting_of_a_forum_the_longer_of_two(
    one: int | None, other: int | None, start: str, fits: bool
) -> None:
    agenda = Agenda(id="kim").with_booking("t", booked("10:00", "10:20", one))
    time = Booked(start=at(start), end=at(start) + LENGTH, change_over=other)
    assert agenda.has_pause("u", time) is fits and agenda.has_pause("t", time), "it is in nothing's way but others'"
    if not fits:
        with pytest.raises(InvalidState) as refusal:
            agenda.with_booking("u", time)
        assert refusal.value.type == "taken"


def test_a_booking_in_a_new_busy_time_is_a_conflict_not_undone() -> None:
    agenda = Agenda(id="kim").with_booking("t", booked("10:00", "10:20")).with_booking("u", booked("11:00", "11:20"))
    changed = agenda.model_copy(update={"busy": [busy("10:10", "10:30")]})
    assert list(changed.conflicts()) == ["t"] and list(changed.without_booking("t").conflicts()) == []


def test_times_that_touch_are_one() -> None:
    times = [busy("14:00", "15:00"), busy("10:00", "10:20"), busy("10:20", "11:00"), busy("10:30", "10:40")]
    assert merged(times) == [busy("10:00", "11:00"), busy("14:00", "15:00")]


def test_open_requests_are_counted_once_each() -> None:
    agenda = Agenda(id="kim")
    for n in range(MAX_REQUESTS):
        agenda = agenda.with_request(f"t{n}").with_request(f"t{n}")
    with pytest.raises(InvalidState):
        agenda.with_request("one more")
    assert agenda.without_request("t3").with_request("one more")


TIMES = st.builds(
    lambda start, length: Busy(
        start=at("09:00") + dt.timedelta(minutes=start), end=at("09:00") + dt.timedelta(minutes=start + length)
    ),
    st.integers(0, 300),
    st.integers(1, 60),
)


@given(st.lists(TIMES, max_size=12), st.lists(st.integers(0, 30), unique=True, max_size=20))
def test_free_starts_are_those_that_overlap_nothing(taken: list[Busy], wanted: list[int]) -> None:
    starting = [at("09:00") + n * STEP for n in sorted(wanted)]
    expected = [start for start in starting if not any(time.overlaps(start, start + LENGTH) for time in taken)]
    assert list(free_among(starting, LENGTH, taken)) == expected


def test_in_three_months_each_busy_time_is_looked_at_once() -> None:
    """400 times that end before each start: looking at all of them for each start took more than a second."""
    first = at("09:00")
    times = [first + n * dt.timedelta(hours=5) for n in range(400)]
    taken = [Busy(start=start, end=start + STEP) for start in times]
    wanted = list(starts(first, first + dt.timedelta(days=92)))
    assert len(wanted) > len(list(free_among(wanted, LENGTH, taken))) > 1000

    def seconds(part: int) -> float:
        some, times = wanted[: len(wanted) // part], taken[: len(taken) // part]
        return cpu_seconds(lambda: list(free_among(some, LENGTH, times)))

    assert seconds(1) < 24 * seconds(8), "eight times as much; one who looks at all of them takes 64 times as long"


def test_an_agenda_is_in_use_while_something_is_to_come() -> None:
    agenda = Agenda(id="hanbit/kim", busy=[busy("09:00", "09:10")])
    later = agenda.with_booking("t", booked("10:00", "10:20"))
    assert not agenda.is_in_use(at("09:00")) and agenda.with_request("t").is_in_use(at("09:00"))
    assert later.is_in_use(at("10:10")) and not later.is_in_use(at("10:20"))


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ([("10:00", "11:00")], [], [("10:00", "11:00")]),
        ([("10:00", "11:00")], [("10:00", "11:00")], []),
        ([("10:00", "11:00")], [("09:00", "12:00")], []),
        ([("10:00", "11:00")], [("10:20", "10:40")], [("10:00", "10:20"), ("10:40", "11:00")]),
        ([("10:00", "11:00")], [("09:00", "10:10"), ("10:50", "12:00")], [("10:10", "10:50")]),
        ([("10:00", "11:00"), ("12:00", "13:00")], [("10:30", "12:30")], [("10:00", "10:30"), ("12:30", "13:00")]),
        ([("08:00", "10:00")], [], [("09:00", "10:00")]),
        ([("07:00", "09:00")], [], []),
        ([], [("10:00", "11:00")], []),
    ],
)
def test_what_is_free_again_is_what_was_taken_is_to_come_and_is_not_taken_otherwise(
    before: list[tuple[str, str]], after: list[tuple[str, str]], found: list[tuple[str, str]]
) -> None:
    one, other, expected = ([busy(*edges) for edges in times] for times in (before, after, found))
    assert list(freed(one, other, at("09:00"))) == expected


def test_it_is_found_in_one_pass() -> None:
    many = [Busy(start=at("09:00") + n * STEP * 2, end=at("09:00") + STEP * (n * 2 + 1)) for n in range(MAX_BUSY)]
    assert len(list(freed(many, [one.model_copy(update={"end": one.start}) for one in many], at("09:00")))) == MAX_BUSY
    assert list(freed(many, many, at("09:00"))) == []

    def seconds(count: int) -> float:
        return cpu_seconds(lambda: list(freed(many[:count], many[:count], at("09:00"))))

    assert seconds(480) < 24 * seconds(60), (
        "eight times as many; one who compares each with each takes 64 times as long"
    )
