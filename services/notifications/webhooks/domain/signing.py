"""Signatures of Standard Webhooks: HMAC-SHA256 over id, timestamp and body."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence

PURPOSE = "secrets of webhooks"
"""Of the key that seals them at rest."""
PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> bytes:
    """A secret that no one can guess."""
    return os.urandom(SECRET_BYTES)


def secret_text(secret: bytes) -> str:
    """A secret as its receiver configures it."""
    return PREFIX + base64.b64encode(secret).decode()


def signed_headers(id: str, timestamp: int, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The three headers, with one signature for each secret."""
    content = f"{id}.{timestamp}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode() for secret in secrets]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
