"""Answers that were stored for Idempotency-Keys may hold data that was erased later; a job removes them."""

from __future__ import annotations

from services.chassis.commit import Claimed, UnitOfWork, forget_answers
from services.chassis.mongo import Database

from ..job_kinds import FORGET_ANSWERS, ForgetAnswersJob


def plan_forgetting(uow: UnitOfWork, *subjects: str) -> None:
    """Plans the removal of all stored answers about these aggregates. Called by the decision that erases them."""
    uow.enqueue(FORGET_ANSWERS, ForgetAnswersJob(subjects=list(subjects)), cause=uow.derived_id("forget", *subjects))


async def forget_stored_answers(database: Database, job: Claimed[ForgetAnswersJob]) -> None:
    """The work of the job. Idempotent."""
    await forget_answers(database, job.payload.subjects)
