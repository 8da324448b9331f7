"""Recipients come and go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from schemas.notifications import NotificationSuppressed
from services.chassis.answers import forget_answers
from services.chassis.database import Database
from services.chassis.errors import Contrary, Invalid, NotFound
from services.chassis.http import IfMatch
from services.chassis.jobs import Claimed
from services.chassis.tokens import Caller
from services.chassis.uow import UnitOfWork

from .. import store
from ..domain.recipients import EMAIL, Audience, Recipient
from ..store import AUDIENCES, MAILBOXES, PROFILES, RECIPIENTS, WAITING
from .planning import plan_anew

FORGET = "forget"


@dataclass(frozen=True)
class Wanted:
    """What a member asks for."""

    profile_id: str
    lang: str
    zone: str
    email: str | None
    channels: list[str]
    quiet_hours: dict[str, str] | None


@dataclass(frozen=True)
class Registered:
    recipient: Recipient
    is_new: bool


async def register(
    uow: UnitOfWork, *, caller: Caller, member_id: str, wanted: Wanted, most: int, if_match: IfMatch
) -> Registered:
    """Oneself, for a profile of one's organisation. Raises NotFound, Contrary (too many)."""
    must_be_self(caller, member_id)
    profile = await uow.get(PROFILES, wanted.profile_id)
    if profile is None:
        raise NotFound("There is no such profile, or it has not arrived yet.", retry_after=1)
    caller.must_own(profile.owner, "profile")
    uow.expect(PROFILES, wanted.profile_id)  # an erasure that crosses this would leave the recipient behind
    before = await uow.get(RECIPIENTS, member_id)
    if before is not None:
        if_match.must_match(before.revision, required=False)
        if before.profile_id != wanted.profile_id:
            await _leave(uow, before)
    await _join(uow, member_id, wanted.profile_id, most)
    recipient = Recipient(
        id=member_id,
        revision=before.revision if before else 0,
        at=before.at if before else 0,
        registered_at=before.registered_at if before else uow.now,
        zoned_at=before.zoned_at if before and before.zone == wanted.zone else uow.now,
        digest=before.digest if before else True,
        **vars(wanted),
    )
    return Registered(await _changed(uow, before, recipient), is_new=before is None)


async def _changed(uow: UnitOfWork, before: Recipient | None, recipient: Recipient) -> Recipient:
    """What waits for it is planned anew: 09:00 and quiet hours may be at another time now."""
    stored = uow.put(RECIPIENTS, recipient)
    if before is not None and stored != before:
        await plan_anew(uow, stored)
    return stored


async def prefer(
    uow: UnitOfWork, *, caller: Caller, member_id: str, changes: dict[str, Any], if_match: IfMatch
) -> Recipient:
    """Changes some of channels, quiet_hours, digest; what is not named stays. Raises NotFound, Invalid."""
    must_be_self(caller, member_id)
    before = await uow.get(RECIPIENTS, member_id)
    if before is None:
        raise NotFound("There is no such recipient, or it is not you.")
    if_match.must_match(before.revision, required=False)
    if EMAIL in changes.get("channels", ()) and before.email is None:
        raise Invalid("There is no mail address to write to; PUT the recipient with one first.", pointer="/channels")
    return await _changed(uow, before, before.model_copy(update=changes))


async def unsubscribe(uow: UnitOfWork, *, recipient_id: str) -> None:
    """No more mails about proposals. Twice is once, and who is gone gets none anyway."""
    recipient = await uow.get(RECIPIENTS, recipient_id)
    if recipient is not None:
        uow.put(RECIPIENTS, recipient.model_copy(update={"digest": False}))


async def _join(uow: UnitOfWork, member_id: str, profile_id: str, most: int) -> None:
    audience = await uow.get(AUDIENCES, profile_id) or Audience(id=profile_id)
    if member_id not in audience.recipient_ids and len(audience.recipient_ids) >= most:
        raise Contrary("too-many-recipients", f"A profile has at most {most} recipients; one must go first.")
    uow.put(AUDIENCES, audience.with_recipient(member_id))


async def _leave(uow: UnitOfWork, recipient: Recipient) -> None:
    audience = await uow.get(AUDIENCES, recipient.profile_id)
    if audience is not None:
        uow.put(AUDIENCES, audience.without(recipient.id))


async def forget_recipient(uow: UnitOfWork, *, caller: Caller, member_id: str) -> None:
    """Oneself, with one's inbox. Raises NotFound."""
    must_be_self(caller, member_id)
    recipient = await uow.get(RECIPIENTS, member_id)
    if recipient is None:
        raise NotFound("There is no such recipient, or it is not you.")
    await _leave(uow, recipient)
    await _forget(uow, recipient)
    _plan_forgetting(uow, [member_id])


async def forget_audience(uow: UnitOfWork, profile_id: str) -> None:
    """All recipients of a profile that was erased."""
    audience = await uow.get(AUDIENCES, profile_id)
    if audience is None:
        return
    for recipient_id in audience.recipient_ids:
        recipient = await uow.get(RECIPIENTS, recipient_id)
        if recipient is not None:
            await _forget(uow, recipient)
    uow.delete(AUDIENCES, audience)
    _plan_forgetting(uow, audience.recipient_ids)


async def _forget(uow: UnitOfWork, recipient: Recipient) -> None:
    uow.delete(RECIPIENTS, recipient)
    mailbox = await uow.get(MAILBOXES, recipient.id)
    if mailbox is not None:
        gone = NotificationSuppressed(
            notification_id=uow.derived_id("gone", recipient.id),
            recipient_id=recipient.id,
            profile_id=recipient.profile_id,
            channel="inbox",
            template="recipient.gone",
            about={},
            event_id=uow.cause.id,
            reason="recipient_gone",
        )
        uow.delete(MAILBOXES, mailbox, gone)
    waiting = await uow.get(WAITING, recipient.id)
    if waiting is not None:
        uow.delete(WAITING, waiting)


def _plan_forgetting(uow: UnitOfWork, recipient_ids: list[str]) -> None:
    cause = uow.derived_id("forget", *recipient_ids)
    uow.enqueue(FORGET, cause=cause, payload={"recipient_ids": recipient_ids})


def must_be_self(caller: Caller, member_id: str) -> None:
    """A recipient belongs to its own `sub` alone, whatever the role."""
    if caller.sub != member_id or "participant" not in caller.roles:
        raise NotFound("There is no such recipient, or it is not you.")


@dataclass(frozen=True)
class Forgetting:
    """The job `forget`: inboxes, deliveries, and answers that were kept about their recipients."""

    database: Database

    async def work(self, job: Claimed) -> None:
        await store.forget_notices(self.database, job.payload["recipient_ids"])
        await forget_answers(self.database, job.payload["recipient_ids"])

    async def settle(self, uow: UnitOfWork, job: Claimed, result: None) -> None:
        """The work was all there was to do."""
