"""A webhook: where an organisation has events sent to, which ones, and with which secrets they are signed."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.registry import public_events
from services.chassis.model import Document, Invalid, InvalidState

BY_OWNER, GONE, EXHAUSTED, BACKLOG_FULL, SECRET_LOST = "by_owner", "gone", "exhausted", "backlog_full", "secret_lost"
REASONS = (BY_OWNER, GONE, EXHAUSTED, BACKLOG_FULL, SECRET_LOST)
"""Why a webhook is disabled: its owner's wish; an answer 410; three days of failures; more waits than is kept; its
secret cannot be opened since MAGPIE_SECRET_KEY is another one."""
TEST_TYPE = "magpie.webhook.test"
"""The type of a test event. It is on no topic."""
OVERLAP = dt.timedelta(hours=24)
"""How long the secret before a rotation goes on signing."""


class SealedSecret(BaseModel):
    """A secret as it is stored. `until`: when it stops signing; None for the present one."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    sealed: str
    until: dt.datetime | None = None


class Webhook(Document):
    """What an organisation has registered. Without `types` it takes all public events, also those that come later."""

    org: str
    url: str
    types: list[str] | None = None
    state: Literal["enabled", "disabled"] = "enabled"
    reason: str | None = None
    disabled_at: dt.datetime | None = None
    created_at: dt.datetime
    secrets: list[SealedSecret]

    @property
    def is_enabled(self) -> bool:
        """Whether events are sent to it."""
        return self.state == "enabled"

    def disabled(self, reason: str, at: dt.datetime) -> Webhook:
        """With the reason that its owner reads."""
        return self.model_copy(update={"state": "disabled", "reason": reason, "disabled_at": at})

    def enabled(self) -> Webhook:
        """As before it was disabled."""
        return self.model_copy(update={"state": "enabled", "reason": None, "disabled_at": None})

    def rotated(self, sealed: str, at: dt.datetime) -> Webhook:
        """With a new secret; the present one signs for another day, and earlier ones no more."""
        old = self.secrets[0].model_copy(update={"until": at + OVERLAP})
        return self.model_copy(update={"secrets": [SealedSecret(sealed=sealed), old]})

    def signing(self, at: dt.datetime) -> list[str]:
        """The sealed secrets that sign at an instant, the newest first."""
        return [secret.sealed for secret in self.secrets if secret.until is None or at < secret.until]


class Listing(BaseModel):
    """What consumers need of a webhook."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    org: str
    types: list[str] | None = None
    is_enabled: bool = True


ALL = "all"
"""The id of the only list."""


class WebhookList(Document):
    """All webhooks, in one document: an event then asks for one, and two registrations at once cannot both take the
    last place."""

    webhooks: dict[str, Listing] = Field(default_factory=dict)

    def takers(self, type: str) -> list[str]:
        """Ids of the enabled webhooks that take an event of this type."""
        found = self.webhooks.items()
        return sorted(id for id, one in found if one.is_enabled and (one.types is None or type in one.types))

    def with_one(self, webhook: Webhook) -> WebhookList:
        """With a webhook as it is now."""
        listing = Listing(org=webhook.org, types=webhook.types, is_enabled=webhook.is_enabled)
        return self.model_copy(update={"webhooks": {**self.webhooks, webhook.id: listing}})

    def without(self, id: str) -> WebhookList:
        """Without one that was deleted."""
        return self.model_copy(update={"webhooks": {known: one for known, one in self.webhooks.items() if known != id}})

    def must_have_room(self, org: str, *, per_org: int, in_all: int) -> None:
        """Raises InvalidState where an organisation, or the installation, has as many as it may have."""
        if sum(one.org == org for one in self.webhooks.values()) >= per_org:
            raise InvalidState("too-many-webhooks", f"An organisation has at most {per_org} webhooks; delete one.")
        if len(self.webhooks) >= in_all:
            raise InvalidState(
                "webhooks-full", f"This installation has {in_all} webhooks, which is all it takes; ask its operators."
            )


def must_be_public(types: list[str] | None) -> None:
    """Raises Invalid for a type that is on no public topic; the answer names those that are."""
    for at, type in enumerate(types or ()):
        if type not in public_events():
            known = ", ".join(public_events())
            raise Invalid(f"is not the type of a public event; webhooks get {known}", pointer=f"/types/{at}")
