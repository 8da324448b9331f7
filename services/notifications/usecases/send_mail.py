"""A mail is handed to the SMTP server, at least once: an attempt that was interrupted is repeated under the same
Message-ID and marked as a repetition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.mongo import Database

from .. import metrics, store
from ..domain.notice_records import Delivery, Outcome
from ..domain.obsolescence import obsolete_reason
from ..domain.recipients import Recipient
from ..job_kinds import SendJob
from ..mailing.smtp import MailRefused
from ..store import DELIVERIES, RECIPIENTS
from . import delivery_states
from .mail_channel import MailChannel
from .render_notices import NoticeContext, load_context

Outcomes = dict[str, Outcome]
"""By the id of the delivery."""


@dataclass(frozen=True)
class SendMail:
    """The job `send`. Address, language and zone are those that the recipient has at the moment of sending. Without a
    channel every delivery is suppressed."""

    database: Database
    channel: MailChannel | None
    max_tries: int

    async def work(self, job: Claimed[SendJob]) -> Outcomes:
        """Sends the mail and returns the outcome of each delivery. Raises for a failure that may pass, so that the job
        is tried again; at the last try such a failure is the outcome."""
        recipient = await self.database.one(RECIPIENTS, job.payload.recipient_id)
        # Those whose outcome is recorded already are left out: the mail must not leave again for them.
        deliveries = await store.deliveries_in(self.database, job.payload.delivery_ids, "attempting")
        if recipient is None or not deliveries:
            return {}
        context = await load_context(self.database, deliveries, recipient.lang)
        outcomes: Outcomes = {}
        for delivery in deliveries:
            if reason := self._reason_against(delivery, recipient, context):
                outcomes[delivery.id] = Outcome("suppressed", reason)
        wanted = [delivery for delivery in deliveries if delivery.id not in outcomes]
        if wanted and self.channel is not None:
            outcome = await self._attempt(self.channel, wanted, recipient, context, job)
            outcomes |= dict.fromkeys((delivery.id for delivery in wanted), outcome)
        return outcomes

    def _reason_against(self, delivery: Delivery, recipient: Recipient, context: NoticeContext) -> str | None:
        match, meeting = context.subjects(delivery)
        start = meeting.starts_at if meeting else None
        has_begun = start is not None and self.database.now() >= start
        return (
            recipient.reason_against_mail(delivery.template, delivery.profile_id, mail_is_on=self.channel is not None)
            or obsolete_reason(delivery, match, meeting)
            or ("too_late" if has_begun else None)
        )

    async def _attempt(
        self,
        channel: MailChannel,
        deliveries: Sequence[Delivery],
        recipient: Recipient,
        context: NoticeContext,
        job: Claimed[SendJob],
    ) -> Outcome:
        content = channel.composer.compose(
            deliveries,
            recipient,
            context,
            mail_id=job.payload.mail_id,
            attempt=job.tries,
            at=self.database.now(),
        )
        try:
            await channel.send(content)
        except MailRefused as refused:
            metrics.mails.labels("refused").inc()
            return Outcome("failed", f"smtp_{refused.code}")
        except Exception:
            metrics.mails.labels("again").inc()
            # An outcome instead of an error: the delivery ends and emits its event. A dead job would emit none.
            if job.tries >= self.max_tries:
                return Outcome("failed", "gave_up")
            raise
        metrics.mails.labels("accepted").inc()
        return Outcome("sent")

    async def apply(self, uow: UnitOfWork, job: Claimed[SendJob], outcomes: Outcomes) -> None:
        """Records the outcomes of deliveries that are still being attempted and whose recipient is still there."""
        for id, outcome in outcomes.items():
            delivery = await uow.get(DELIVERIES, id)
            recipient = await uow.get(RECIPIENTS, job.payload.recipient_id)
            if delivery is None or delivery.state != "attempting" or recipient is None:
                continue
            # An outcome recorded during a deletion would open the mailbox again.
            uow.expect(RECIPIENTS, recipient.id)
            await delivery_states.finish(uow, delivery, outcome, attempts=job.tries)
