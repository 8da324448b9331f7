"""Decisions and their commit: the unit of work, commands that share a transaction, jobs, answers that are repeated."""

from .answers import Answer, forget_answers, forget_answers_of
from .backlog import dead_about, still_planned
from .commands import Commands
from .job_kind import JobKind, Payload
from .jobs import AnyJob, Claimed, Job, RetryLater, RunOptions
from .unit_of_work import UnitOfWork

__all__ = [
    "AnyJob",
    "Answer",
    "Claimed",
    "Commands",
    "Job",
    "JobKind",
    "Payload",
    "RetryLater",
    "RunOptions",
    "UnitOfWork",
    "dead_about",
    "forget_answers",
    "forget_answers_of",
    "still_planned",
]
