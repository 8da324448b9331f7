"""A forum's plans: numbered drafts, the meetings that the organiser has locked, and what is being published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.chassis.model import Document, InvalidState

from .closures import Closure

PlanState = Literal["placing", "proving", "draft", "publishing", "published"]
ShownState = Literal["placing", "proving", "draft", "publishing", "published", "failed"]
"""`failed` is not stored: it is said of a plan whose job is dead."""
MAX_PLANS = 200
"""Of a forum; the numbers go on, so the oldest are not overwritten."""
MAX_CLOSURES = 200
BATCH = 20
"""Meetings that are booked in one transaction."""


class PlanPart(BaseModel):
    """Base of the parts of a plan. Frozen."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class PlannedMeeting(PlanPart):
    """A meeting of a plan. `sides`: who meets, by profile. `place`: a table or room; none if all are remote. `online`:
    a side, or the interpreter, is remote and needs a link."""

    match_id: str
    sides: dict[str, str]
    start: dt.datetime
    place: str | None = None
    interpreter: str | None = None
    online: bool = False


class Left(PlanPart):
    """An agreed match without a place in the plan, and why."""

    match_id: str
    cause: str


class Used(PlanPart):
    """Places used, of how many."""

    used: int
    of: int


class Helps(PlanPart):
    """A change that was tried, and how many more meetings it places."""

    kind: str
    more: int
    date: str = ""
    hall: str = ""
    languages: list[str] = []


class PlanReport(PlanPart):
    """A plan against what is possible (docs/rules.md, section 9)."""

    scheduled: int
    bound: int
    bound_by: str
    bounds: dict[str, int]
    is_best: bool
    solver: str
    by_step: dict[str, int]
    musts_missed: int
    targets_missed: int
    without_meeting: int
    gaps: int
    hybrid: int
    online: int | None = None
    """Meetings that need a link; None in a report that was stored before this was counted."""
    score: float
    tables: dict[str, Used]
    interpreters: dict[str, Used]
    left_out: list[Left]
    helps: list[Helps]

    @property
    def causes(self) -> dict[str, int]:
        """How many are left out for each cause."""
        found = dict[str, int]()
        for left in self.left_out:
            found[left.cause] = found.get(left.cause, 0) + 1
        return found


class ForumPlan(Document):
    """A plan: in the making, a draft, or published. `placed`: meetings that stand so far."""

    forum_id: str
    number: int
    made_by: str
    made_at: dt.datetime
    seed: int
    state: PlanState = "placing"
    pairs: int = 0
    placed: int = 0
    meetings: list[PlannedMeeting] = []
    report: PlanReport | None = None
    published_at: dt.datetime | None = None

    @property
    def is_settled(self) -> bool:
        """Whether it does not change by itself."""
        return self.state in ("draft", "published")

    def placing_done(self, pairs: int, placed: int) -> ForumPlan:
        """After greedy and repair."""
        return self.model_copy(update={"state": "proving", "pairs": pairs, "placed": placed})

    def drafted(self, meetings: list[PlannedMeeting], report: PlanReport) -> ForumPlan:
        """Whole."""
        made = {"state": "draft", "meetings": meetings, "report": report, "placed": len(meetings)}
        return self.model_copy(update=made)

    def without_people_of(self, profile_id: str) -> ForumPlan:
        """Without who would have met, in the meetings of this profile."""
        meetings = [one.model_copy(update={"sides": {}}) if profile_id in one.sides else one for one in self.meetings]
        return self.model_copy(update={"meetings": meetings})

    def meeting_of(self, match_id: str) -> PlannedMeeting | None:
        """The meeting of a match."""
        return next((one for one in self.meetings if one.match_id == match_id), None)


class PlanWork(Document):
    """What the scheduler was asked, with the names behind its numbers, and the spots so far: JSON. Removed after some
    days."""

    asked: bytes
    spots: bytes
    made_at: dt.datetime


class PlanBook(Document):
    """The plans of a forum, whose id it has: the last number, the plan that is published or being published, the locks
    by match, and what is away. Each new plan and each publication writes it, so two cannot take one number or publish
    at once."""

    latest: int = 0
    published: int | None = None
    publishing: int | None = None
    locks: dict[str, PlannedMeeting] = {}
    closures: list[Closure] = []
    changes: int = 0
    """How often the forum was changed so that something is not there any more."""

    def closed(self) -> frozenset[str]:
        """The claims that no meeting may have, because something is away."""
        return frozenset(id for one in self.closures for id in one.claims())

    def hits(self, holders: Collection[str], start: dt.datetime, end: dt.datetime) -> bool:
        """Whether one of these is away at any time between two instants."""
        return any(one.hits(holders, start, end) for one in self.closures)

    def with_closure(self, closure: Closure, now: dt.datetime) -> PlanBook:
        """With something that is away. Raises InvalidState (too-many-closures)."""
        kept = [one for one in self.closures if one.end > now and one != closure]
        if len(kept) >= MAX_CLOSURES:
            detail = f"{MAX_CLOSURES} things are away at this forum, the most; say of one that it is there again."
            raise InvalidState("too-many-closures", detail)
        return self.model_copy(update={"closures": [*kept, closure]})

    def without_closure(self, kind: str, id: str, profile_id: str | None = None) -> PlanBook:
        """It is there again; with a profile, only its delegate. Raises InvalidState (which-profile) where delegates of
        several profiles have this id, and none is named."""
        meant = [one for one in self.closures if one.is_about(kind, id, profile_id)]
        profiles = sorted({one.profiles[0] for one in meant if one.kind == "delegate"})
        if len(profiles) > 1:
            detail = "Delegates of several profiles with this id are away. Say which with profile_id, one at a time."
            raise InvalidState("which-profile", detail, extra={"profile_ids": profiles})
        return self.model_copy(update={"closures": [one for one in self.closures if one not in meant]})

    def with_plan(self) -> PlanBook:
        """With one more. Raises InvalidState (too-many-plans, publishing)."""
        if self.latest >= MAX_PLANS:
            detail = f"This forum has {MAX_PLANS} plans, the most; publish one of them, or change it by locks."
            raise InvalidState("too-many-plans", detail)
        self.must_not_publish()
        return self.model_copy(update={"latest": self.latest + 1})

    def beginning(self, number: int) -> PlanBook:
        """While this plan is published. Raises InvalidState (publishing)."""
        self.must_not_publish()
        return self.model_copy(update={"publishing": number})

    def ended(self, number: int) -> PlanBook:
        """After its publication."""
        return self.model_copy(update={"publishing": None, "published": number})

    def after_a_change(self) -> PlanBook:
        """After another setup that takes something away."""
        return self.model_copy(update={"changes": self.changes + 1})

    def with_lock(self, meeting: PlannedMeeting) -> PlanBook:
        """This meeting stays where it is in the plans to come."""
        return self.model_copy(update={"locks": {**self.locks, meeting.match_id: meeting}})

    def without_profile(self, profile_id: str) -> PlanBook:
        """Without the locked meetings of a profile, and without its people among those who are away."""
        locks = {id: at for id, at in self.locks.items() if profile_id not in at.sides}
        closures = [one for one in self.closures if profile_id not in one.profiles]
        return self.model_copy(update={"locks": locks, "closures": closures})

    def without_lock(self, match_id: str) -> PlanBook:
        """It may move again."""
        return self.model_copy(update={"locks": {id: at for id, at in self.locks.items() if id != match_id}})

    def must_not_publish(self) -> None:
        """Raises InvalidState (publishing)."""
        if self.publishing is not None:
            detail = f"Plan {self.publishing} is being published; wait until that has ended."
            raise InvalidState("publishing", detail, extra={"plan": self.publishing})


class Publication(Document):
    """How far a plan is published. `link`: where its remote meetings take place; `refused`: matches that could not be
    booked any more, and why."""

    link: str | None = None
    done: int = 0
    booked: int = 0
    refused: dict[str, str] = {}

    def after(self, done: int, booked: int, refused: Mapping[str, str]) -> Publication:
        """After a batch."""
        made = {"done": done, "booked": self.booked + booked, "refused": {**self.refused, **refused}}
        return self.model_copy(update=made)


def plan_id(forum_id: str, number: int) -> str:
    """The `_id` of a plan and of its publication. Forums' ids have no slash; by number they sort by time."""
    return f"{forum_id}/{number:04}"


def must_be_draft(plan: ForumPlan) -> None:
    """Raises InvalidState (not-a-draft)."""
    if plan.state != "draft":
        detail = f"Plan {plan.number} is {plan.state}; only a draft that is whole can be locked in part or published."
        raise InvalidState("not-a-draft", detail, extra={"state": plan.state})
