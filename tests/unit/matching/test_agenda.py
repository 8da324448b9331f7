"""A member's time: half-open, merged, and never undone by itself."""

from __future__ import annotations

import datetime as dt

import pytest

from services.chassis.model.refusals import InvalidState
from services.matching.domain.agenda import MAX_REQUESTS, Agenda, Busy, merged


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2026-12-01T{text}+09:00")


def busy(start: str, end: str) -> Busy:
    return Busy(start=at(start), end=at(end))


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
            agenda.with_booking("t", at(start), at(end))
        assert refusal.value.type == "busy"


def test_a_booking_in_a_new_busy_time_is_a_conflict_not_undone() -> None:
    agenda = Agenda(id="kim").with_booking("t", at("10:00"), at("10:20")).with_booking("u", at("11:00"), at("11:20"))
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
