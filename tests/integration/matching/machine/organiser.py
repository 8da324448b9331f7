"""What the organiser of a forum does: plans, locks, publishes, changes on the day; and the workers of a publication and
of offers, which go on beside whatever people do."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st
from hypothesis.stateful import rule

from services.chassis.commit.jobs import Claimed
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.model.caller import Caller
from services.chassis.model.documents import Doc
from services.chassis.model.events import Cause
from services.chassis.model.refusals import InvalidState, NotFound
from services.matching import store
from services.matching.domain.forum_plans.day_change import DayChange
from services.matching.domain.forum_plans.plan import ForumPlan, PlanBook, plan_id
from services.matching.domain.forums.registration import Delegate, registration_id
from services.matching.job_kinds import (
    LOOK_AGAIN,
    OFFER,
    PLAN_BOOK,
    PLAN_PLACE,
    PLAN_PROVE,
    PLAN_SAY,
    ForumJob,
    OpeningJob,
    PlanJob,
)
from services.matching.usecases.attendance import release_meeting
from services.matching.usecases.change_day import Foreseen, apply_change, foresee
from services.matching.usecases.look_again import look_again
from services.matching.usecases.offer_slots import OfferSlots
from services.matching.usecases.plan_forum import PlanForum, begin_plan, lock_meeting
from services.matching.usecases.publish_plan import PublishPlan, begin_publication

from .acting import SETTINGS, Act
from .people import People
from .world import World

ORGANISER = Caller("kic-1", "kic", frozenset({"organiser"}))
AWAY = [("table", "A-1"), ("table", "R-1"), ("interpreter", "i1"), ("interpreter", "i2"), ("delegate", "")]


class Booking(People):
    """Participants and an organiser."""

    def __init__(self, world: World, *, is_tight: bool = False) -> None:
        self.forum_plans = PlanForum(world.database, SETTINGS)
        self.publishing, self.offers = PublishPlan(world.database), OfferSlots(world.database)
        self.latest = 0
        self.looked_at: tuple[DayChange, str] | None = None
        super().__init__(world, is_tight=is_tight)

    @rule(seed=st.integers(0, 3), is_published=st.sampled_from([True, True, False]))
    def plan(self, seed: int, is_published: bool) -> None:
        """A draft of what stands now; mostly it is published at once."""
        self.world.run(self._plan(seed))
        if is_published:
            self.publish()

    async def _plan(self, seed: int) -> None:
        lane, forum = self.world.lanes[0], self.cast.forum
        try:
            plan = await lane.run(lambda uow: begin_plan(uow, caller=ORGANISER, forum_id=forum, seed=seed))
        except InvalidState:  # one is being published
            return
        self.latest = plan.number
        job = Claimed(plan.id, PLAN_PLACE.name, "t", 1, PlanJob(forum_id=forum, number=plan.number), Cause(plan.id))
        placed = await self.forum_plans.place(job)
        await lane.run(lambda uow: self.forum_plans.keep_placed(uow, job, placed), cause=job.cause)
        proving = Claimed(plan.id, PLAN_PROVE.name, "t", 1, job.payload, Cause(f"{plan.id}:proved"))
        proved = await self.forum_plans.prove(proving)
        await lane.run(lambda uow: self.forum_plans.keep_proved(uow, proving, proved), cause=proving.cause)

    @rule(n=st.integers(0, 3), is_locked=st.booleans())
    def lock(self, n: int, is_locked: bool) -> None:
        """A meeting of the latest draft stays where it is in the next one."""
        forum, number, match = self.cast.forum, self.latest, self.matches[n]
        if number:
            self.act(
                "lock",
                lambda uow: lock_meeting(uow, forum_id=forum, number=number, match_id=match, is_locked=is_locked),
            )

    @rule()
    def publish(self) -> None:
        """The latest plan."""
        forum, number = self.cast.forum, self.latest
        if number:
            self.act("publish", lambda uow: begin_publication(uow, forum_id=forum, number=number, link=None))

    @rule(again=st.booleans())
    def work(self, again: bool) -> None:
        """A worker takes the next step of the publication, or two of them take the same one: the first was too slow."""
        for _ in range(1 + again):
            if (act := self.next_step()) is not None:
                self.add(act)

    async def _step(self) -> Act | None:
        book = await self.world.database.one(store.PLAN_BOOKS, self.cast.forum) or PlanBook(id=self.cast.forum)
        if (number := book.publishing) is None:
            return None
        id = plan_id(self.cast.forum, number)
        plan, progress = await self._plan_of(id), await self.world.database.one(store.PUBLICATIONS, id)
        assert progress is not None
        is_whole = progress.done >= len(plan.meetings)
        kind = PLAN_SAY if is_whole else PLAN_BOOK
        payload = PlanJob(forum_id=self.cast.forum, number=number, step=progress.done)
        name = f"{id}:{progress.done}:{kind.name}"
        job = await self.claimed(kind, payload, name, Cause(name))
        return await (self._say(job) if is_whole else self._book(job))

    async def _plan_of(self, id: str) -> ForumPlan:
        plan = await self.world.database.one(store.FORUM_PLANS, id)
        assert plan is not None
        return plan

    async def _book(self, job: Claimed[PlanJob]) -> Act:
        batch = await self.publishing.read(job)
        return Act("book", lambda uow: self.publishing.book(uow, job, batch), job)

    async def _say(self, job: Claimed[PlanJob]) -> Act:
        found = await self.publishing.read_booked(job)
        return Act("say", lambda uow: self.publishing.say(uow, job, found), job)

    @rule(
        which=st.sampled_from(AWAY),
        n=st.integers(0, 3),
        slot=st.integers(0, 4),
        hours=st.sampled_from([1, 1, 8]),
        at_once=st.booleans(),
    )
    def change_day(self, which: tuple[str, str], n: int, slot: int, hours: int, at_once: bool) -> None:
        """Something is away: the organiser looks what follows, and confirms that, at once or later."""
        kind, id = which
        profile = self.cast.profiles[n] if kind == "delegate" else None
        id = id or self.cast.delegate[self.cast.profiles[n]]
        start = self.slots[0] + slot * dt.timedelta(minutes=15)
        change = DayChange(kind, id, start, start + dt.timedelta(hours=hours), profile)  # type: ignore[arg-type]
        foreseen = self._foreseen(change)
        self.looked_at = (change, foreseen.found.fingerprint) if foreseen is not None else None
        if at_once:
            self.confirm_change()

    @rule(which=st.sampled_from(AWAY), seed=st.integers(0, 3), slot=st.integers(0, 4), reads=st.integers(1, 8))
    def change_while_it_books(self, which: tuple[str, str], seed: int, slot: int, reads: int) -> None:
        """What has to come together: a plan is being booked while a change of the day, which is held back, has looked
        for what is booked."""
        self.plan(seed, is_published=True)
        self.let_loose()
        self.work(again=False)
        self.change_day(which, seed, slot, 8, at_once=True)
        self.hold, before = (len(self.waiting) - 1, reads), self.hold
        self.let_loose()
        self.hold = before

    @rule()
    def confirm_change(self) -> None:
        """What the organiser has looked at follows, or by now something else."""
        if self.looked_at is not None:
            (change, word), self.looked_at = self.looked_at, None
            foreseen = self._foreseen(change)
            if foreseen is not None:
                self.act(f"change {change.kind}", lambda uow: apply_change(uow, foreseen, word))

    def _foreseen(self, change: DayChange) -> Foreseen | None:
        """What follows now; None for a time that is over, and for a delegate who is replaced and meets no one."""
        if change.end <= self.world.database.now():
            return None
        try:
            return self.world.run(foresee(self.world.database, self.cast.forum, change))
        except NotFound:
            assert change.kind == "delegate"
            return None

    @rule(n=st.integers(0, 3))
    def replace_delegate(self, n: int) -> None:
        """The list that is imported next has another delegate of a profile, or the former one again. What is booked
        stays with those who have agreed."""
        profile = self.cast.profiles[n]
        self.act("replace", lambda uow: self._replace(uow, profile))

    async def _replace(self, uow: UnitOfWork, profile: str) -> None:
        found = await uow.get(store.REGISTRATIONS, registration_id(self.cast.forum, profile))
        if found is not None:
            former = self.cast.delegate[profile]
            is_former = found.delegates[0].member_id == former
            other = Delegate(member_id=f"{profile}-other" if is_former else former)
            uow.put(store.REGISTRATIONS, found.model_copy(update={"delegates": [other]}))

    @rule(n=st.integers(0, 9), again=st.booleans())
    def offer(self, n: int, again: bool) -> None:
        """A worker looks for the next pair for a time that became free, or two of them do."""
        self.let_loose()
        for _ in range(1 + again):
            if planned := self.world.run(self._planned(OFFER.name)):
                self.add(self.world.run(self._offer(planned[n % len(planned)])))

    async def _offer(self, planned: Doc) -> Act:
        payload = OpeningJob(**planned["payload"])
        job = await self.claimed(OFFER, payload, planned["_id"], Cause(planned["_id"]))
        looked = await self.offers.look(job)
        return Act("offer", lambda uow: self.offers.offer(uow, job, looked), job)

    @rule(n=st.integers(0, 9), side=st.integers(0, 1))
    def give_back(self, n: int, side: int) -> None:
        """A side gives its time at the forum back, and a worker offers it at once."""
        self.let_loose()
        if booked := [one for one in self.of_forum if one.state == "booked"]:
            id = booked[n % len(booked)].id
            caller = self.side_of(id, side)
            self.act("release", lambda uow: release_meeting(uow, caller=caller, meeting_id=id))
            self.offer(n, again=False)

    @rule(seed=st.integers(0, 3), n=st.integers(0, 9), side=st.integers(0, 1))
    def give_back_at_once(self, seed: int, n: int, side: int) -> None:
        """What has to come together before a forum offers a time: a plan that leaves a pair out, and who gives back."""
        self.plan(seed, is_published=True)
        self.come_to_an_end()
        self.give_back(n, side)

    async def _planned(self, kind: str) -> list[Doc]:
        """The jobs of this kind, also those whose time has not come."""
        return await self.world.database.db.jobs.find({"kind": kind}, sort=[("_id", 1)]).to_list(None)

    @rule()
    def look_again(self) -> None:
        """A worker plans another look at times for which no pair was found."""
        self.let_loose()
        for planned in self.world.run(self._planned(LOOK_AGAIN.name))[-1:]:
            payload, id = ForumJob(**planned["payload"]), planned["_id"]
            job = self.world.run(self.claimed(LOOK_AGAIN, payload, id, Cause(id)))
            self.add(Act("look_again", lambda uow, job=job: look_again(uow, job), job))  # type: ignore[misc]

    @rule()
    def accept_offers(self) -> None:
        """All who are offered something take it."""
        self.let_loose()
        for offer in [one for one in self.of_forum if one.is_offer and one.state == "requested"]:
            for side in (0, 1):
                self.confirm_last_ask(offer.id, side)

    def next_step(self) -> Act | None:
        """What a worker of the publication does next; None if nothing is being published."""
        return self.world.run(self._step())

    def come_to_an_end(self) -> None:
        """All that was begun."""
        self.let_loose()
        while (act := self.next_step()) is not None:
            self.add(act)
            self.let_loose()

    def teardown(self) -> None:
        """Publications end too."""
        self.come_to_an_end()
        super().teardown()
