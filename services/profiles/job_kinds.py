"""Kinds of jobs of profiles, with their payloads as they are stored."""

from __future__ import annotations

from services.chassis.commit import JobKind, Payload


class ForgetAnswersJob(Payload):
    """`org` is the organisation of which something was erased."""

    org: str


FORGET_ANSWERS = JobKind("forget_answers", ForgetAnswersJob)
