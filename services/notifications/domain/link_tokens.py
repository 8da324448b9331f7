"""Tokens in the links of mails. They work without signing in (RFC 8058), and hold pseudonyms and no address."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac


def link_token(purpose: str, content: str, key: bytes) -> str:
    """A signed token. `purpose` is part of what is signed, so that a link of one purpose does not serve another."""
    signature = hmac.digest(key, f"{purpose}\n{content}".encode(), hashlib.sha256)
    return f"{_encode(content.encode())}.{_encode(signature)}"


def content_of(purpose: str, token: str, key: bytes) -> str | None:
    """What a token was made for; None if it was changed, or made with another key or for another purpose."""
    named, _, signature = token.partition(".")
    try:
        content = _decode(named).decode()
    except (ValueError, binascii.Error):
        return None
    # The whole token is compared: base64 allows several texts for the same bytes, and only one of them is valid.
    expected = link_token(purpose, content, key)
    is_ours = hmac.compare_digest(expected.encode(), f"{named}.{signature}".encode("utf-8", "surrogatepass"))
    return content if is_ours else None


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
