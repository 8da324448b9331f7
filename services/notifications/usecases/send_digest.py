"""The daily digest: the proposals that wait for a recipient leave in one mail."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.chassis.commit import Claimed, RetryLater, UnitOfWork
from services.chassis.model import derived_id
from services.chassis.mongo import Database

from .. import store
from ..domain.delivery_window import QuietPolicy, next_digest, not_past
from ..domain.notice_records import Delivery
from ..domain.obsolescence import obsolete_reason
from ..domain.recipients import Recipient
from ..domain.sentence_rendering import evidence_text
from ..job_kinds import DigestJob
from ..store import DELIVERIES, MATCHES, PROFILES, RECIPIENTS, TRANSLATIONS, WAITING
from . import delivery_states
from .plan_mail import decision_time, load_quiet_policy, load_subjects, schedule_digest

RETRY_SECONDS = 1.0


@dataclass(frozen=True)
class SendDigest:
    """The job `digest`: proposals that are due are handed over as one mail; later ones wait for the next digest."""

    database: Database
    mail_is_on: bool
    translation_wait_seconds: float

    async def work(self, job: Claimed[DigestJob]) -> None:
        """Waits for translations. Raises RetryLater while a text that the digest shows may still be translated."""
        recipient = await self.database.one(RECIPIENTS, job.payload.recipient_id)
        waiting = await self.database.one(WAITING, job.payload.recipient_id)
        if recipient is None or waiting is None:
            return
        waits_from = self.database.now() - dt.timedelta(seconds=self.translation_wait_seconds)
        for delivery in await store.deliveries_in(self.database, waiting.digest, "queued"):
            if delivery.happened_at > waits_from and await self._is_untranslated(delivery, recipient.lang):
                raise RetryLater(RETRY_SECONDS)

    async def _is_untranslated(self, delivery: Delivery, lang: str) -> bool:
        """Whether a translation may still come. One that was flagged has come, although it is not shown."""
        match = await self.database.one(MATCHES, delivery.about["match_id"])
        others = [party for party in match.parties if party != delivery.profile_id] if match else []
        other = await self.database.one(PROFILES, others[0]) if others else None
        evidence = evidence_text(match, other) if match and other else None
        if evidence is None:
            return False
        text_id, text = evidence
        return text.lang != lang and await self.database.one(TRANSLATIONS, f"{text_id}:{lang}") is None

    async def apply(self, uow: UnitOfWork, job: Claimed[DigestJob], result: None) -> None:
        """Suppresses what has become untrue, hands over what is due, and plans the digest of the rest."""
        recipient = await uow.get(RECIPIENTS, job.payload.recipient_id)
        waiting = await uow.get(WAITING, job.payload.recipient_id)
        if recipient is None or waiting is None:
            return
        uow.expect(RECIPIENTS, recipient.id)
        waiting = await delivery_states.forget_missing(uow, waiting)
        now, policy = decision_time(uow, job.payload.at), await load_quiet_policy(uow, recipient)
        due: list[Delivery] = []
        later: list[dt.datetime] = []
        for delivery in await _load_queued(uow, waiting.digest):
            if (at := _due_at(delivery, recipient, policy)) > now:
                later.append(at)
            elif reason := await self._reason_against(uow, delivery, recipient):
                await delivery_states.suppress(uow, delivery, reason)
            else:
                due.append(delivery)
        if due:
            # Derived, so that a decision that runs again after a conflict makes the same mail.
            mail_id = derived_id("digest", *(delivery.id for delivery in due))
            await delivery_states.start_sending(uow, due, mail_id=mail_id)
        if later:
            schedule_digest(uow, recipient, min(later))

    async def _reason_against(self, uow: UnitOfWork, delivery: Delivery, recipient: Recipient) -> str | None:
        reason = recipient.reason_against_mail(delivery.template, delivery.profile_id, mail_is_on=self.mail_is_on)
        return reason or obsolete_reason(delivery, *await load_subjects(uow, delivery))


async def _load_queued(uow: UnitOfWork, ids: list[str]) -> list[Delivery]:
    deliveries = [await uow.get(DELIVERIES, id) for id in ids]
    return [delivery for delivery in deliveries if delivery is not None and delivery.state == "queued"]


def _due_at(delivery: Delivery, recipient: Recipient, policy: QuietPolicy) -> dt.datetime:
    since = max(delivery.queued_at, recipient.zoned_at or recipient.registered_at)
    return not_past(next_digest(since, policy), delivery.bound)
