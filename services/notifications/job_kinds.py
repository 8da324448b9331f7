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


class ConfirmJob(Payload):
    """The mail that asks a recipient to confirm its address."""

    recipient_id: str
    confirmation_id: str


class ReplanJob(Payload):
    """A table of holidays, by its sequence, after which what waits is planned again: from the recipient that follows
    `after` in the order of ids."""

    sequence: int
    after: str = ""


class Forgotten(Payload):
    """What is left of a recipient: its notices up to a number, of one profile or (None) of all; and the subject of its
    stored answers, if it is no recipient any more."""

    recipient_id: str
    up_to: int
    profile_id: str | None = None
    answers_subject: str | None = None


class ForgetJob(Payload):
    """Recipients that were deleted, or whose profile was."""

    forgotten: list[Forgotten]


DECIDE_MAIL = JobKind("mail", MailJob)
SEND_DIGEST = JobKind("digest", DigestJob)
SEND_MAIL = JobKind("send", SendJob)
CONFIRM_ADDRESS = JobKind("confirm", ConfirmJob)
REPLAN = JobKind("replan", ReplanJob)
FORGET = JobKind("forget", ForgetJob)
