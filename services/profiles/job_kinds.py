"""Kinds of jobs of profiles, with their payloads as they are stored."""

from __future__ import annotations

from services.chassis.commit import JobKind, Payload


class ForgetAnswersJob(Payload):
    """`subjects` are the ids of the erased aggregates (profiles, members)."""

    subjects: list[str]


FORGET_ANSWERS = JobKind("forget_answers", ForgetAnswersJob)
