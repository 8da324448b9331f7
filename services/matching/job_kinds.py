"""The kinds of jobs of matching and what each is about. `jobs.py` says what they do."""

from __future__ import annotations

import datetime as dt

from services.chassis.commit import JobKind, Payload


class ProfileJob(Payload):
    """About one revision of a profile; a later one has a job of its own."""

    profile_id: str
    sequence: int


class DeadlineJob(Payload):
    """About a deadline. `at` is the instant that the job was planned for.

    Workers claim by mongod's clock, and a replica's copy of it may be some milliseconds behind: judged by that alone,
    the deadline would still be ahead, and the job would do nothing and be gone."""

    at: dt.datetime | None = None

    def due(self, now: dt.datetime) -> dt.datetime:
        """The instant by which the job decides."""
        return now if self.at is None else max(now, self.at)


class MatchJob(DeadlineJob):
    """About a match."""

    match_id: str


class MeetingJob(DeadlineJob):
    """About a meeting."""

    meeting_id: str


class ErasedJob(Payload):
    """About what is left of an erased profile of an organisation."""

    profile_id: str
    org: str


class TableJob(Payload):
    """About a revision of the table of holidays."""

    revision: int


class RoundJob(Payload):
    """About a step of a round: a tile, or how much of its plan is done."""

    round_id: str
    step: int = 0


class PlanJob(Payload):
    """About a plan of a forum; in a publication, how many of its meetings are done."""

    forum_id: str
    number: int
    step: int = 0


class OpeningJob(DeadlineJob):
    """About a time of a forum that became free: its start, and the place that was given up. `opening_id`: the meeting
    that was cancelled, or, for one that was moved, with the revision that it had then. `at`: when quiet hours end that
    were waited for."""

    forum_id: str
    opening_id: str
    start: dt.datetime
    place: str | None = None


class ForumJob(DeadlineJob):
    """About a forum."""

    forum_id: str


class CalendarJob(Payload):
    """About one reading of a linked calendar."""

    link_id: str
    series: str
    turn: int


EMBED = JobKind("embed", ProfileJob)
EMBED_SECOND = JobKind("embed_second", ProfileJob)
PROPOSE = JobKind("propose", ProfileJob)
EXPIRE = JobKind("expire", MatchJob)
LAPSE = JobKind("lapse", MeetingJob)
RECHECK = JobKind("recheck", MeetingJob)
HELD = JobKind("held", MeetingJob)
RECHECK_ALL = JobKind("recheck_all", TableJob)
FORGET_ANSWERS = JobKind("forget_answers", ErasedJob)
FORGET_PLANS = JobKind("forget_plans", ErasedJob)
ROUND_SCORE = JobKind("round_score", RoundJob)
ROUND_RANK = JobKind("round_rank", RoundJob)
ROUND_PROPOSE = JobKind("round_propose", RoundJob)
ROUND_KINDS = (ROUND_SCORE, ROUND_RANK, ROUND_PROPOSE)
PLAN_PLACE = JobKind("plan_place", PlanJob)
PLAN_PROVE = JobKind("plan_prove", PlanJob)
PLAN_BOOK = JobKind("plan_book", PlanJob)
PLAN_SAY = JobKind("plan_say", PlanJob)
OFFER = JobKind("offer", OpeningJob)
READ_CALENDAR = JobKind("read_calendar", CalendarJob)
LOOK_AGAIN = JobKind("look_again", ForumJob)
PLAN_KINDS = (PLAN_PLACE, PLAN_PROVE, PLAN_BOOK, PLAN_SAY)
