"""Job kind -> use case: what notifications does later."""

from __future__ import annotations

from services.chassis.commit import AnyJob, Job, RunOptions
from services.chassis.mongo import Database

from .job_kinds import CONFIRM_ADDRESS, DECIDE_MAIL, FORGET, REPLAN, SEND_DIGEST, SEND_MAIL
from .settings import NotificationsSettings
from .usecases.confirm_address import SendConfirmation
from .usecases.forget import RemoveForgotten
from .usecases.holiday_table import ReplanWaiting
from .usecases.mail_channel import MailChannel
from .usecases.plan_mail import DecideMail
from .usecases.send_digest import SendDigest
from .usecases.send_mail import SendLimits, SendMail

MAX_SMTP_BACKOFF_SECONDS = 1800.0


def limits_of(settings: NotificationsSettings) -> SendLimits:
    """How mails are tried."""
    return SendLimits(
        settings.smtp_tries, settings.smtp_unsure_tries, settings.smtp_retry_seconds, settings.smtp_late_seconds
    )


def jobs(database: Database, settings: NotificationsSettings, channel: MailChannel | None) -> tuple[AnyJob, ...]:
    """All jobs of notifications. Without a `channel` no mail is sent."""
    mail_is_on = channel is not None
    remove_forgotten, replan = RemoveForgotten(database), ReplanWaiting(database)
    decide_mail = DecideMail(database, mail_is_on, settings.collapse_seconds, settings.gather_seconds)
    send_digest = SendDigest(database, mail_is_on, settings.translation_wait_seconds)
    send_mail = SendMail(database, channel, limits_of(settings))
    send_confirmation = SendConfirmation(database, channel, settings.smtp_tries, settings.smtp_unsure_tries)
    smtp_options = RunOptions(
        max_tries=settings.smtp_tries,
        backoff_seconds=settings.smtp_retry_seconds,
        max_backoff_seconds=MAX_SMTP_BACKOFF_SECONDS,
    )
    return (
        Job.working(FORGET, remove_forgotten.work),
        Job(kind=CONFIRM_ADDRESS, work=send_confirmation.work, apply=send_confirmation.apply, options=smtp_options),
        # Each is one short decision, and many are due together: quiet hours end for many recipients in the same minute.
        Job(kind=DECIDE_MAIL, work=decide_mail.work, apply=decide_mail.apply, options=RunOptions(concurrency=32)),
        Job(kind=REPLAN, work=replan.work, apply=replan.apply),
        Job(kind=SEND_DIGEST, work=send_digest.work, apply=send_digest.apply),
        Job(kind=SEND_MAIL, work=send_mail.work, apply=send_mail.apply, options=smtp_options),
    )
