"""Webhooks over HTTP: what organisers and readers do with those of their organisation."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Response

from services.chassis.commit import Answer, UnitOfWork
from services.chassis.http import CallerDep, DatabaseDep, IfMatchDep, PagesDep, StrictRoute
from services.chassis.model import Caller, Invalid, etag, parse_target
from services.chassis.mongo import Database
from services.chassis.ops import Sealer

from ...dependencies import WebhookCommand
from .. import store
from ..domain.signing import PURPOSE, new_secret, secret_text
from ..domain.webhook import Webhook
from ..usecases import register as acts
from ..usecases import replay as replays
from .bodies import (
    DeliveryOut,
    DeliveryPage,
    ReplayIn,
    SecretWebhookOut,
    SentTest,
    WebhookChangesIn,
    WebhookIn,
    WebhookOut,
    Webhooks,
)

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=StrictRoute)
WebhookId = Annotated[str, Path(max_length=64)]


def _must_be_reachable(url: str, command: WebhookCommand) -> None:
    try:
        parse_target(url, is_open=command.deps.settings.webhook_open)
    except ValueError as error:
        raise Invalid(str(error), pointer="/url") from None


def _answer(webhook: Webhook) -> Answer:
    return Answer.of(WebhookOut.of(webhook), subject=webhook.id, revision=webhook.revision)


def _secret_answer(sealer: Sealer, status: int, webhook: Webhook) -> Answer:
    shown = SecretWebhookOut.showing(webhook, secret_text(sealer.open(webhook.secrets[0].sealed)))
    location = f"/v1/webhooks/{webhook.id}" if status == 201 else None
    # Not stored with its Idempotency-Key: a secret stands nowhere in plain text.
    return Answer.of(
        shown, subject=webhook.id, status=status, revision=webhook.revision, location=location, is_secret=True
    )


async def _secret_again(sealer: Sealer, status: int, uow: UnitOfWork, webhook_id: str) -> Answer | None:
    webhook = await uow.get(store.WEBHOOKS, webhook_id)
    return None if webhook is None else _secret_answer(sealer, status, webhook)


async def _own(webhook_id: str, caller: Caller, database: Database) -> Webhook:
    acts.must_read(caller)
    webhook = await database.one(store.WEBHOOKS, webhook_id)
    if webhook is None or webhook.org != caller.org:
        raise acts.not_found()
    return webhook


@router.post("", status_code=201, response_model=SecretWebhookOut)
async def register(body: WebhookIn, command: WebhookCommand) -> Response:
    """For organisers and readers: has the events of public topics sent to a URL of your organisation, from now on.

    Each request is a CloudEvent as JSON, signed by Standard Webhooks with the secret of this answer, which is shown
    once. Answer 2xx within 10 s; anything else is tried again for three days, 410 disables the webhook at once. Events
    of one key come in order, at least once: recognise repetitions by `webhook-id`."""
    _must_be_reachable(body.url, command)
    settings, sealer = command.deps.settings, Sealer(command.deps.webhook_key, PURPOSE)
    sealed = sealer.seal(new_secret())
    limits = acts.Limits(settings.max_webhooks_per_org, settings.max_webhooks)
    return await command.run(
        lambda uow: acts.register(
            uow, caller=command.caller, url=body.url, types=body.types, sealed=sealed, limits=limits
        ),
        answer=partial(_secret_answer, sealer, 201),
        again=partial(_secret_again, sealer, 201),
    )


@router.get("", response_model=Webhooks, response_model_exclude_none=True)
async def of_organisation(caller: CallerDep, database: DatabaseDep) -> Webhooks:
    """The webhooks of your organisation, disabled ones with the reason."""
    acts.must_read(caller)
    return Webhooks(items=[WebhookOut.of(webhook) for webhook in await store.webhooks_of(database, caller.org)])


@router.get("/{webhook_id}", response_model=WebhookOut, response_model_exclude_none=True)
async def read(webhook_id: WebhookId, caller: CallerDep, database: DatabaseDep, response: Response) -> WebhookOut:
    """A webhook of your organisation."""
    webhook = await _own(webhook_id, caller, database)
    response.headers["ETag"] = etag(webhook.revision)
    return WebhookOut.of(webhook)


@router.patch("/{webhook_id}", response_model=WebhookOut)
async def change(
    webhook_id: WebhookId, body: WebhookChangesIn, command: WebhookCommand, if_match: IfMatchDep
) -> Response:
    """Changes URL, types or state. With another URL, or enabled again, what waits is sent at once. What happened while
    it was disabled was not kept for it: read the profiles again."""
    changes = cast(acts.Changes, body.model_dump(exclude_unset=True))
    if "url" in changes:
        _must_be_reachable(changes["url"], command)
    return await command.run(
        lambda uow: acts.change(uow, caller=command.caller, webhook_id=webhook_id, changes=changes, if_match=if_match),
        answer=_answer,
    )


@router.delete("/{webhook_id}", status_code=204)
async def delete(webhook_id: WebhookId, command: WebhookCommand) -> Response:
    """Deletes a webhook with its log. Nothing more is sent to it."""
    return await command.run(
        lambda uow: acts.delete(uow, caller=command.caller, webhook_id=webhook_id), answer=lambda _: Answer.empty()
    )


@router.post("/{webhook_id}/rotate", response_model=SecretWebhookOut)
async def rotate(webhook_id: WebhookId, command: WebhookCommand) -> Response:
    """Makes a new secret, which is shown once. For 24 hours requests have two signatures, with it and with the one
    before."""
    sealer = Sealer(command.deps.webhook_key, PURPOSE)
    sealed = sealer.seal(new_secret())
    return await command.run(
        lambda uow: acts.rotate(uow, caller=command.caller, webhook_id=webhook_id, sealed=sealed),
        answer=partial(_secret_answer, sealer, 200),
        again=partial(_secret_again, sealer, 200),
    )


@router.post("/{webhook_id}/test", status_code=202, response_model=SentTest)
async def send_test(webhook_id: WebhookId, command: WebhookCommand) -> Response:
    """Sends a `magpie.webhook.test`, once; what came of it stands in the log. Every five seconds at most."""
    return await command.run(
        lambda uow: replays.send_test(uow, caller=command.caller, webhook_id=webhook_id),
        answer=lambda id: Answer.of(SentTest(event_id=id), subject=webhook_id, status=202),
    )


@router.post("/{webhook_id}/replay", status_code=204)
async def replay(webhook_id: WebhookId, body: ReplayIn, command: WebhookCommand) -> Response:
    """Sends everything again that came for this webhook since an event of its log, that event included, with the same
    ids. The log has ten days. Once a minute at most."""
    return await command.run(
        lambda uow: replays.replay(uow, caller=command.caller, webhook_id=webhook_id, event_id=body.event_id),
        answer=lambda _: Answer.empty(),
    )


@router.get("/{webhook_id}/deliveries", response_model=DeliveryPage, response_model_exclude_none=True)
async def deliveries(
    webhook_id: WebhookId,
    caller: CallerDep,
    database: DatabaseDep,
    pages: PagesDep,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> DeliveryPage:
    """What was sent to a webhook in the last ten days, and what came of it; the newest first."""
    webhook = await _own(webhook_id, caller, database)
    scope = ("deliveries", webhook.id)
    found = await store.newest_deliveries(
        database, webhook.id, before=_place(pages.start(cursor, *scope)), limit=limit + 1
    )
    page = found[:limit]
    last = f"{page[-1].created_at.isoformat()} {page[-1].id}" if len(found) > limit else None
    return DeliveryPage(
        items=[DeliveryOut.of(delivery) for delivery in page], next=pages.token(last, *scope) if last else None
    )


def _place(text: str | None) -> tuple[dt.datetime, str] | None:
    if text is None:
        return None
    at, _, id = text.partition(" ")
    return dt.datetime.fromisoformat(at), id
