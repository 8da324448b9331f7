"""The demonstration's forum: its books can go red, its clock only goes on, its days are those on which both work."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from deploy.demo import people, steps, venue
from deploy.demo.books import Books, Snapshot, find_problems
from deploy.demo.fast_time import FastTime
from deploy.demo.measures import Measures
from deploy.demo.people import Comes
from deploy.demo.show import Stage
from deploy.demo.steps import StepMissing, Steps
from deploy.demo.tail import Tail
from services.matching.domain.forum_files.whole_file import read_contents, with_contents
from services.matching.domain.forums.registration import Delegate, must_be_delegates
from services.matching.domain.forums.setup import ForumSetup, must_fit_together
from services.matching.sheets import read_sheets

TEN, TEN_TWENTY, ELEVEN = (f"2026-12-10T{time}:00Z" for time in ("10:00", "10:20", "11:00"))
EVENING = dt.datetime(2026, 12, 10, 18, tzinfo=dt.UTC)
MATCH = {"parties": ["a", "b"], "accepted_by": ["a", "b"], "state": "agreed"}
VENUE = {"kind": "onsite", "place": "A-1"}
MEETING = {"match_id": "m", "parties": ["a", "b"], "members": ["kim", "wang"], "ical_sequence": 0, "venue": VENUE}
MEETING |= {"start": TEN, "end": TEN_TWENTY, "state": "completed"}
PLANNED = {"match_id": "m", "sides": {"a": "kim", "b": "wang"}, "start": TEN, "place": "A-1", "interpreter": "han"}
AGREED = [("kim", "match.proposed", "m"), ("wang", "match.proposed", "m"), ("wang", "match.accepted", "m")]
AGREED += [("kim", "match.agreed", "m"), ("wang", "match.agreed", "m")]
TOLD = [("kim", "forum.planned", "f/1"), ("wang", "forum.planned", "f/1")]
CANCELLED = [("kim", "meeting.cancelled", "t"), ("wang", "meeting.cancelled", "t")]
MOVED = [("kim", "meeting.rescheduled", "t"), ("wang", "meeting.rescheduled", "t")]
LATER = {"meeting_id": "t", "start": ELEVEN, "place": "A-2", "interpreter": None}
MOVED_MEETING = MEETING | {"start": ELEVEN, "end": "2026-12-10T11:20:00Z", "ical_sequence": 1}
MOVED_MEETING |= {"venue": VENUE | {"place": "A-2"}}


def books(*, here: tuple[str, ...] = ("a", "b"), refused: tuple[str, ...] = (), **changes: Any) -> Books:
    kept = Books({"a": ["kim"], "b": ["wang"]}, {("m", "a"), ("m", "b")}, {"m": "a"}, time=EVENING)
    kept.seats.name = "f/1"
    kept.seats.take([PLANNED], refused, {"m": MEETING | {"meeting_id": "t", "state": "booked"}})
    for seat in kept.seats.by_meeting.values():
        kept.record_seat(seat)
    for side in here:
        kept.seats.record_check_in("t", side)
    for name, value in changes.items():
        setattr(kept, name, value)
    return kept


def found(*meetings: dict[str, Any], notices: list[tuple[str, str, str]] = TOLD, **more: Any) -> Snapshot:
    there = {"tuvw"[n]: meeting for n, meeting in enumerate(meetings or (MEETING,))}
    return Snapshot({"m": MATCH}, there, Counter([*AGREED, *notices]), **more)


def test_right_books_of_a_day_say_nothing() -> None:
    assert find_problems(books(), found()) == []
    assert find_problems(books(here=()), found(MEETING | {"state": "booked"})) == [], "no one knows whether it was"
    assert find_problems(books(time=None), found(MEETING | {"state": "booked"})) == [], "it is still to come"
    gone = MEETING | {"state": "cancelled", "ical_sequence": 1}
    assert find_problems(books(here=(), cancelled={"t"}), found(gone, notices=[*TOLD, *CANCELLED])) == []


def test_a_change_of_the_day_moves_and_cancels_in_the_books() -> None:
    kept = books()
    kept.record_change([LATER], [])
    assert find_problems(kept, found(MOVED_MEETING, notices=[*TOLD, *MOVED])) == []
    assert "place wrong: meeting t is at A-1, told was A-2" in find_problems(kept, found(notices=[*TOLD, *MOVED]))
    lost = books(here=())
    lost.record_change([], [{"meeting_id": "t"}])
    gone = MEETING | {"state": "cancelled", "ical_sequence": 1}
    assert find_problems(lost, found(gone, notices=[*TOLD, *CANCELLED])) == []


@pytest.mark.parametrize(
    ("kept", "there", "says"),
    [
        (books(), found(notices=TOLD[1:]), "notice missing: 1 x forum.planned of f/1 for kim"),
        (books(), found(notices=[*TOLD, TOLD[0]]), "notice too many: 1 x forum.planned of f/1 for kim"),
        (books(), found(notices=[*TOLD, ("kim", "meeting.booked", "t")]), "notice too many: 1 x meeting.booked of t"),
        (books(), found(MEETING | {"state": "booked"}), "booking wrong: meeting t is booked, promised was completed"),
        (books(here=()), found(), "booking wrong: meeting t is completed, promised was booked"),
        (books(), Snapshot({"m": MATCH}, {}, Counter([*AGREED, *TOLD])), "meeting lost: t of the forum"),
        (books(), found(MEETING, MEETING), "meeting of nobody: u"),
        (books(), found(MEETING | {"venue": VENUE | {"place": "A-9"}}), "place wrong: meeting t is at A-9"),
        (books(requested=Counter({("u", "a"): 1})), found(MEETING, MEETING | {"state": "requested"}),
         "booking wrong: meeting u is requested, promised was expired"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_plan_is_named(kept: Books, there: Snapshot, says: str) -> None:
    assert any(line.startswith(says) for line in find_problems(kept, there)), find_problems(kept, there)


def test_a_published_match_without_its_meeting_is_named_unless_it_was_refused() -> None:
    kept = books()
    kept.seats.take([PLANNED | {"match_id": "n"}], [], {})
    assert "meeting lost: the plan published match n" in find_problems(kept, found())
    assert books(refused=("m",)).seats.by_meeting == {}


@pytest.mark.parametrize(("other", "what"), [("A-1", "A-1"), ("A-2", "interpreter han")])
def test_a_table_and_an_interpreter_have_one_meeting_at_a_time(other: str, what: str) -> None:
    kept = books()
    second = PLANNED | {"match_id": "n", "sides": {"c": "lee", "d": "chen"}, "place": other}
    there = MEETING | {"match_id": "n", "members": ["lee", "chen"], "venue": VENUE | {"place": other}}
    kept.seats.take([second], [], {"n": there | {"meeting_id": "u"}})
    assert f"taken twice: {what} at 2026-12-10T10:00:00+00:00" in find_problems(kept, found(MEETING, there))
    free = MEETING | {"state": "no_show"}, there
    assert not [line for line in find_problems(kept, found(*free)) if line.startswith("taken")]


OFFER = MEETING | {"match_id": "n", "start": ELEVEN, "end": "2026-12-10T11:20:00Z", "accepted_by": ["a", "b"]}
BOOKED = [("kim", "meeting.booked", "u"), ("wang", "meeting.booked", "u")]


def test_an_offer_is_booked_by_those_who_took_it_alone() -> None:
    kept = books()
    kept.record_seat(kept.seats.record_offer(OFFER | {"meeting_id": "u", "sides": {"a": "kim", "b": "wang"}}))
    there = OFFER | {"state": "booked"}
    assert find_problems(kept, found(MEETING, there, notices=[*TOLD, *BOOKED])) == []
    assert "meeting lost: u of the forum" in find_problems(kept, found())
    open_offer = OFFER | {"state": "expired", "accepted_by": []}
    assert find_problems(books(), found(MEETING, open_offer)) == [], "no one has taken it"
    (line,) = find_problems(books(), found(MEETING, there))
    assert line == "booking of nobody: the offer u is booked"


def test_an_outcome_that_is_lost_is_named() -> None:
    kept = books()
    kept.seats.outcomes["m", "a"] = ["met", "nda"]
    assert find_problems(kept, found(outcomes={"m": {"a": {"met": TEN, "nda": TEN}}})) == []
    (line,) = find_problems(kept, found(outcomes={"m": {"a": {"met": TEN}, "b": {"nda": TEN}}}))
    assert line.startswith("outcome lost: a reported")


def test_fast_time_only_goes_on(tmp_path: Path) -> None:
    clock = FastTime(tmp_path / "new" / "clock")
    clock.begin()
    assert float(clock.file.read_text()) == 0 and not list(clock.file.parent.glob("*.new"))
    then = clock.now() + dt.timedelta(days=8)
    clock.leap_to(then)
    clock.leap_to(then - dt.timedelta(days=1))
    assert dt.timedelta() <= clock.now() - then < dt.timedelta(seconds=5)
    assert float(clock.file.read_text()) == clock.ahead.total_seconds()


DAYS = ["2026-12-10", "2026-12-11"]


async def test_the_forum_fits_together_with_its_file_of_tables() -> None:
    setup = ForumSetup.model_validate(venue.forum_body(DAYS, "kr-1"))
    must_fit_together(setup)
    sheets, mistakes = await read_sheets(venue.tables_file().encode(), is_csv=True, kind="tables")
    contents, more = read_contents(sheets, setup)
    whole, wrong = with_contents(setup, contents)
    assert not mistakes and not more and not wrong
    assert Counter(table.hall for table in whole.tables) == venue.HALL_TABLES and len(whole.slots()) == 24


def test_delegates_come_as_the_forum_takes_them() -> None:
    setup = ForumSetup.model_validate(venue.forum_body(DAYS, "kr-1"))
    several = [venue.delegate(f"kim-{n}", "ko", DAYS[1], random.Random(n)) for n in range(200)]
    must_be_delegates([Delegate.model_validate(one) for one in several], setup)
    kinds = Counter(field for one in several for field in one)
    assert all(5 < kinds[field] < 150 for field in ("attendance", "leaves_at", "languages"))


def test_the_days_follow_each_other_where_they_can() -> None:
    starts = [f"2026-12-{day}T{hour}:00:00Z" for day in ("04", "07", "08", "09") for hour in ("01", "05")]
    assert venue.two_days(starts) == ["2026-12-07", "2026-12-08"]
    assert venue.two_days(starts[:4]) == ["2026-12-04", "2026-12-07"] and venue.two_days(starts[:1]) == ["2026-12-04"]


def test_most_come_and_say_so_and_some_report_what_came_of_it() -> None:
    coming = Counter(people.comes(False, random.Random(n)) for n in range(500))
    assert coming[Comes.AT_TABLE] > 250 and all(coming[how] > 3 for how in Comes)
    assert people.comes(True, random.Random(3)) is not Comes.AT_TABLE
    steps = Counter(len(people.outcome(random.Random(n))) for n in range(500))
    assert steps[0] > 300 and set(steps) == {0, 2, 3, 4}
    assert {people.rates(random.Random(n)) for n in range(500)} == {None, 1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("silent", "answered", "recovered", "is_quiet"),
    [(5, 0, -1, True), (1, 0, -1, False), (5, 5, -1, False), (5, 0, 5, False)],
)
def test_silence_of_a_kafka_that_is_away_or_was_just_now_is_not_quiet(
    silent: float, answered: float, recovered: float, is_quiet: bool
) -> None:
    now = time.monotonic()
    tail = Tail("kafka:9092", last_at=now - silent)
    assert not tail.is_quiet(1.5), "it was never asked"
    tail.answered_at, tail.recovered_at = now - answered, now + recovered
    assert tail.is_quiet(1.5) is is_quiet


@pytest.mark.parametrize("was_away", [True, False])
async def test_after_an_outage_of_kafka_quiet_may_come_later(monkeypatch: pytest.MonkeyPatch, was_away: bool) -> None:
    monkeypatch.setattr(steps, "SETTLE_SECONDS", 0.2)
    now = time.monotonic()
    tail = Tail("kafka:9092", answered_at=now, last_at=now)
    if was_away:
        tail.last_at, tail.recovered_at = now - 5, now + 0.3
    tail.events_by_type["magpie.match.proposed"] = {("m", 1)}
    waiting = Steps(Stage(tail, {}, {}, Measures(), [], dict), tail, lambda: None).wait_until_quiet()
    if was_away:
        await waiting
        return
    with pytest.raises(StepMissing, match="never quiet"):
        await waiting


async def test_what_the_topics_do_not_show_yet_is_waited_for() -> None:
    tail, counted, looks = Tail("kafka:9092"), {"agreed": 0}, []
    stage = Stage(tail, {}, counted, Measures(), [], dict)

    def look() -> None:
        looks.append(0)
        counted["agreed"] = int(len(looks) == 3)

    await Steps(stage, tail, look).must_be_seen(counted, "agreed")
    assert len(looks) == 3
