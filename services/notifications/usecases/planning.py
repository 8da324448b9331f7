"""When a mail goes, and whether: decided again at the moment, with what its recipient wants by then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.notifications import NotificationDeferred, NotificationSuppressed
from services.chassis.database import Database
from services.chassis.documents import Doc
from services.chassis.events import derived_id
from services.chassis.jobs import Claimed, Later
from services.chassis.uow import UnitOfWork

from .. import store
from ..domain.holding import Drop, Go, Hold, Rest, Verdict, digest_at, verdict
from ..domain.notices import DIGESTED
from ..domain.projections import MatchRow, MeetingRow
from ..domain.recipients import EMAIL, Delivery, Recipient, Waiting
from ..domain.rendering import evidence_text
from ..domain.worth import obsolete
from ..store import DELIVERIES, MATCHES, MEETINGS, PROFILES, RECIPIENTS, WAITING
from .noting import note

MAIL, DIGEST, SEND = "mail", "digest", "send"
LOOK_AGAIN_SECONDS = 1.0


async def plan(uow: UnitOfWork, delivery: Delivery, recipient: Recipient) -> None:
    """A proposal waits for the next digest; everything else is looked at at once."""
    if delivery.template not in DIGESTED:
        uow.enqueue(MAIL, cause=delivery.id, payload={"delivery_id": delivery.id})
        return
    waiting = await _waiting(uow, recipient.id)
    uow.put(WAITING, waiting.with_digest(delivery.id))
    _plan_digest(uow, recipient, digest_at(delivery.queued_at, await rest_of(uow, recipient)))


async def plan_anew(uow: UnitOfWork, recipient: Recipient) -> None:
    """After a recipient has changed its wishes: what waits is looked at again. The jobs of before find nothing to do,
    or that it is not time yet."""
    waiting = await uow.get(WAITING, recipient.id)
    if waiting is None:
        return
    if waiting.digest:
        _plan_digest(uow, recipient, digest_at(uow.now, await rest_of(uow, recipient)))
    for id in waiting.held:
        uow.enqueue(MAIL, cause=f"{id}/{recipient.revision}", payload={"delivery_id": id})


def _plan_digest(uow: UnitOfWork, recipient: Recipient, at: dt.datetime) -> None:
    """One job a recipient and morning."""
    payload = {"recipient_id": recipient.id, "at": at.isoformat()}
    uow.enqueue(DIGEST, cause=f"{recipient.id}/{at:%Y-%m-%dT%H:%MZ}", payload=payload, run_at=at)


async def rest_of(uow: UnitOfWork, recipient: Recipient) -> Rest:
    profile = await uow.get(PROFILES, recipient.profile_id)
    return Rest.of(recipient.zone, recipient.quiet_hours, profile.country if profile else "")


async def _waiting(uow: UnitOfWork, recipient_id: str) -> Waiting:
    return await uow.get(WAITING, recipient_id) or Waiting(id=recipient_id)


def _judged_at(uow: UnitOfWork, job: Claimed) -> dt.datetime:
    """The batch's now, but not before the moment that the job was planned for: it runs by mongod's own clock, which
    may be some milliseconds ahead of ours."""
    planned = job.payload.get("at")
    return max(uow.now, dt.datetime.fromisoformat(planned)) if planned else uow.now


def unwanted(recipient: Recipient, template: str, *, is_on: bool) -> str | None:
    """Why this recipient gets no such mail; None where it does."""
    if not is_on:
        return "email_off"
    if EMAIL not in recipient.channels:
        return "channel_off"
    if recipient.email is None:
        return "no_address"
    return "unsubscribed" if template in DIGESTED and not recipient.digest else None


@dataclass(frozen=True)
class Mailing:
    """The job `mail`: one notice goes, waits or is dropped."""

    is_on: bool

    async def work(self, job: Claimed) -> None:
        """Nothing: it is all decision."""

    async def settle(self, uow: UnitOfWork, job: Claimed, result: None) -> None:
        delivery = await uow.get(DELIVERIES, job.payload["delivery_id"])
        if delivery is None or delivery.state != "queued":
            return
        recipient = await uow.get(RECIPIENTS, delivery.recipient_id)
        if recipient is None:
            return  # its job `forget` takes the delivery along
        uow.expect(RECIPIENTS, recipient.id)
        match await self._verdict(uow, delivery, recipient, _judged_at(uow, job)):
            case Drop(reason):
                await _suppress(uow, delivery, reason)
            case Hold(until, reason):
                await _hold(uow, delivery, until, reason)
            case Go():
                await _send(uow, [delivery], mail_id=delivery.id)

    async def _verdict(self, uow: UnitOfWork, delivery: Delivery, recipient: Recipient, now: dt.datetime) -> Verdict:
        match, meeting = await _rows(uow, delivery)
        why = unwanted(recipient, delivery.template, is_on=self.is_on) or obsolete(delivery, match, meeting)
        if why is not None:
            return Drop(why)
        return verdict(now, await rest_of(uow, recipient), start_of(meeting))


def start_of(meeting: MeetingRow | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(meeting.start) if meeting and meeting.start else None


async def _rows(uow: UnitOfWork, delivery: Delivery) -> tuple[MatchRow | None, MeetingRow | None]:
    match_id, meeting_id = delivery.about.get("match_id"), delivery.about.get("meeting_id")
    return (
        await uow.get(MATCHES, match_id) if match_id else None,
        await uow.get(MEETINGS, meeting_id) if meeting_id else None,
    )


async def _no_longer_waits(uow: UnitOfWork, recipient_id: str, *ids: str) -> None:
    waiting = await uow.get(WAITING, recipient_id)
    if waiting is not None:
        uow.put(WAITING, waiting.without(*ids))


async def _suppress(uow: UnitOfWork, delivery: Delivery, reason: str) -> None:
    uow.put(DELIVERIES, delivery.model_copy(update={"state": "suppressed", "reason": reason}))
    await note(uow, delivery, NotificationSuppressed, reason=reason)
    await _no_longer_waits(uow, delivery.recipient_id, delivery.id)


async def _hold(uow: UnitOfWork, delivery: Delivery, until: dt.datetime, reason: str) -> None:
    if delivery.held_until != until:
        delivery = uow.put(DELIVERIES, delivery.model_copy(update={"held_until": until, "reason": reason}))
        await note(uow, delivery, NotificationDeferred, reason=reason)
    uow.put(WAITING, (await _waiting(uow, delivery.recipient_id)).with_held(delivery.id))
    payload = {"delivery_id": delivery.id, "at": until.isoformat()}
    uow.enqueue(MAIL, cause=f"{delivery.id}/{until:%Y-%m-%dT%H:%MZ}", payload=payload, run_at=until)


async def _send(uow: UnitOfWork, deliveries: Sequence[Delivery], *, mail_id: str) -> None:
    """From here on an attempt may have reached somebody."""
    recipient_id, ids = deliveries[0].recipient_id, [delivery.id for delivery in deliveries]
    for delivery in deliveries:
        uow.put(DELIVERIES, delivery.model_copy(update={"state": "attempting", "reason": None, "mail_id": mail_id}))
    await _no_longer_waits(uow, recipient_id, *ids)
    payload: Doc = {"recipient_id": recipient_id, "delivery_ids": ids, "mail_id": mail_id}
    uow.enqueue(SEND, cause=mail_id, payload=payload)


@dataclass(frozen=True)
class Digesting:
    """The job `digest`: what has waited for this morning goes in one mail; what came later waits for the next one."""

    database: Database
    is_on: bool
    translation_wait_seconds: float

    async def work(self, job: Claimed) -> None:
        """Raises Later while something that it shows may still be translated."""
        recipient = await self.database.one(RECIPIENTS, job.payload["recipient_id"])
        waiting = await self.database.one(WAITING, job.payload["recipient_id"])
        if recipient is None or waiting is None:
            return
        fresh_from = self.database.now() - dt.timedelta(seconds=self.translation_wait_seconds)
        for delivery in await store.deliveries_in(self.database, waiting.digest, "queued"):
            if delivery.happened_at > fresh_from and await self._is_untranslated(delivery, recipient.lang):
                raise Later(LOOK_AGAIN_SECONDS)

    async def _is_untranslated(self, delivery: Delivery, lang: str) -> bool:
        """Whether a translation may come; a flagged one has come, and is not shown."""
        match = await self.database.one(MATCHES, delivery.about["match_id"])
        others = [party for party in match.parties if party != delivery.profile_id] if match else []
        other = await self.database.one(PROFILES, others[0]) if others else None
        found = evidence_text(match, other) if match and other else None
        if found is None or found[1].lang == lang:
            return False
        return await self.database.one(store.TRANSLATIONS, f"{found[0]}:{lang}") is None

    async def settle(self, uow: UnitOfWork, job: Claimed, result: None) -> None:
        recipient = await uow.get(RECIPIENTS, job.payload["recipient_id"])
        waiting = await uow.get(WAITING, job.payload["recipient_id"])
        if recipient is None or waiting is None:
            return
        uow.expect(RECIPIENTS, recipient.id)
        now, rest = _judged_at(uow, job), await rest_of(uow, recipient)
        going: list[Delivery] = []
        next_at: list[dt.datetime] = []
        for id in waiting.digest:
            delivery = await uow.get(DELIVERIES, id)
            if delivery is None or delivery.state != "queued":
                continue
            since = max(delivery.queued_at, recipient.zoned_at or recipient.registered_at)
            if (due := digest_at(since, rest)) > now:
                next_at.append(due)
            elif why := await self._unwanted(uow, delivery, recipient):
                await _suppress(uow, delivery, why)
            else:
                going.append(delivery)
        if going:
            await _send(uow, going, mail_id=derived_id("digest", *(delivery.id for delivery in going)))
        if next_at:
            _plan_digest(uow, recipient, min(next_at))

    async def _unwanted(self, uow: UnitOfWork, delivery: Delivery, recipient: Recipient) -> str | None:
        why = unwanted(recipient, delivery.template, is_on=self.is_on)
        return why or obsolete(delivery, *await _rows(uow, delivery))
