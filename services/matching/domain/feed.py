"""Calendars that a member subscribes to by a secret address. The address opens them, so it can be taken back, and only
its hash is stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Literal

from services.chassis.model import Document

from .members import member_key

FeedKind = Literal["full", "busy"]
"""`full`: whom one meets and where; `busy`: only that one is taken."""


class Feed(Document):
    """The feed of one kind of a member. `number` grows with each address; without a hash there is none."""

    org: str
    member_id: str
    kind: FeedKind
    lang: Literal["ko", "zh", "en"] = "en"
    number: int = 0
    token_hash: str = ""

    def token(self, key: bytes) -> str:
        """The secret part of its present address."""
        digest = hmac.digest(key, f"feed\n{self.id}\n{self.number}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def renewed(self, lang: Literal["ko", "zh", "en"], key: bytes) -> Feed:
        """With a new address; the one before opens nothing any more."""
        next_one = self.model_copy(update={"number": self.number + 1, "lang": lang})
        return next_one.model_copy(update={"token_hash": hash_of(next_one.token(key))})

    def revoked(self) -> Feed:
        """Without an address."""
        return self.model_copy(update={"token_hash": ""})


def feed_of(org: str, member_id: str, kind: FeedKind) -> Feed:
    """A feed that never had an address."""
    return Feed(id=f"{member_key(org, member_id)}/{kind}", org=org, member_id=member_id, kind=kind)


def hash_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
