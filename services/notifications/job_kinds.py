"""The kinds of jobs of notifications. Names and keys are stored; renaming one would leave planned jobs behind."""

from __future__ import annotations

from services.chassis.commit import JobKind, Payload


class MailJob(Payload):
    """A delivery to decide about. `at` (ISO 8601) is the instant it was held until; None if it was never held."""

    delivery_id: str
    at: str | None = None


class DigestJob(Payload):
    """A recipient whose digest is due `at` (ISO 8601)."""

    recipient_id: str
    at: str


class SendJob(Payload):
    """Deliveries that leave in one mail."""

    recipient_id: str
    delivery_ids: list[str]
    mail_id: str


class ForgetJob(Payload):
    """Recipients that were deleted."""

    recipient_ids: list[str]


DECIDE_MAIL = JobKind("mail", MailJob)
SEND_DIGEST = JobKind("digest", DigestJob)
SEND_MAIL = JobKind("send", SendJob)
FORGET = JobKind("forget", ForgetJob)
