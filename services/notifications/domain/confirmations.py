"""An address is confirmed by its owner before notices are mailed to it (docs/rules.md, section 11).

Otherwise a member could have mails sent to anybody."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, ConfigDict

from services.chassis.model import Document, QuotaReached

from .link_tokens import content_of, link_token

VALID_FOR = dt.timedelta(hours=24)
ONE_DAY = dt.timedelta(days=1)
_PURPOSE = "confirm"


class PendingConfirmation(BaseModel):
    """A mail with a link that its reader may follow once, until `ends_at`. A new address gets a new id, so the link of
    the old one confirms nothing."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    ends_at: dt.datetime


class ConfirmationBudget(Document):
    """When confirmation mails were sent for a recipient; the id is the recipient's. It stays for a day after the
    recipient was deleted, so that registering again brings no further mails."""

    sent: list[dt.datetime] = []
    latest: dt.datetime | None = None

    def spend(self, now: dt.datetime, *, per_day: int) -> ConfirmationBudget:
        """With one more mail. Raises QuotaReached."""
        recent = [at for at in self.sent if now - at < ONE_DAY]
        if len(recent) >= per_day:
            wait = recent[0] + ONE_DAY - now
            raise QuotaReached(
                "too-many-confirmations",
                f"At most {per_day} mails a day ask to confirm an address, and they have been sent; use one of their "
                "links, or ask again later.",
                retry_after=int(wait.total_seconds()) + 1,
            )
        return self.model_copy(update={"sent": [*recent, now], "latest": now})


def confirmation_token(recipient_id: str, confirmation_id: str, key: bytes) -> str:
    """The token of a link that confirms an address."""
    return link_token(_PURPOSE, f"{recipient_id} {confirmation_id}", key)


def confirmation_of_token(token: str, key: bytes) -> tuple[str, str] | None:
    """(recipient's id, confirmation's id); None if the token is not one of ours."""
    content = content_of(_PURPOSE, token, key)
    if content is None:
        return None
    recipient_id, _, confirmation_id = content.partition(" ")
    return recipient_id, confirmation_id
