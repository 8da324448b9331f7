"""Members register as recipients, change their preferences and unsubscribe from digests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, IfMatch, Invalid, InvalidState, NotFound

from ..domain.recipients import EMAIL, Audience, Recipient, recipient_id
from ..store import AUDIENCES, PROFILES, RECIPIENTS
from .confirm_address import ask_again, ask_to_confirm
from .plan_mail import replan_waiting


@dataclass(frozen=True)
class Registration:
    """What a member asks for: which profile, in which language and zone, on which channels."""

    profile_id: str
    lang: str
    zone: str
    email: str | None
    channels: list[str]
    quiet_hours: dict[str, str] | None


class PreferenceChanges(TypedDict, total=False):
    """The preferences to change. One that is absent stays as it is; `quiet_hours` None means none."""

    channels: list[str]
    quiet_hours: dict[str, str] | None
    digest: bool


@dataclass(frozen=True)
class Limits:
    """How many recipients a profile may have, and how many mails a day may ask one of them to confirm its address."""

    recipients: int
    confirmations_per_day: int


@dataclass(frozen=True)
class RegistrationResult:
    """The recipient as stored, and whether it was created."""

    recipient: Recipient
    is_new: bool


async def register(
    uow: UnitOfWork,
    *,
    caller: Caller,
    member_id: str,
    registration: Registration,
    limits: Limits,
    if_match: IfMatch,
) -> RegistrationResult:
    """Registers the caller as a recipient for a profile of its organisation, beside those that it has named before; all
    else replaces what was registered before.

    Raises NotFound (another member, an unknown profile or one of another organisation), InvalidState and QuotaReached
    (a limit is reached), StaleRevision."""
    require_self(caller, member_id)
    profile_id = registration.profile_id
    profile = await uow.get(PROFILES, profile_id)
    if profile is None or not caller.owns(profile.owner):
        raise NotFound("There is no such profile, or it is not yours.", retry_after=1, awaits=PROFILES.ref(profile_id))
    uow.expect(PROFILES, profile_id)  # an erasure at the same moment would leave this recipient behind
    before = await uow.get(RECIPIENTS, recipient_id(caller.org, member_id))
    if before is not None:
        if_match.must_match(before.revision, required=False)
    recipient = _registered(caller, registration, before, uow)
    await _join_audience(uow, recipient.id, profile_id, limits.recipients)
    if recipient.email != (before.email if before else None):
        recipient = recipient.model_copy(update={"email_refused": None})
        recipient = await _with_new_address(uow, recipient, limits.confirmations_per_day)
    return RegistrationResult(await _save(uow, before, recipient), is_new=before is None)


def _registered(caller: Caller, registration: Registration, before: Recipient | None, uow: UnitOfWork) -> Recipient:
    fields = {name: value for name, value in vars(registration).items() if name != "profile_id"}
    if before is None:
        before = Recipient(
            id=recipient_id(caller.org, caller.sub),
            org=caller.org,
            member_id=caller.sub,
            follows=[],
            registered_at=uow.now,
            zoned_at=uow.now,
            **fields,
        )
    zoned_at = before.zoned_at if before.zone == registration.zone else uow.now
    changed = before.model_copy(update={**fields, "zoned_at": zoned_at})
    return changed.following(registration.profile_id, uow.now)


async def _with_new_address(uow: UnitOfWork, recipient: Recipient, per_day: int) -> Recipient:
    if recipient.email is None:
        return recipient.model_copy(update={"email_confirmed": False, "confirmation": None})
    return await ask_to_confirm(uow, recipient, per_day=per_day)


async def ask_to_confirm_again(uow: UnitOfWork, *, caller: Caller, member_id: str, per_day: int) -> Recipient:
    """Sends the mail to the caller's unconfirmed address again. Raises NotFound, InvalidState, QuotaReached."""
    return await ask_again(uow, await load_self(uow, caller, member_id), per_day=per_day)


async def _save(uow: UnitOfWork, before: Recipient | None, recipient: Recipient) -> Recipient:
    """Stores a recipient. If it has changed, waiting mail is planned again: 09:00 and quiet hours may be at another
    time now."""
    stored = uow.put(RECIPIENTS, recipient)
    if before is not None and stored != before:
        await replan_waiting(uow, stored, cause=str(stored.revision))
    return stored


async def change_preferences(
    uow: UnitOfWork, *, caller: Caller, member_id: str, changes: PreferenceChanges, if_match: IfMatch
) -> Recipient:
    """Changes the preferences of the caller. They also hold for mail that waits already.

    Raises NotFound, StaleRevision, Invalid (email as a channel without an address)."""
    before = await load_self(uow, caller, member_id)
    if_match.must_match(before.revision, required=False)
    if EMAIL in changes.get("channels", ()) and before.email is None:
        raise Invalid("There is no mail address to write to; PUT the recipient with one first.", pointer="/channels")
    return await _save(uow, before, before.model_copy(update=changes))


async def unsubscribe(uow: UnitOfWork, *, recipient_id: str) -> None:
    """Ends the digests of a recipient. Idempotent; a recipient that was deleted is ignored."""
    recipient = await uow.get(RECIPIENTS, recipient_id)
    if recipient is not None:
        uow.put(RECIPIENTS, recipient.model_copy(update={"digest": False}))


async def _join_audience(uow: UnitOfWork, id: str, profile_id: str, max_recipients: int) -> None:
    audience = await uow.get_or(AUDIENCES, Audience(id=profile_id))
    if id not in audience.recipient_ids and len(audience.recipient_ids) >= max_recipients:
        raise InvalidState(
            "too-many-recipients", f"A profile has at most {max_recipients} recipients; one must go first."
        )
    uow.put(AUDIENCES, audience.with_recipient(id))


async def leave_audience(uow: UnitOfWork, recipient: Recipient, profile_id: str) -> None:
    """Removes a recipient from the audience of one of its profiles."""
    audience = await uow.get(AUDIENCES, profile_id)
    if audience is not None:
        uow.put(AUDIENCES, audience.without_recipient(recipient.id))


def not_found() -> NotFound:
    """The same refusal whether a recipient does not exist or is another member, so that it does not show which."""
    return NotFound("There is no such recipient, or it is not you.")


def require_self(caller: Caller, member_id: str) -> None:
    """A recipient belongs to the member itself, whatever the caller's other roles are. Another organisation's member of
    the same pseudonym is another recipient. Raises NotFound."""
    if caller.sub != member_id or "participant" not in caller.roles:
        raise not_found()


async def load_self(uow: UnitOfWork, caller: Caller, member_id: str) -> Recipient:
    """The caller's own recipient. Raises NotFound."""
    require_self(caller, member_id)
    recipient = await uow.get(RECIPIENTS, recipient_id(caller.org, member_id))
    if recipient is None:
        raise not_found()
    return recipient
