"""Job kind -> its two halves: what matching does later."""

from __future__ import annotations

from services.chassis.commit import AnyJob, Job, RunOptions
from services.chassis.mongo import CollectionCache

from .job_kinds import (
    EMBED,
    EMBED_SECOND,
    EXPIRE,
    FORGET_ANSWERS,
    FORGET_PLANS,
    HELD,
    LAPSE,
    LOOK_AGAIN,
    OFFER,
    PLAN_BOOK,
    PLAN_PLACE,
    PLAN_PROVE,
    PLAN_SAY,
    PROPOSE,
    READ_CALENDAR,
    RECHECK,
    RECHECK_ALL,
    ROUND_PROPOSE,
    ROUND_RANK,
    ROUND_SCORE,
)
from .usecases.answer_match import expire_match
from .usecases.busy_times import recheck_meeting
from .usecases.embed_profile import EmbedProfile, EmbedSecond
from .usecases.forget_in_plans import ForgetInPlans
from .usecases.forget_profile import ForgetProfile
from .usecases.holiday_table import RecheckAll
from .usecases.linked_calendars import ReadCalendar
from .usecases.look_again import look_again
from .usecases.meetings import count_held, lapse_meeting
from .usecases.offer_slots import OfferSlots
from .usecases.plan_forum import PlanForum
from .usecases.propose_matches import ProposeMatches
from .usecases.publish_plan import PublishPlan
from .usecases.run_round import RunRound


def proposing(
    embed: EmbedProfile, second: EmbedSecond, propose: ProposeMatches, cache: CollectionCache
) -> tuple[AnyJob, ...]:
    """From a publication to its proposals. `cache` keeps the vector index up to date. No proposal is worked on while it
    is loading, and `catch_up` lets it see everything that was committed before the jobs were claimed."""
    return (
        # They are encoded together, and decided together.
        Job(kind=EMBED, work=embed.work, apply=embed.apply, reads=embed.reads, options=RunOptions(concurrency=32)),
        Job(
            kind=PROPOSE,
            work=propose.work,
            apply=propose.apply,
            reads=propose.reads,
            follow=propose.follow,
            options=RunOptions(concurrency=16, ready=lambda: cache.is_loaded, prepare=cache.catch_up),
        ),
        # What a newcomer waits for goes first.
        Job(
            kind=EMBED_SECOND,
            work=second.work,
            apply=second.apply,
            reads=second.reads,
            options=RunOptions(concurrency=4, yields_to=(EMBED.name, PROPOSE.name)),
        ),
    )


def other_jobs(forget: ForgetProfile, recheck: RecheckAll) -> tuple[AnyJob, ...]:
    """Deadlines, and what follows an erasure or a table of holidays."""
    return (
        Job.deciding(EXPIRE, expire_match),
        Job.deciding(LAPSE, lapse_meeting),
        Job.deciding(RECHECK, recheck_meeting),
        Job.deciding(HELD, count_held),
        Job(kind=RECHECK_ALL, work=recheck.work, apply=recheck.apply),
        Job(kind=FORGET_ANSWERS, work=forget.work, apply=forget.apply),
    )


def round_jobs(rounds: RunRound) -> tuple[AnyJob, ...]:
    """The steps of rounds. One of each kind at a time, because each takes a core while it works."""
    one = RunOptions(concurrency=1)
    return (
        Job(kind=ROUND_SCORE, work=rounds.score, apply=rounds.keep_scores, options=one),
        Job(kind=ROUND_RANK, work=rounds.rank, apply=rounds.keep_ranking, options=one),
        Job(kind=ROUND_PROPOSE, work=rounds.choose, apply=rounds.propose, options=one),
    )


def plan_jobs(
    plans: PlanForum, publishing: PublishPlan, forgetting: ForgetInPlans, offering: OfferSlots
) -> tuple[AnyJob, ...]:
    """The steps of a forum's plans, and of what became free in them. One of each kind at a time, because planning takes
    a core while it works."""
    one = RunOptions(concurrency=1)
    return (
        Job(kind=PLAN_PLACE, work=plans.place, apply=plans.keep_placed, options=one),
        Job(kind=PLAN_PROVE, work=plans.prove, apply=plans.keep_proved, options=one),
        Job(kind=PLAN_BOOK, work=publishing.read, apply=publishing.book, options=one),
        Job(kind=PLAN_SAY, work=publishing.read_booked, apply=publishing.say, options=one),
        Job(kind=OFFER, work=offering.look, apply=offering.offer, options=one),
        Job.deciding(LOOK_AGAIN, look_again),
        Job(kind=FORGET_PLANS, work=forgetting.work, apply=forgetting.apply),
    )


def calendar_jobs(read: ReadCalendar) -> tuple[AnyJob, ...]:
    """What is read from elsewhere. A server that does not answer holds one of a few places until its deadline."""
    few = RunOptions(concurrency=4)
    return (Job(kind=READ_CALENDAR, work=read.work, apply=read.apply, reads=read.reads, options=few),)
