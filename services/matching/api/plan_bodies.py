"""What is sent and answered about plans of forums."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from services.chassis.http import Input, Output
from services.chassis.model import public_url

from ..domain.forum_plans.booking import LINK_ID
from ..domain.forum_plans.comparing import Differences
from ..domain.forum_plans.outputs import help_sentence_of
from ..domain.forum_plans.plan import ForumPlan, PlannedMeeting, PlanReport, Publication, ShownState, Used
from ..domain.forums.setup import ForumSetup
from ..domain.scheduling.sentences import CAUSE_SENTENCES

Lang = Literal["ko", "zh", "en"]
MAX_SEED = 2**31 - 1
_AN_ID = "id-of-the-meeting"


def _link(text: str) -> str:
    """As the addresses of its meetings are written, so that each of them can be sent back. Raises ValueError."""
    return public_url(text.replace(LINK_ID, _AN_ID)).replace(_AN_ID, LINK_ID)


class ScheduleIn(Input):
    """How a plan is made. The same seed makes the same plan of the same forum."""

    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 1


class PublishIn(Input):
    """`link`: where remote meetings take place, with `{id}` for the id of the meeting."""

    link: Annotated[str | None, Field(max_length=300, pattern=r"^https://[^\s]+$"), AfterValidator(_link)] = None


class LockIn(Input):
    """Which meeting of the draft stays where it is in the plans to come, or may move again."""

    match_id: Annotated[str, Field(max_length=64)]
    locked: bool = True


class LeftOut(Output):
    """An agreed match without a place, and why, also as a sentence."""

    match_id: str
    cause: str
    sentence: str


class HelpOut(Output):
    """A change with which the plan was made again, and how many more it placed."""

    kind: str
    more: int
    sentence: str


class UseOut(Output):
    """Places used, of how many."""

    used: int
    of: int


class ReportOut(Output):
    """A plan against what is possible. `bound`: no plan has more; `bound_by` says which bound that is; `is_best`: it is
    reached. `by_step`: meetings after repair, and after the solver."""

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
    score: float
    tables: dict[str, UseOut]
    interpreters: dict[str, UseOut]
    causes: dict[str, int]
    helps: list[HelpOut]


class PlanOut(Output):
    """A plan of a forum: how far it has come, and what is said of it. `pairs`: agreed pairs that take part; `placed`:
    those that stand so far. `booked` and `refused`: of a publication; a refused one could not be booked any more."""

    forum_id: str
    number: int
    state: ShownState
    reason: str | None = None
    seed: int
    pairs: int
    placed: int
    made_at: dt.datetime
    published_at: dt.datetime | None = None
    report: ReportOut | None = None
    booked: int | None = None
    refused: dict[str, str] | None = None


class PlansOut(Output):
    """The plans of a forum, the first one first."""

    items: list[PlanOut]
    published: int | None = None


class MeetingPlanOut(Output):
    """A meeting of a plan."""

    match_id: str
    sides: dict[str, str]
    start: dt.datetime
    place: str | None = None
    interpreter: str | None = None
    online: bool
    locked: bool = False


class MeetingPlanPage(Output):
    """Meetings of a plan, in order."""

    items: list[MeetingPlanOut]
    next: str | None = None


class LeftOutPage(Output):
    """Matches without a place in a plan."""

    items: list[LeftOut]
    next: str | None = None


class MovedOut(Output):
    """A meeting before and after."""

    before: MeetingPlanOut
    after: MeetingPlanOut


class DifferencesOut(Output):
    """From one plan to another."""

    added: list[MeetingPlanOut]
    removed: list[MeetingPlanOut]
    moved: list[MovedOut]
    same: int


class LocksOut(Output):
    """The matches whose meetings are locked."""

    locked: list[str]


def plan_out(
    plan: ForumPlan, lang: Lang, setup: ForumSetup, *, why: str | None = None, progress: Publication | None = None
) -> PlanOut:
    """A plan as it is shown."""
    return PlanOut(
        forum_id=plan.forum_id,
        number=plan.number,
        state="failed" if why else plan.state,
        reason=why,
        seed=plan.seed,
        pairs=plan.pairs,
        placed=plan.placed,
        made_at=plan.made_at,
        published_at=plan.published_at,
        report=report_out(plan.report, lang, setup) if plan.report else None,
        booked=progress.booked if progress else None,
        refused=progress.refused if progress else None,
    )


def report_out(report: PlanReport, lang: Lang, setup: ForumSetup) -> ReportOut:
    """A report with its sentences."""
    fields = report.model_dump(exclude={"left_out", "helps", "tables", "interpreters", "online"})
    return ReportOut(
        **fields,
        tables=_uses(report.tables),
        interpreters=_uses(report.interpreters),
        causes=report.causes,
        helps=[
            HelpOut(kind=one.kind, more=one.more, sentence=help_sentence_of(one, lang, setup)) for one in report.helps
        ],
    )


def _uses(of: dict[str, Used]) -> dict[str, UseOut]:
    return {name: UseOut(used=use.used, of=use.of) for name, use in of.items()}


def cause_sentence(cause: str, lang: Lang) -> str:
    """Why a pair is left out; a cause of an older version is shown as its code."""
    known: dict[str, str] = {name: sentences[lang] for name, sentences in CAUSE_SENTENCES.items()}
    return known.get(cause, cause)


def meeting_out(meeting: PlannedMeeting, locks: frozenset[str] = frozenset()) -> MeetingPlanOut:
    """A meeting as it is shown."""
    return MeetingPlanOut(**meeting.model_dump(), locked=meeting.match_id in locks)


def differences_out(found: Differences) -> DifferencesOut:
    """Differences as they are shown."""
    return DifferencesOut(
        added=[meeting_out(one) for one in found.added],
        removed=[meeting_out(one) for one in found.removed],
        moved=[MovedOut(before=meeting_out(one), after=meeting_out(other)) for one, other in found.moved],
        same=found.same,
    )
