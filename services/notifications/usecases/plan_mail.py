"""When a delivery is decided about, and the decision: it is sent, held or suppressed, by what its recipient wants at
that moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from schemas.calendars import HOLIDAYS_ID
from services.chassis.commit import Claimed, RetryLater, UnitOfWork
from services.chassis.mongo import Database

from ..domain.delivery_window import Drop, Hold, QuietPolicy, SendNow, Verdict, decide_delivery, next_digest, not_past
from ..domain.notice_records import Delivery, NoticeRecord, WaitingMail
from ..domain.notices import DIGEST_TEMPLATES, PLANNED
from ..domain.obsolescence import SUPERSEDED, obsolete_reason, subject_of, supersedes, useless_from
from ..domain.projections import HolidayRow, MatchRow, MeetingRow
from ..domain.recipients import Recipient
from ..job_kinds import DECIDE_MAIL, SEND_DIGEST, DigestJob, MailJob
from ..store import DELIVERIES, HOLIDAYS, MATCHES, MEETINGS, PROFILES, RECIPIENTS, WAITING
from . import delivery_states


async def plan_delivery(uow: UnitOfWork, delivery: Delivery, recipient: Recipient) -> None:
    """Plans what happens to a queued delivery: a proposal waits for the next digest, any other one is decided about
    soon, and replaces one about the same thing that still waits."""
    if delivery.template not in DIGEST_TEMPLATES:
        await _collapse(uow, delivery)
        uow.enqueue(DECIDE_MAIL, MailJob(delivery_id=delivery.id), cause=delivery.id)
        return
    await delivery_states.add_to_digest(uow, delivery)
    due_at = next_digest(delivery.queued_at, await load_quiet_policy(uow, recipient))
    schedule_digest(uow, recipient, not_past(due_at, delivery.bound))


async def _collapse(uow: UnitOfWork, delivery: Delivery) -> None:
    """Suppresses the mail that the new one makes superfluous: a reader is told the last state, once."""
    waiting, subject = await uow.get_or(WAITING, WaitingMail(id=delivery.recipient_id)), subject_of(delivery)
    older = await uow.get(DELIVERIES, waiting.latest.get(subject, ""))
    if older is not None and older.state == "queued" and supersedes(delivery, older):
        await delivery_states.suppress(uow, older, SUPERSEDED)
        waiting = await uow.get_or(WAITING, WaitingMail(id=delivery.recipient_id))
    uow.put(WAITING, waiting.with_latest(subject, delivery.id))


async def replan_waiting(uow: UnitOfWork, recipient: Recipient, *, cause: str) -> None:
    """Plans again all that waits for a recipient, because its preferences or the holidays have changed.

    `cause` names the change: each has jobs of its own. The jobs that were planned before stay: they find nothing to do,
    or that it is too early."""
    waiting = await uow.get(WAITING, recipient.id)
    if waiting is None:
        return
    if waiting.digest:
        schedule_digest(uow, recipient, next_digest(uow.now, await load_quiet_policy(uow, recipient)))
    for id in waiting.held:
        uow.enqueue(DECIDE_MAIL, MailJob(delivery_id=id), cause=f"{id}/{cause}")


def schedule_digest(uow: UnitOfWork, recipient: Recipient, at: dt.datetime) -> None:
    """Plans a recipient's digest; one job per recipient and minute, however often it is called."""
    job = DigestJob(recipient_id=recipient.id, at=at.isoformat())
    uow.enqueue(SEND_DIGEST, job, cause=f"{recipient.id}/{at:%Y-%m-%dT%H:%MZ}", run_at=at)


async def load_quiet_policy(uow: UnitOfWork, recipient: Recipient) -> QuietPolicy:
    """When the recipient wants no mail. Holidays are those of its profile's country, by the table that is known now.

    The table is not expected at the commit, because all decisions about mail would meet there: what was decided by the
    one before is planned again."""
    profile = await uow.get(PROFILES, recipient.profile_id)
    table = await uow.get_or(HOLIDAYS, HolidayRow(id=HOLIDAYS_ID))
    country = profile.country if profile else ""
    return QuietPolicy.of(recipient.zone, recipient.quiet_hours, country, table.calendar())


async def load_subjects(uow: UnitOfWork, notice: NoticeRecord) -> tuple[MatchRow | None, MeetingRow | None]:
    """The match and the meeting that a notice is about."""
    match_id, meeting_id = notice.about.get("match_id"), notice.about.get("meeting_id")
    return (
        await uow.get(MATCHES, match_id) if match_id else None,
        await uow.get(MEETINGS, meeting_id) if meeting_id else None,
    )


def decision_time(uow: UnitOfWork, planned: str | None) -> dt.datetime:
    """The batch's `now`, but not before the instant (ISO 8601) that the job was planned for. The job was started by
    mongod's own clock, which may be some milliseconds ahead of ours."""
    return max(uow.now, dt.datetime.fromisoformat(planned)) if planned else uow.now


@dataclass(frozen=True)
class DecideMail:
    """The job `mail`: one delivery is sent, held or suppressed."""

    database: Database
    mail_is_on: bool
    collapse_seconds: float
    gather_seconds: float
    """So long a plan of a forum may take until all its bookings have come."""

    async def work(self, job: Claimed[MailJob]) -> None:
        """Waits for a later notice about the same thing. Raises RetryLater while one may still replace this one."""
        delivery = await self.database.one(DELIVERIES, job.payload.delivery_id)
        if delivery is None or delivery.state != "queued":
            return
        waits = self.gather_seconds if delivery.template == PLANNED else self.collapse_seconds
        left = waits - (self.database.now() - delivery.queued_at).total_seconds()
        if left > 0:
            raise RetryLater(left)

    async def apply(self, uow: UnitOfWork, job: Claimed[MailJob], result: None) -> None:
        """Does nothing if the delivery was decided about meanwhile."""
        delivery = await uow.get(DELIVERIES, job.payload.delivery_id)
        if delivery is None or delivery.state != "queued":
            return
        recipient = await uow.get(RECIPIENTS, delivery.recipient_id)
        if recipient is None:
            return  # the job `forget` removes the delivery
        uow.expect(RECIPIENTS, recipient.id)
        # Match and meeting are not expected: `send` looks at them again before the mail leaves.
        match await self._decide(uow, delivery, recipient, decision_time(uow, job.payload.at)):
            case Drop(reason):
                await delivery_states.suppress(uow, delivery, reason)
            case Hold(until, reason):
                await delivery_states.hold(uow, delivery, until, reason)
            case SendNow():
                await delivery_states.start_sending(uow, [delivery], mail_id=delivery.id)

    async def _decide(self, uow: UnitOfWork, delivery: Delivery, recipient: Recipient, now: dt.datetime) -> Verdict:
        match, meeting = await load_subjects(uow, delivery)
        reason = recipient.reason_against_mail(delivery.template, delivery.profile_id, mail_is_on=self.mail_is_on)
        reason = reason or obsolete_reason(delivery, match, meeting)
        if reason is not None:
            return Drop(reason)
        policy = await load_quiet_policy(uow, recipient)
        return decide_delivery(now, policy, useless_from(delivery, meeting), delivery.bound)
