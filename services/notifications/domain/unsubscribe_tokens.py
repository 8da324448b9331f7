"""Tokens in the unsubscribe links of mails. They work without signing in (RFC 8058)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

_PURPOSE = b"unsubscribe\n"


def unsubscribe_token(recipient_id: str, key: bytes) -> str:
    """A signed token that holds a recipient's pseudonym, and no address. It does not expire, because mails are kept."""
    return f"{_encode(recipient_id.encode())}.{_encode(_signature(recipient_id, key))}"


def recipient_of_token(token: str, key: bytes) -> str | None:
    """The id of the recipient that a token names; None if the token was changed or made with another key."""
    name, _, signature = token.partition(".")
    try:
        recipient_id = _decode(name).decode()
    except (ValueError, binascii.Error):
        return None
    # The whole token is compared: base64 allows several texts for the same bytes, and only one of them is valid.
    expected = unsubscribe_token(recipient_id, key)
    is_ours = hmac.compare_digest(expected.encode(), f"{name}.{signature}".encode())
    return recipient_id if is_ours else None


def _signature(recipient_id: str, key: bytes) -> bytes:
    return hmac.digest(key, _PURPOSE + recipient_id.encode(), hashlib.sha256)


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
