"""Job -> use case: the work that follows a commit."""

from __future__ import annotations

from functools import partial

from services.chassis.commit import AnyJob, Job
from services.chassis.mongo import Database

from .job_kinds import FORGET_ANSWERS
from .usecases.answers import forget_stored_answers


def jobs(database: Database) -> tuple[AnyJob, ...]:
    """The table of the service's jobs."""
    return (Job.working(FORGET_ANSWERS, partial(forget_stored_answers, database)),)
