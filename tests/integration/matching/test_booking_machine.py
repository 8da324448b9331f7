"""Booking, by many clients at once in any order, on the real MongoDB: the properties of docs/rules.md, section 8, hold
all the time, beside a forum of which plans are made, locked, published and changed on the day."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from deploy.local.system import Servers
from schemas.meetings import Venue
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.model.documents import Ref
from services.chassis.mongo.database import Database
from services.matching import store
from services.matching.domain import meeting
from services.matching.domain.agenda import Agenda
from services.matching.domain.calendar import LENGTH, STEP
from services.matching.domain.claim import claim_of
from services.matching.domain.forum_plans.inputs import ASKED
from services.matching.domain.meeting import Meeting
from services.matching.job_kinds import PLAN_BOOK
from services.matching.plan_maker import asking
from services.matching.plan_maker.messages import Order
from services.matching.plan_maker.steps import first_schedule, whole_plan
from services.matching.plan_solver import SPOTS
from services.matching.usecases import places, publish_plan, save_meeting
from tests.integration.matching.machine.acting import Act
from tests.integration.matching.machine.cast import FORUM_TABLE
from tests.integration.matching.machine.organiser import Booking
from tests.integration.matching.machine.people import HYBRID
from tests.integration.matching.machine.world import World, a_world
from tests.support.moments import many_moments

SHORT, STEPS = 10, 30
LONG = int(os.environ.get("MAGPIE_HISTORIES", "200"))
NEAR = {"ask", "confirm", "confirm: taken", "confirm: busy", "move", "cancel", "release", "lapse", "withdraw"} | {
    *("publish", "publish: publishing", "lock", "book", "say", "change", "replace", "offer", "offer: filled")
}
"""What comes of acts in any long run."""


async def in_this_process(module: str, sent: bytes, *arguments: str, wall_seconds: float) -> bytes:
    """A step of a plan as `plan_maker` makes it, without the second that the start of a process takes: nobody acts
    meanwhile here, so where it is made changes nothing."""
    head, problem, spots = sent.split(b"\n")
    order, asked = Order.model_validate_json(head), ASKED.validate_json(problem)
    if order.step == "place":
        return first_schedule(order, asked).model_dump_json().encode()
    return whole_plan(order, asked, SPOTS.validate_json(spots)).model_dump_json().encode()


@pytest.fixture
def world(servers: Servers, run_id: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(publish_plan, "BATCH", 2)
    monkeypatch.setattr(asking, "run_limited", in_this_process)
    with a_world(servers.uri, run_id) as world:
        yield world


def run(world: World, histories: int) -> None:
    """Raises what was wrong first, with its history. It is not shortened, as it would take another course."""
    chosen = settings(
        max_examples=histories,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(lambda: Booking(world, is_tight=world.histories % 2 == 1), settings=chosen)  # type: ignore[arg-type]  # any factory
    except Exception:
        if world.wrong is not None:
            raise world.wrong from None
        raise


def test_booking_holds_whatever_people_do_at_once(world: World) -> None:
    run(world, SHORT)
    assert world.histories >= SHORT and world.done["book"] > 0 and world.done["confirm"] > 0


@pytest.mark.slow  # about a second a history
@pytest.mark.timeout(LONG * 10 + 60)
def test_booking_holds_in_many_histories(world: World) -> None:
    """`MAGPIE_HISTORIES=10000` is the long run."""
    begun = time.monotonic()
    try:
        run(world, LONG)
    finally:
        print(f"{world.histories} histories in {time.monotonic() - begun:.0f} s: {dict(sorted(world.done.items()))}")
    assert not NEAR - set(world.done), "the machine went nowhere near these"


def test_what_has_no_interpreter_by_now_is_left_out_of_a_plan_that_is_published(world: World) -> None:
    """The forum has other hours than those for which the draft was made: the others are booked, the plan is said."""
    machine = Booking(world)
    machine.plan(1, is_published=False)
    forum = world.run(world.database.one(store.FORUMS, machine.cast.forum))
    assert forum is not None
    machine.known.setup = replace(machine.cast, is_tight=True).setup()
    changed = store.FORUMS.write(forum.model_copy(update={"setup": machine.known.setup}))
    world.run(world.database.db.forums.replace_one({"_id": forum.id}, changed))
    machine.publish()
    machine.come_to_an_end()
    (published,) = world.run(world.database.find(store.PUBLICATIONS, {}))
    assert list(published.refused.values()) == ["taken"] and len(machine.booked) == 3
    plan = world.run(world.database.one(store.FORUM_PLANS, published.id))
    assert plan is not None and plan.state == "published"


def everybody_moves_everywhere(machine: Booking) -> None:
    """Each meeting of the plan to each slot, by consent, as far as that is free."""
    for id, start in product(sorted(machine.booked), machine.slots):
        machine.ask_move(id, 0, start)
        machine.let_loose()
        machine.confirm_last_ask(id, 1)
        machine.let_loose()


def two_move_to_one_table(machine: Booking) -> None:
    """Two that meet at one time, so with two interpreters. They are told a link, too: the venue of the one at the table
    is another one then, and its table is not."""
    last = max(machine.booked.values())
    together = [id for id, start in machine.booked.items() if start == last]
    assert len(together) == 2
    for id in sorted(together, key=lambda id: machine.venues[id].place != FORUM_TABLE):
        machine.ask_move(id, 0, last, HYBRID)
        machine.let_loose()
        machine.confirm_last_ask(id, 1)
        machine.let_loose()


def one_moves_to_before_its_interpreter_comes(machine: Booking) -> None:
    """All others are off, so that nothing else is in the way."""
    known, late = sorted(machine.meetings), f"interpreter/{machine.cast.forum}/i2"
    (id,) = (one.id for one in machine.of_forum if one.state == "booked" and late in one.resources)
    for other in sorted(machine.booked.keys() - {id}):
        machine.cancel(known.index(other), 0)
    machine.let_loose()
    machine.ask_move(id, 0, machine.slots[0])
    machine.let_loose()
    machine.confirm_last_ask(id, 1)
    machine.let_loose()


def everybody_cancels(machine: Booking) -> None:
    known = sorted(machine.meetings)
    for id in sorted(machine.booked):
        machine.cancel(known.index(id), 0)
    machine.let_loose()


def a_batch_comes_again(machine: Booking) -> None:
    machine.plan(2, is_published=True)
    machine.let_loose()
    act = machine.next_step()
    assert act is not None and act.job is not None
    machine.add(act)
    machine.let_loose()
    job = machine.world.run(machine.claimed(PLAN_BOOK, act.job.payload, act.job.id, act.job.cause))
    machine.add(replace(act, job=job))
    machine.let_loose()


def one_meets_right_before(machine: Booking) -> None:
    """A request beside the forum that ends when a meeting there begins, of the same two."""
    known = sorted(machine.meetings)
    last = max(machine.booked, key=lambda id: (machine.booked[id], id))
    for id in sorted(machine.booked):
        if id != last:
            machine.cancel(known.index(id), 0)
    machine.let_loose()
    slot = machine.slots.index(machine.booked[last] - LENGTH)
    match = machine.matches.index(machine.meetings[last])
    machine.ask(match, 0, slot)
    machine.let_loose()
    machine.all_confirm(slot)
    machine.let_loose()


def read_before(machine: Booking, refs: Iterable[Ref], before: Act, act: Act) -> None:
    """What an act reads of these stood there before another one took effect, as for an act of a batch whose first ones
    have read them."""
    once = [before]

    async def decide(uow: UnitOfWork) -> Any:
        await uow.load(refs)
        if once:
            await machine.world.lanes[1].run(once.pop().decide)
        return await act.decide(uow)

    machine.add(replace(act, decide=decide))
    machine.let_loose()
    assert not once


def one_cancels_what_the_other_confirms(machine: Booking) -> None:
    everybody_cancels(machine)
    machine.ask(0, 0, 4)
    machine.let_loose()
    id = next(id for id, start in machine.starts.items() if start == machine.slots[4])
    machine.confirm_last_ask(id, 1)
    confirmation = machine.waiting.pop()
    machine.cancel(sorted(machine.meetings).index(id), 0)
    asked = machine.world.run(machine.world.database.one(store.MEETINGS, id))
    assert asked is not None
    read_before(machine, [store.CLAIMS.ref(claim) for claim in asked.claim_ids()], confirmation, machine.waiting.pop())


def a_plan_books_what_is_said_to_be_away(machine: Booking) -> None:
    """A history found it: what holds a table was read by another decision of the batch, before the plan was booked."""
    everybody_cancels(machine)
    machine.plan(3, is_published=True)
    machine.let_loose()
    booking = machine.next_step()
    assert booking is not None
    machine.change_day(("table", FORUM_TABLE), 0, 0, 8, at_once=True)
    change, at = machine.waiting.pop(), machine.slots[0]
    holder = f"table/{machine.cast.forum}/{FORUM_TABLE}"
    read_before(machine, [store.CLAIMS.ref(claim_of(holder, at + n * STEP)) for n in range(48)], booking, change)


CLAIMS_OF = Meeting.claim_ids


def _of_members(of: Meeting) -> list[str]:
    return [id for id in CLAIMS_OF(of) if id.startswith("member/")]


def _where_it_was(held: list[str], was: Venue, venue: Venue, _: object) -> list[str]:
    return held if venue == was else [key for key in held if key.startswith("interpreter/")]


def _until_the_end(of: Meeting) -> list[str]:
    return CLAIMS_OF(of.model_copy(update={"change_over": 0}))


async def _nothing_is_freed(*_: object, **__: object) -> None:
    pass


GUARDS: dict[str, tuple[Any, str, Any, Callable[[Booking], None]]] = {
    "tables and interpreters are claimed": (Meeting, "claim_ids", _of_members, everybody_moves_everywhere),
    "a table is claimed by its name": (meeting, "resources_at", _where_it_was, two_move_to_one_table),
    "an interpreter keeps its hours": (
        places,
        "away_by_programme",
        lambda *_: [],
        one_moves_to_before_its_interpreter_comes,
    ),
    "time to change over is claimed": (Meeting, "claim_ids", _until_the_end, everybody_moves_everywhere),
    "time to change over is kept before": (Agenda, "has_pause", lambda *_: True, one_meets_right_before),
    "what ends gives its claims up": (save_meeting, "_free", _nothing_is_freed, everybody_cancels),
    "a batch is booked once": (publish_plan, "is_next", lambda progress, step: True, a_batch_comes_again),
    "all that is read stood there at one moment": (
        Database,
        "one_moment",
        many_moments,
        a_plan_books_what_is_said_to_be_away,
    ),
    "who ends a booking sees its claims": (Database, "one_moment", many_moments, one_cancels_what_the_other_confirms),
}
"""Where it stands, what is there without it, and what then goes wrong."""


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("guard", GUARDS)
def test_each_guard_is_needed(world: World, monkeypatch: pytest.MonkeyPatch, guard: str, guarded: bool) -> None:
    where, name, without, goes_wrong = GUARDS[guard]
    machine = Booking(world)
    machine.plan(1, is_published=True)
    machine.come_to_an_end()
    assert len(machine.booked) == 4, "all pairs meet"
    if guarded:
        goes_wrong(machine)
        return
    monkeypatch.setattr(where, name, without)
    with pytest.raises(AssertionError):
        goes_wrong(machine)
