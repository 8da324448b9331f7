"""A mail leaves: at least once, and an attempt that nobody finished is repeated, marked, under the same Message-ID."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.notifications import (
    NotificationFailed,
    NotificationSent,
    NotificationState,
    NotificationSuppressed,
)
from services.chassis.database import Database
from services.chassis.jobs import Claimed
from services.chassis.uow import UnitOfWork

from .. import metrics, store
from ..domain.links import signed
from ..domain.recipients import Delivery, Recipient
from ..domain.rendering import best_name
from ..domain.sentences import INVITATION
from ..domain.worth import obsolete
from ..mailing.invitations import METHODS, Invitation
from ..mailing.letters import Item, Letter, Press
from ..mailing.smtp import NotAccepted, Smtp
from ..store import DELIVERIES, RECIPIENTS
from . import reading
from .noting import note
from .planning import start_of, unwanted

EVENTS: dict[str, type[NotificationState]] = {
    "sent": NotificationSent,
    "failed": NotificationFailed,
    "suppressed": NotificationSuppressed,
}


@dataclass(frozen=True)
class Outcome:
    """What became of a delivery."""

    state: str
    reason: str | None = None


Outcomes = dict[str, Outcome]
"""By the id of the delivery."""


@dataclass(frozen=True)
class Sending:
    """The job `send`. Whatever the recipient wants by now is what counts: address, language, zone."""

    database: Database
    smtp: Smtp | None
    press: Press
    public_url: str
    link_key: bytes
    tries: int

    async def work(self, job: Claimed) -> Outcomes:
        """Raises what may pass, for another try; the last one has failed for good."""
        recipient = await self.database.one(RECIPIENTS, job.payload["recipient_id"])
        deliveries = await store.deliveries_in(self.database, job.payload["delivery_ids"], "attempting")
        if recipient is None or not deliveries:
            return {}
        context = await reading.context(self.database, deliveries, recipient.lang)
        outcomes = {
            d.id: Outcome("suppressed", why) for d in deliveries if (why := self._why_not(d, recipient, context))
        }
        going = [delivery for delivery in deliveries if delivery.id not in outcomes]
        if going and self.smtp is not None:
            letter = self._letter(self.smtp, going, recipient, context, job)
            outcomes |= dict.fromkeys((d.id for d in going), await self._attempt(self.smtp, letter, job))
        return outcomes

    def _why_not(self, delivery: Delivery, recipient: Recipient, context: reading.Context) -> str | None:
        match, meeting = context.rows(delivery)
        start = start_of(meeting)
        is_late = start is not None and self.database.now() >= start
        return (
            unwanted(recipient, delivery.template, is_on=self.smtp is not None)
            or obsolete(delivery, match, meeting)
            or ("too_late" if is_late else None)
        )

    async def _attempt(self, smtp: Smtp, letter: Letter, job: Claimed) -> Outcome:
        try:
            await smtp.send(self.press.mail(letter))
        except NotAccepted as refused:
            metrics.mails.labels("refused").inc()
            return Outcome("failed", f"smtp_{refused.code}")
        except Exception:
            metrics.mails.labels("again").inc()
            if job.tries >= self.tries:
                return Outcome("failed", "gave_up")
            raise
        metrics.mails.labels("accepted").inc()
        return Outcome("sent")

    async def settle(self, uow: UnitOfWork, job: Claimed, outcomes: Outcomes) -> None:
        for id, outcome in outcomes.items():
            delivery = await uow.get(DELIVERIES, id)
            recipient = await uow.get(RECIPIENTS, job.payload["recipient_id"])
            if delivery is None or delivery.state != "attempting" or recipient is None:
                continue
            uow.expect(RECIPIENTS, recipient.id)
            done = {"state": outcome.state, "reason": outcome.reason, "attempts": job.tries}
            uow.put(DELIVERIES, delivery.model_copy(update=done))
            await note(uow, delivery, EVENTS[outcome.state], reason=outcome.reason)

    # -- what it says

    def _letter(
        self, smtp: Smtp, deliveries: Sequence[Delivery], recipient: Recipient, context: reading.Context, job: Claimed
    ) -> Letter:
        assert recipient.email is not None
        shown = reading.rendered_in(context, deliveries, recipient, recipient.lang)
        return Letter(
            to=recipient.email,
            sender=smtp.sender,
            lang=recipient.lang,
            items=[Item(one.title, one.text, one.evidence) for one in shown],
            message_id=f"<{job.payload['mail_id']}@{smtp.domain}>",
            attempt=job.tries,
            unsubscribe_url=f"{self.public_url.rstrip('/')}/unsubscribe/{signed(recipient.id, self.link_key)}",
            at=self.database.now(),
            invitation=self._invitation(smtp, deliveries[0], recipient, context, shown[0]),
        )

    def _invitation(
        self, smtp: Smtp, delivery: Delivery, recipient: Recipient, context: reading.Context, shown: reading.Shown
    ) -> Invitation | None:
        """For members of the meeting only: others of the audience read that it takes place."""
        _, meeting = context.rows(delivery)
        method = METHODS.get(delivery.template)
        if method is None or meeting is None or delivery.ical_sequence is None or recipient.id not in meeting.members:
            return None
        venue, own = meeting.venue, context.profiles.get(delivery.profile_id)
        return Invitation(
            meeting_id=meeting.id,
            method=method,
            sequence=delivery.ical_sequence,
            start=dt.datetime.fromisoformat(meeting.start),
            end=dt.datetime.fromisoformat(meeting.end),
            country=own.country if own else "",
            summary=INVITATION[recipient.lang].format(name=best_name(context.other(delivery), recipient.lang)),
            description=shown.text,
            location=(venue.place or venue.url) if venue else None,
            url=venue.url if venue else None,
            organiser=smtp.sender,
            attendee=recipient.email or "",
            attendee_name=best_name(own, recipient.lang) if own and own.names else "",
            stamp=delivery.happened_at,
        )
