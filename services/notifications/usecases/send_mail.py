"""A mail is handed to the SMTP server, at least once: an attempt that was interrupted is repeated under the same
Message-ID and marked as a repetition."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.chassis.commit import Claimed, RetryLater, UnitOfWork
from services.chassis.mongo import Database

from .. import store
from ..domain.notice_records import CalendarTurn, Delivery, Outcome
from ..domain.notices import PLANNED
from ..domain.obsolescence import SUPERSEDED, TOO_LATE, obsolete_reason, plan_reason, useless_from
from ..domain.recipients import Recipient
from ..job_kinds import SendJob
from ..store import DELIVERIES, RECIPIENTS
from . import delivery_states
from .hand_over import Attempt, attempt
from .mail_channel import MailChannel
from .refuse_address import refuse_address
from .render_notices import NoticeContext, load_context

TURN_SECONDS = 600.0
"""Longer than an attempt may take (`smtp.MAX_WAIT_SECONDS` and `MAX_SEND_SECONDS`), so that the next one begins after
its end; the turn of a process that was killed goes to the same mail again at once."""
LOOK_AGAIN_SECONDS = 1.0
Outcomes = dict[str, Outcome]
"""By the id of the delivery."""


@dataclass(frozen=True)
class SendLimits:
    """How often a mail is tried in all, how often if it is not known whether it arrived, and the pause before the first
    repetition of such a mail; the following ones are four times as long each. `late_seconds`: so long a server may be
    busy with a mail that it has and has not answered."""

    tries: int
    unsure_tries: int
    unsure_seconds: float
    late_seconds: float


@dataclass(frozen=True)
class SendResult:
    """What came of a mail: the outcome of each delivery that has one, the address if a server says that it is none, and
    whether the rest has to be repeated. `is_with_server`: the server may take the mail still."""

    outcomes: Outcomes = field(default_factory=dict)
    refused: tuple[str, int] | None = field(default=None, repr=False)
    is_unsure: bool = False
    is_with_server: bool = False


@dataclass(frozen=True)
class SendMail:
    """The job `send`. Address, language and zone are those that the recipient has at the moment of sending. Without a
    channel every delivery is suppressed."""

    database: Database
    channel: MailChannel | None
    limits: SendLimits

    async def work(self, job: Claimed[SendJob]) -> SendResult:
        """Sends the mail and returns what came of it. Raises for a failure that may pass, so that the job is tried
        again; at the last try such a failure is the outcome."""
        # Those whose outcome is recorded already are left out: the mail must not leave again for them.
        deliveries = await store.deliveries_in(self.database, job.payload.delivery_ids, "attempting")
        turn = self._turn(deliveries, job)
        if turn is None:
            return await self._send(deliveries, job)
        match await store.take_turn(self.database, turn):
            case "waits":
                raise RetryLater(LOOK_AGAIN_SECONDS)
            case "passed":
                return SendResult({delivery.id: Outcome("suppressed", SUPERSEDED) for delivery in deliveries})
        try:
            result = await self._send(deliveries, job)
        except Exception:
            await store.end_turn(self.database, turn)
            raise
        # One that is cancelled gives nothing back: its job, and with it the turn, is another process's by now.
        await store.end_turn(
            self.database, turn, late_seconds=self.limits.late_seconds if result.is_with_server else 0.0
        )
        return result

    def _turn(self, deliveries: Sequence[Delivery], job: Claimed[SendJob]) -> CalendarTurn | None:
        """The turn that a mail needs which changes a calendar; None for any other one."""
        for delivery in deliveries:
            if delivery.ical_sequence is not None:
                return CalendarTurn(
                    id=f"{delivery.recipient_id}/{delivery.about['meeting_id']}",
                    recipient_id=delivery.recipient_id,
                    holder=job.payload.mail_id,
                    until=self.database.now() + dt.timedelta(seconds=TURN_SECONDS),
                    sequence=delivery.ical_sequence,
                )
        return None

    async def _send(self, deliveries: Sequence[Delivery], job: Claimed[SendJob]) -> SendResult:
        recipient = await self.database.one(RECIPIENTS, job.payload.recipient_id)
        if recipient is None or not deliveries:
            return SendResult()
        context = await load_context(self.database, deliveries, recipient.lang)
        now = self.database.now()
        outcomes: Outcomes = {}
        for delivery in deliveries:
            if reason := self._reason_against(delivery, recipient, context, now):
                outcomes[delivery.id] = Outcome("suppressed", reason)
        wanted = [delivery for delivery in deliveries if delivery.id not in outcomes]
        if not wanted or self.channel is None:
            return SendResult(outcomes)
        ended = await self._attempt(self.channel, wanted, recipient, context.ahead_of(now), job)
        if ended.outcome is not None:
            outcomes |= dict.fromkeys((delivery.id for delivery in wanted), ended.outcome)
        refused = (recipient.email or "", ended.refused_code) if ended.refused_code else None
        return SendResult(outcomes, refused, ended.outcome is None, ended.is_with_server)

    def _reason_against(
        self, delivery: Delivery, recipient: Recipient, context: NoticeContext, now: dt.datetime
    ) -> str | None:
        match, meeting = context.subjects(delivery)
        end = useless_from(delivery, meeting)
        is_over = end is not None and now >= end
        return (
            recipient.reason_against_mail(delivery.template, delivery.profile_id, mail_is_on=self.channel is not None)
            or obsolete_reason(delivery, match, meeting)
            or (plan_reason(context.planned(delivery), now) if delivery.template == PLANNED else None)
            or (TOO_LATE if is_over else None)
        )

    async def _attempt(
        self,
        channel: MailChannel,
        deliveries: Sequence[Delivery],
        recipient: Recipient,
        context: NoticeContext,
        job: Claimed[SendJob],
    ) -> Attempt:
        number = attempts_before(deliveries) + job.tries
        # A run that an outage ended counts as no try, but the server may have taken its mail.
        told = number + job.uncounted
        content = channel.composer.compose(
            deliveries, recipient, context, mail_id=job.payload.mail_id, attempt=told, at=self.database.now()
        )
        unsure = max(delivery.unsure for delivery in deliveries)
        return await attempt(
            channel.send(content),
            is_last=number >= self.limits.tries,
            is_last_unsure=unsure + 1 >= self.limits.unsure_tries,
        )

    async def apply(self, uow: UnitOfWork, job: Claimed[SendJob], result: SendResult) -> None:
        """Records the outcomes of deliveries that are still being attempted and whose recipient is still there."""
        recipient = await uow.get(RECIPIENTS, job.payload.recipient_id)
        if recipient is None:
            return
        # An outcome recorded during a deletion would open the mailbox again.
        uow.expect(RECIPIENTS, recipient.id)
        rest: list[Delivery] = []
        for id in job.payload.delivery_ids:
            delivery = await uow.get(DELIVERIES, id)
            if delivery is None or delivery.state != "attempting":
                continue
            attempts = delivery.attempts + job.tries
            if (outcome := result.outcomes.get(id)) is not None:
                await delivery_states.finish(uow, delivery, outcome, attempts=attempts)
            elif result.is_unsure:
                rest.append(delivery.repeat(attempts))
        if rest:
            pause = self.limits.unsure_seconds * 4 ** (rest[0].unsure - 1)
            delivery_states.repeat(uow, rest, job.payload, uow.now + dt.timedelta(seconds=pause))
        if result.refused is not None and recipient.email == result.refused[0]:
            await refuse_address(uow, recipient, code=result.refused[1], mail_id=job.payload.mail_id)


def attempts_before(deliveries: Sequence[Delivery]) -> int:
    """Attempts at a mail by earlier jobs."""
    return max(delivery.attempts for delivery in deliveries)
