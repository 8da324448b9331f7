"""Answers that were stored for Idempotency-Keys may hold data that was erased later; a job empties them."""

from __future__ import annotations

from services.chassis.commit import Claimed, UnitOfWork, forget_answers_of
from services.chassis.mongo import Database

from ..job_kinds import FORGET_ANSWERS, ForgetAnswersJob


def plan_forgetting(uow: UnitOfWork, owner: str, *subjects: str) -> None:
    """Plans to empty all stored answers of an organisation. Called by the decision that erases `subjects`:
    earlier revisions stand in answers too, so they go by owner and not by what they are about."""
    # The cause is this command, not the subjects alone: a member who registers again and is erased again needs a second
    # job, even while the first one waits.
    uow.enqueue(FORGET_ANSWERS, ForgetAnswersJob(org=owner), cause=uow.derived_id("forget", *subjects), owner=owner)


async def forget_stored_answers(database: Database, job: Claimed[ForgetAnswersJob]) -> None:
    """The work of the job. Idempotent."""
    await forget_answers_of(database, job.payload.org)
