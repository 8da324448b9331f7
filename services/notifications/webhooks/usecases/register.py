"""Webhooks are registered, changed, disabled, rotated and deleted by their organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, Forbidden, IfMatch, NotFound

from ... import metrics
from ..domain.delivery import Pace
from ..domain.webhook import ALL, BY_OWNER, SealedSecret, Webhook, WebhookList, must_be_public
from ..job_kinds import FORGET_WEBHOOK, REPLAY, ReplayJob, WebhookJob
from ..store import PACES, WEBHOOK_LISTS, WEBHOOKS

ROLES = frozenset({"organiser", "reader"})
"""Who reads public topics: what a webhook is sent is what such a caller may read."""
EPOCH = "1970-01-01T00:00:00+00:00"


@dataclass(frozen=True)
class Limits:
    """How many webhooks an organisation may have, and how many there may be."""

    per_org: int
    in_all: int


class Changes(TypedDict, total=False):
    """What is to change; what is absent stays as it is. `types` None means all."""

    url: str
    types: list[str] | None
    state: str


def must_read(caller: Caller) -> None:
    """Raises Forbidden for a caller who is neither organiser nor reader."""
    if not ROLES & caller.roles:
        raise Forbidden(f"Webhooks are for the roles {', '.join(sorted(ROLES))}.")


def not_found() -> NotFound:
    """The same refusal whether there is no such webhook or it is another organisation's."""
    return NotFound("There is no such webhook, or it is not your organisation's.")


async def load_own(uow: UnitOfWork, caller: Caller, webhook_id: str) -> Webhook:
    """A webhook of the caller's organisation. Raises Forbidden, NotFound."""
    must_read(caller)
    webhook = await uow.get(WEBHOOKS, webhook_id)
    if webhook is None or webhook.org != caller.org:
        raise not_found()
    return webhook


async def register(
    uow: UnitOfWork, *, caller: Caller, url: str, types: list[str] | None, sealed: str, limits: Limits
) -> Webhook:
    """Registers a webhook; it is sent what happens from now on. Raises Forbidden, Invalid, InvalidState."""
    must_read(caller)
    must_be_public(types)
    listed = await uow.get_or(WEBHOOK_LISTS, WebhookList(id=ALL))
    listed.must_have_room(caller.org, per_org=limits.per_org, in_all=limits.in_all)
    webhook = Webhook(
        id=uow.secret_id("webhook"),
        org=caller.org,
        url=url,
        types=types,
        created_at=uow.now,
        secrets=[SealedSecret(sealed=sealed)],
    )
    uow.put(WEBHOOK_LISTS, listed.with_one(webhook))
    return await uow.create(WEBHOOKS, webhook)


async def change(uow: UnitOfWork, *, caller: Caller, webhook_id: str, changes: Changes, if_match: IfMatch) -> Webhook:
    """Changes URL, types or state. With another URL, or enabled again, what waits is sent now; what happened while it
    was disabled was not kept for it. Raises Forbidden, NotFound, Invalid, StaleRevision."""
    before = await load_own(uow, caller, webhook_id)
    if_match.must_match(before.revision, required=False)
    must_be_public(changes.get("types"))
    webhook = before.model_copy(update={name: value for name, value in changes.items() if name != "state"})
    state = changes.get("state", before.state)
    if state == "disabled":
        return await disable(uow, webhook, BY_OWNER) if before.is_enabled else await save(uow, webhook)
    stored = await save(uow, webhook.enabled())
    if before.url != stored.url or not before.is_enabled:
        pace = await uow.get_or(PACES, Pace(id=webhook_id))
        uow.put(PACES, pace.model_copy(update={"rests_until": None}))
        job = ReplayJob(webhook_id=webhook_id, after_at=EPOCH, only_waiting=True)
        uow.enqueue(REPLAY, job, cause=f"{webhook_id}/{stored.revision}")
    return stored


async def disable(uow: UnitOfWork, webhook: Webhook, reason: str) -> Webhook:
    """Nothing is sent to it any more, and its owner sees why. `webhook` is as it was read, but for what changes beside
    it."""
    uow.count(metrics.webhooks_disabled.labels(reason).inc)
    return await save(uow, webhook.disabled(reason, uow.now))


async def save(uow: UnitOfWork, webhook: Webhook) -> Webhook:
    """Stores a webhook, and in the list what consumers need of it."""
    listed = await uow.get_or(WEBHOOK_LISTS, WebhookList(id=ALL))
    uow.put(WEBHOOK_LISTS, listed.with_one(webhook))
    return uow.put(WEBHOOKS, webhook)


async def rotate(uow: UnitOfWork, *, caller: Caller, webhook_id: str, sealed: str) -> Webhook:
    """Gives a webhook a new secret; for a day the one before signs, too. Raises Forbidden, NotFound."""
    webhook = await load_own(uow, caller, webhook_id)
    return uow.put(WEBHOOKS, webhook.rotated(sealed, uow.now))


async def delete(uow: UnitOfWork, *, caller: Caller, webhook_id: str) -> None:
    """Deletes a webhook; a job removes its deliveries. Raises Forbidden, NotFound."""
    webhook = await load_own(uow, caller, webhook_id)
    uow.delete(WEBHOOKS, webhook)
    listed = await uow.get_or(WEBHOOK_LISTS, WebhookList(id=ALL))
    uow.put(WEBHOOK_LISTS, listed.without(webhook_id))
    uow.enqueue(FORGET_WEBHOOK, WebhookJob(webhook_id=webhook_id), cause=webhook_id)
