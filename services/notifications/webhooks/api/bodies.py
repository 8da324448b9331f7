"""Bodies of requests, checked strictly, and of answers."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from services.chassis.http import Input, Output
from services.chassis.model import MAX_URL_LENGTH

from ..domain.delivery import Delivery
from ..domain.webhook import Webhook

Url = Annotated[str, Field(max_length=MAX_URL_LENGTH, description="https, to a name in the public internet.")]
Types = Annotated[
    list[Annotated[str, Field(max_length=80)]],
    Field(min_length=1, max_length=50, description="Types of public events; left out, all of them."),
]
EXAMPLE: JsonDict = {"url": "https://hooks.hanbit.example/magpie", "types": ["magpie.profile.published"]}


class WebhookIn(Input):
    """Where events are to be sent, and which."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    url: Url
    types: Types | None = None


class WebhookChangesIn(Input):
    """What is absent stays as it is; `types: null` means all public events."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"state": "enabled"}]})

    url: Url = ""
    types: Types | None = None
    state: Literal["enabled", "disabled"] = "enabled"


class ReplayIn(Input):
    """The id of the first event that is to be sent again."""

    model_config = ConfigDict(
        populate_by_name=True, json_schema_extra={"examples": [{"from": "0198c0de-0000-7000-8000-000000000001"}]}
    )

    event_id: Annotated[str, Field(alias="from", min_length=1, max_length=200)]


class WebhookOut(Output):
    """A webhook. `reason`: why it is disabled: by_owner, gone (an answer 410), exhausted (three days of failures),
    backlog_full, secret_lost (rotate it)."""

    webhook_id: str
    url: str
    types: list[str] | None = None
    state: str
    reason: str | None = None
    disabled_at: dt.datetime | None = None
    created_at: dt.datetime

    @classmethod
    def of(cls, webhook: Webhook) -> WebhookOut:
        """From the stored document."""
        return cls(webhook_id=webhook.id, **_shown(webhook))


class SecretWebhookOut(WebhookOut):
    """A webhook with its secret, which is shown this once. `previous_until`: so long the one before signs, too."""

    secret: str
    previous_until: dt.datetime | None = None

    @classmethod
    def showing(cls, webhook: Webhook, secret: str) -> SecretWebhookOut:
        """From the stored document and the opened secret."""
        until = webhook.secrets[1].until if len(webhook.secrets) > 1 else None
        return cls(webhook_id=webhook.id, secret=secret, previous_until=until, **_shown(webhook))


def _shown(webhook: Webhook) -> dict[str, object]:
    names = {"url", "types", "state", "reason", "disabled_at", "created_at"}
    return webhook.model_dump(include=names)


class Webhooks(Output):
    """All webhooks of an organisation."""

    items: list[WebhookOut]


class SentTest(Output):
    """The id of the test event, as `webhook-id` has it."""

    event_id: str


class DeliveryOut(Output):
    """An event on its way to a webhook. `outcome` of the last attempt: sent, refused (see `status`), or why there was
    no answer: no_address, not_public, timeout, tls, connection. Answers themselves are not kept."""

    event_id: str
    type: str
    sequence: int
    state: str
    attempts: int
    outcome: str | None = None
    status: int | None = None
    ms: int | None = None
    created_at: dt.datetime
    last_at: dt.datetime | None = None
    next_at: dt.datetime | None = None

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryOut:
        """From the stored document."""
        return cls(**delivery.model_dump(include=set(cls.model_fields)))


class DeliveryPage(Output):
    """A page of the log, the newest first. `next` is the `cursor` of the next page."""

    items: list[DeliveryOut]
    next: str | None = None
