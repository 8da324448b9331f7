"""Job kind -> use case: what notifications does later."""

from __future__ import annotations

from services.chassis.commit import AnyJob, Job, RunOptions
from services.chassis.mongo import Database

from .job_kinds import DECIDE_MAIL, FORGET, SEND_DIGEST, SEND_MAIL
from .settings import NotificationsSettings
from .usecases.forget import RemoveForgotten
from .usecases.plan_mail import DecideMail
from .usecases.send_digest import SendDigest
from .usecases.send_mail import MailChannel, SendMail

MAX_SMTP_BACKOFF_SECONDS = 1800.0


def jobs(database: Database, settings: NotificationsSettings, channel: MailChannel | None) -> tuple[AnyJob, ...]:
    """All jobs of notifications. Without a `channel` no mail is sent."""
    mail_is_on = channel is not None
    remove_forgotten = RemoveForgotten(database)
    decide_mail = DecideMail(mail_is_on)
    send_digest = SendDigest(database, mail_is_on, settings.translation_wait_seconds)
    send_mail = SendMail(database, channel, settings.smtp_tries)
    smtp_options = RunOptions(
        max_tries=settings.smtp_tries,
        backoff_seconds=settings.smtp_retry_seconds,
        max_backoff_seconds=MAX_SMTP_BACKOFF_SECONDS,
    )
    return (
        Job.working(FORGET, remove_forgotten.work),
        Job.deciding(DECIDE_MAIL, decide_mail.apply, RunOptions(concurrency=32)),
        Job(kind=SEND_DIGEST, work=send_digest.work, apply=send_digest.apply),
        Job(kind=SEND_MAIL, work=send_mail.work, apply=send_mail.apply, options=smtp_options),
    )
