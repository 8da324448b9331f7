"""Links that work without signing in, because a mail carries them: unsubscribe (RFC 8058)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

_PURPOSE = b"unsubscribe\n"


def signed(recipient_id: str, key: bytes) -> str:
    """A token that names a recipient by its pseudonym; no address is in it. It does not expire: mails are kept."""
    return f"{_text(recipient_id.encode())}.{_text(_seal(recipient_id, key))}"


def recipient_of(token: str, key: bytes) -> str | None:
    """Whom a token names; None for one that was not made with this key, or was changed."""
    name, _, seal = token.partition(".")
    try:
        recipient_id = _bytes(name).decode()
    except (ValueError, binascii.Error):
        return None
    is_ours = hmac.compare_digest(signed(recipient_id, key).encode(), f"{name}.{seal}".encode())
    return recipient_id if is_ours else None


def _seal(recipient_id: str, key: bytes) -> bytes:
    return hmac.digest(key, _PURPOSE + recipient_id.encode(), hashlib.sha256)


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
