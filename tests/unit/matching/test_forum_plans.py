"""What the scheduler is asked for a forum, which locks it takes, and what follows from a change on the day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from bench.schedule_worlds import faults
from services.chassis.model import InvalidState
from services.matching.domain.agenda import Agenda, Busy
from services.matching.domain.claim import claim_of
from services.matching.domain.forum_plans.booking import planned_booking
from services.matching.domain.forum_plans.closures import away_by_programme
from services.matching.domain.forum_plans.comparing import differences
from services.matching.domain.forum_plans.day_change import Consequences, DayChange, closure_of, consequences
from services.matching.domain.forum_plans.inputs import Sources, asked_for
from services.matching.domain.forum_plans.outputs import help_sentence_of, plan_report, planned_meetings
from services.matching.domain.forum_plans.plan import MAX_PLANS, ForumPlan, Helps, PlanBook, PlannedMeeting
from services.matching.domain.forums.registration import Delegate, Registration, Targets
from services.matching.domain.forums.setup import ForumSetup
from services.matching.domain.match import Match
from services.matching.domain.meeting import Meeting
from services.matching.domain.schedule import Schedule, of_table
from services.matching.domain.scheduling.problem import NOWHERE
from services.matching.domain.scheduling.schedule import Effort, make_schedule
from services.matching.prints import schedule_page
from tests.support.forums import forum_of_2027

NOW = dt.datetime(2027, 3, 1, tzinfo=dt.UTC)
FIRST = dt.datetime(2027, 3, 4, 0, 0, tzinfo=dt.UTC)
"""09:00 in Seoul."""


def registration(id: str, *members: str, **fields: Any) -> Registration:
    delegates = [Delegate(member_id=member) for member in members or (f"rep-{id}",)]
    given = {"delegates": delegates} | fields
    return Registration(id=f"f/{id}", forum_id="f", profile_id=id, owner=f"org-{id}", **given)


def match(one: str, other: str, **fields: Any) -> Match:
    pair = sorted((one, other))
    given: dict[str, Any] = {
        "id": f"m-{one}-{other}",
        "parties": pair,
        "owners": {p: f"org-{p}" for p in pair},
        "revisions": dict.fromkeys(pair, 1),
        "score": 0.5,
        "interest": dict.fromkeys(pair, 0.5),
        "evidence": [],
        "state": "agreed",
        "representatives": {p: f"rep-{p}" for p in pair},
        "expires_at": NOW,
    }
    return Match(**(given | fields))


def sources(**changes: Any) -> Sources:
    """A Korean and two Chinese firms, who speak only their own languages."""
    base = Sources(
        forum_id="f",
        setup=ForumSetup.model_validate(forum_of_2027(talks=[])),
        registrations=[registration("kr"), registration("cn"), registration("zh")],
        matches=[match("kr", "cn"), match("kr", "zh")],
        languages={"kr": ["ko"], "cn": ["zh"], "zh": ["zh"]},
        agendas={},
        claims=frozenset(),
        locks={},
        booked=frozenset(),
        now=NOW,
    )
    return replace(base, **changes)


def planned(of: Sources) -> dict[str, PlannedMeeting]:
    asked = asked_for(of)
    made = make_schedule(asked.problem, seed=1, effort=Effort(steps=200, explain=False))
    assert list(faults(asked.problem, made.plan)) == []
    assert plan_report(asked, made).scheduled == len(made.plan.placements)
    return {one.match_id: one for one in planned_meetings(asked, made)}


LINK = "https://meet.example/{id}"


def booked(of: Sources, found: dict[str, PlannedMeeting] | None = None) -> list[Meeting]:
    """What was found, or else the plan of these, as it is booked."""
    plan = ForumPlan(id="f/0001", forum_id="f", number=1, made_by="kic", made_at=NOW, seed=1)
    by_id = {one.id: one for one in of.matches}
    return [
        planned_booking(f"t-{id}", by_id[id], one, plan=plan, setup=of.setup, link=LINK).meeting
        for id, one in (found or planned(of)).items()
    ]


def following(change: DayChange, before: Sources, meetings: list[Meeting]) -> Consequences:
    """What follows from a change of something that is there."""
    closure = closure_of(change, before.forum_id, before.setup, before.registrations)
    assert closure is not None
    return consequences(closure, standing(before, meetings), meetings)


def standing(of: Sources, meetings: list[Meeting], found: dict[str, PlannedMeeting] | None = None) -> Sources:
    """The same with these bookings."""
    locks = found or planned(of)
    claims = frozenset(id for one in meetings for id in one.claim_ids())
    return replace(of, locks=locks, booked=frozenset(locks), claims=claims)


def test_a_slot_is_there_for_who_is_there_free_and_not_taken() -> None:
    late = Delegate(member_id="rep-kr", arrives_at=FIRST + dt.timedelta(minutes=30))
    busy = Agenda(
        id="org-kr/rep-kr", busy=[Busy(start=FIRST + dt.timedelta(hours=1), end=FIRST + dt.timedelta(hours=2))]
    )
    taken = claim_of("member/org-kr/rep-kr", FIRST + dt.timedelta(minutes=40))
    asked = asked_for(
        sources(
            registrations=[registration("kr", delegates=[late]), registration("cn"), registration("zh")],
            agendas={"org-kr/rep-kr": busy},
            claims=frozenset({taken}),
        )
    )
    person = next(one for one in asked.problem.people if one.id == "org-kr/rep-kr")
    starts = [start for n, start in enumerate(asked.names.starts) if person.free >> n & 1]
    # 09:00 is before it arrives, 09:30 touches the slot that is taken, 10:00 and 10:30 are busy.
    assert starts[0] == FIRST + dt.timedelta(hours=2)
    assert len(starts) == len(asked.names.starts) - 4


def test_a_slot_is_not_there_right_after_a_meeting_of_no_forum() -> None:
    ends_with_the_second_slot = claim_of("member/org-kr/rep-kr", FIRST + dt.timedelta(minutes=20))
    beside = frozenset({ends_with_the_second_slot})

    def free(**of: frozenset[str]) -> int:
        people = asked_for(sources(**of)).problem.people
        return next(one for one in people if one.id == "org-kr/rep-kr").free & 0b11

    # The change-over after the first slot is taken, and so is the one before the second.
    assert free() == 0b11 and free(claims=beside) == 0b10 and free(claims=beside, beside=beside) == 0b00


def test_talks_occupy_their_speakers_and_their_room() -> None:
    talk = forum_of_2027()["talks"][0] | {"speakers": [{"profile_id": "kr"}], "end": "2027-03-04T10:00:00+09:00"}
    asked = asked_for(sources(setup=ForumSetup.model_validate(forum_of_2027(talks=[talk]))))
    speaker = next(one for one in asked.problem.people if one.id == "org-kr/rep-kr")
    room = next(table for table in asked.problem.tables if table.id == "R-1")
    assert speaker.free & 0b11 == room.free & 0b11 == 0 and speaker.free >> 2 & 1 and room.free >> 2 & 1


def test_interpreters_are_needed_only_where_two_share_no_language() -> None:
    assert {one.interpreter for one in planned(sources()).values()} <= {"kim-1", "wang-1"}
    assert {
        one.interpreter for one in planned(sources(languages={"kr": ["zh", "ko"], "cn": ["zh"], "zh": ["zh"]})).values()
    } == {None}


def test_who_meets_is_the_representative_or_else_the_first_delegate() -> None:
    two = registration("kr", "lee", "park")
    found = planned(sources(registrations=[two, registration("cn"), registration("zh")]))
    assert {one.sides["kr"] for one in found.values()} == {"lee"}
    named = match("kr", "cn", representatives={"kr": "park", "cn": "rep-cn"})
    found = planned(sources(registrations=[two, registration("cn"), registration("zh")], matches=[named]))
    assert found["m-kr-cn"].sides == {"kr": "park", "cn": "rep-cn"}
    assert planned(sources(registrations=[registration("kr"), registration("cn")])).keys() == {"m-kr-cn"}


def test_targets_are_of_a_profile_also_with_several_delegates() -> None:
    two = registration("kr", "lee", "park", targets=Targets(minimum=1, maximum=1))
    matches = [
        match("kr", "cn", representatives={"kr": "park", "cn": "rep-cn"}),
        match("kr", "zh", representatives={"kr": "lee", "zh": "rep-zh"}),
    ]
    found = planned(sources(registrations=[two, registration("cn"), registration("zh")], matches=matches))
    assert len(found) == 1


@pytest.mark.parametrize(("maximum", "gain"), [(2, 1), (3, 1), (100, 0)])
def test_one_more_for_each_participant_is_one_for_all_of_its_delegates(maximum: int, gain: int) -> None:
    two = registration("kr", "lee", "park", targets=Targets(maximum=maximum))
    others = [f"cn-{n}" for n in range(6)]
    who = dict(zip(others, ["lee", "park", "park"] * 2, strict=True))
    matches = [match("kr", id, representatives={"kr": who[id], id: f"rep-{id}"}) for id in others]
    problem = asked_for(sources(registrations=[two, *map(registration, others)], matches=matches)).problem
    mine = [person for person in problem.people if "rep-" not in person.id]
    assert (len(mine), sum(one.most for one in mine), sum(one.one_more for one in mine)) == (2, maximum, gain)


def test_a_wish_without_a_common_slot_takes_nothing_of_the_maximum() -> None:
    early = Delegate(member_id="park", leaves_at=FIRST + dt.timedelta(hours=1))
    late = Delegate(member_id="rep-cn", arrives_at=FIRST + dt.timedelta(hours=2))
    two = registration("kr", delegates=[early, Delegate(member_id="lee")], targets=Targets(minimum=0, maximum=1))
    matches = [
        match("kr", "cn", representatives={"kr": "park", "cn": "rep-cn"}),
        match("kr", "zh", representatives={"kr": "lee", "zh": "rep-zh"}),
    ]
    people = [two, registration("cn", delegates=[late]), registration("zh")]
    assert planned(sources(registrations=people, matches=matches)).keys() == {"m-kr-zh"}


@pytest.mark.parametrize("first", ["kr", "zr"])
def test_who_comes_for_two_profiles_is_there_when_both_say_so(first: str) -> None:
    """In whatever order their matches stand: one arrives at 11, and the other one's talk ends at 14."""
    late = Delegate(member_id="kim", arrives_at=FIRST + dt.timedelta(hours=2))
    fluent = Delegate(member_id="kim", languages=["zh"])
    other = "zr" if first == "kr" else "kr"
    both = [
        registration(first, delegates=[late]).model_copy(update={"owner": "org-k"}),
        registration(other, delegates=[fluent]).model_copy(update={"owner": "org-k"}),
    ]
    talk = {"id": "T-1", "start": FIRST, "end": FIRST + dt.timedelta(hours=5), "speakers": [{"profile_id": other}]}
    agreed = [match(one, "cn", representatives={one: "kim", "cn": "rep-cn"}) for one in ("kr", "zr")]
    asked = sources(
        setup=ForumSetup.model_validate(forum_of_2027(talks=[talk])),
        registrations=[*both, registration("cn")],
        matches=agreed,
        languages={"kr": ["ko"], "zr": ["ko"], "cn": ["zh"]},
    )
    found = planned(asked)
    assert len(found) == 2 and all(one.start >= FIRST + dt.timedelta(hours=5) for one in found.values())
    assert all(one.interpreter is None for one in found.values()), "it has said for one of them that it speaks Chinese"


def test_must_meets_are_those_of_either_side() -> None:
    wanting = registration("zh", must_meets=["kr"])
    asked = asked_for(sources(registrations=[registration("kr"), registration("cn"), wanting]))
    assert {wish.id: wish.must for wish in asked.problem.wishes} == {"m-kr-cn": False, "m-kr-zh": True}


def test_a_lock_is_kept_as_long_as_all_that_it_needs_is_there() -> None:
    plan = planned(sources())
    lock = plan["m-kr-cn"].model_copy(update={"start": FIRST + dt.timedelta(hours=4)})
    assert planned(sources(locks={"m-kr-cn": lock}))["m-kr-cn"] == lock
    taken = claim_of("member/org-cn/rep-cn", lock.start)
    assert planned(sources(locks={"m-kr-cn": lock}, claims=frozenset({taken})))["m-kr-cn"].start != lock.start
    # What is booked holds its own time.
    asked = asked_for(sources(locks={"m-kr-cn": lock}, booked=frozenset({"m-kr-cn"}), claims=frozenset({taken})))
    assert list(asked.problem.locked) == [0]
    both = {"m-kr-cn": lock, "m-kr-zh": lock.model_copy(update={"match_id": "m-kr-zh", "sides": plan["m-kr-zh"].sides})}
    assert len(asked_for(sources(locks=both)).problem.locked) == 1, "one person is not at two tables"


def test_remote_sides_need_a_link_and_no_table_if_both_are() -> None:
    remote = [registration(id, delegates=[Delegate(member_id=f"rep-{id}", attendance="remote")]) for id in ("kr", "cn")]
    found = planned(sources(registrations=[*remote, registration("zh")]))
    assert (found["m-kr-cn"].place, found["m-kr-cn"].online) == (None, True)
    assert found["m-kr-zh"].place is not None and found["m-kr-zh"].online


@pytest.mark.parametrize(("attendance", "links"), [("remote", 2), ("onsite", 0)])
def test_a_remote_interpreter_needs_a_link_also_where_both_sides_sit_at_a_table(attendance: str, links: int) -> None:
    helpers = [one | {"attendance": attendance} for one in forum_of_2027()["interpreters"]]
    of = sources(setup=ForumSetup.model_validate(forum_of_2027(talks=[], interpreters=helpers)))
    asked = asked_for(of)
    report = plan_report(asked, make_schedule(asked.problem, seed=1, effort=Effort(steps=200, explain=False)))
    assert (report.online, report.hybrid) == (links, links)
    for meeting in booked(of):
        assert meeting.venue.place is not None and (meeting.venue.url is not None) == bool(links)
        lines = of_table([meeting], {}, lang="ko")
        page = schedule_page(Schedule("ko", of.setup.tz, lines, of="kim-1", is_interpreters=True), NOW)
        assert (LINK.replace("{id}", meeting.id) in page) == bool(links)


def test_only_what_is_hit_is_planned_again() -> None:
    before = sources()
    meetings = booked(before)
    hit = next(one for one in meetings if one.match_id == "m-kr-cn")
    (helper,) = [key for key in hit.resources if key.startswith("interpreter/")]
    change = DayChange("interpreter", helper.rpartition("/")[2], hit.start, hit.end)
    found = following(change, before, meetings)
    assert [one.match_id for one, _ in found.moved] == ["m-kr-cn"] and found.stay == 1 and found.lost == []
    ((_, new),) = found.moved
    assert (new.start, new.interpreter) != (hit.start, helper.rpartition("/")[2])
    assert found.fingerprint == following(change, before, meetings).fingerprint
    later = hit.model_copy(update={"revision": hit.revision + 1})
    assert Consequences([(later, new)], [], 1).fingerprint != found.fingerprint


@pytest.mark.parametrize("remote", [("kr",), ("cn",), ("kr", "cn"), ()])
def test_who_was_replaced_still_takes_part_as_its_meeting_says(remote: tuple[str, ...]) -> None:
    """Where both were replaced and one was remote, either may be taken for it: there are a table and a link."""
    firms = [
        registration(id, delegates=[Delegate(member_id=f"rep-{id}", attendance="remote")]) if id in remote else one
        for id, one in {"kr": registration("kr"), "cn": registration("cn")}.items()
    ]
    before = sources(registrations=firms, matches=[match("kr", "cn")])
    meetings = booked(before)
    (was,) = meetings
    kept = standing(before, meetings)
    for replaced in ({"kr"}, {"cn"}, {"kr", "cn"}):
        now = [registration(id, "new") if id in replaced else one for id, one in zip(("kr", "cn"), firms, strict=True)]
        late = DayChange("delegate", "rep-kr", was.start, was.end, profile_id="kr")
        closure = closure_of(late, "f", before.setup, now, meetings)
        assert closure is not None
        ((_, planned_again),) = consequences(closure, replace(kept, registrations=now), meetings).moved
        assert planned_again.online == bool(remote), (remote, replaced)
        assert (planned_again.place is None) == (len(remote) == 2), (remote, replaced)


def test_a_change_from_within_a_slot_hits_it_and_one_at_its_end_does_not() -> None:
    before = sources()
    meetings = booked(before)
    one = min(meetings, key=lambda meeting: meeting.start)
    table = one.venue.place or ""
    within = DayChange("table", table, one.start + dt.timedelta(minutes=15), one.start + dt.timedelta(hours=1))
    after = DayChange("table", table, one.end, one.end + dt.timedelta(minutes=5))
    assert following(within, before, meetings).moved
    assert not following(after, before, meetings).moved


def test_an_interpreter_is_away_beside_its_hours_and_a_room_during_a_talk() -> None:
    setup = ForumSetup.model_validate(forum_of_2027())
    day = FIRST, FIRST + dt.timedelta(hours=9)

    def away(*holders: str) -> list[tuple[int, int]]:
        minute = dt.timedelta(minutes=1)
        found = away_by_programme(setup, "f", holders, *day)
        return [((one.start - FIRST) // minute, (one.end - FIRST) // minute) for one in found]

    assert away("interpreter/f/wang-1") == [(180, 540)]
    assert away("interpreter/f/kim-1", "table/f/A-1", "member/org/lee", "interpreter/g/wang-1") == []
    assert away("room/f/R-1") == [(0, 40)]
    hours = [{"start": FIRST + dt.timedelta(hours=h), "end": FIRST + dt.timedelta(hours=h + 1)} for h in (3, 1)]
    split = forum_of_2027(interpreters=[{"id": "wang-1", "pairs": [["ko", "zh"]], "hours": hours}])
    setup = ForumSetup.model_validate(split)
    assert away("interpreter/f/wang-1") == [(0, 60), (120, 180), (240, 540)]


def test_a_forum_publishes_one_plan_at_a_time_and_has_a_limit() -> None:
    book = PlanBook(id="f").with_plan().beginning(1)
    for act in (book.with_plan, lambda: book.beginning(2)):
        with pytest.raises(InvalidState, match="being published"):
            act()
    assert book.ended(1).with_plan().latest == 2
    with pytest.raises(InvalidState, match="the most"):
        PlanBook(id="f", latest=MAX_PLANS).with_plan()


def test_differences_are_by_match() -> None:
    def plan(*meetings: PlannedMeeting) -> ForumPlan:
        return ForumPlan(id="f/1", forum_id="f", number=1, made_by="kic", made_at=NOW, seed=1, meetings=list(meetings))

    one, other = planned(sources()).values()
    moved = other.model_copy(update={"place": "B-3"})
    found = differences(plan(one, other), plan(moved))
    assert (found.added, found.removed, found.moved, found.same) == ([], [one], [(other, moved)], 0)
    assert differences(plan(one), plan(one, other)).added == [other]


def test_nothing_is_asked_of_a_forum_that_is_over() -> None:
    asked = asked_for(sources(now=FIRST + dt.timedelta(days=9)))
    assert asked.names.starts == [] and NOWHERE not in asked.problem.locked
    assert planned(sources(now=FIRST + dt.timedelta(days=9))) == {}


def test_a_hall_has_its_only_name_in_every_language() -> None:
    halls = [{"id": "A", "names": {"ko": "가람홀"}}, {"id": "B"}]
    setup = ForumSetup.model_validate(forum_of_2027(talks=[], halls=halls))
    for lang in ("ko", "zh", "en"):
        assert "가람홀" in help_sentence_of(Helps(kind="table", more=1, hall="A"), lang, setup)
        assert "B" in help_sentence_of(Helps(kind="table", more=1, hall="B"), lang, setup)
