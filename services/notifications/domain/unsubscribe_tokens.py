"""Tokens in the unsubscribe links of mails. They do not expire, because mails are kept."""

from __future__ import annotations

from .link_tokens import content_of, link_token

_PURPOSE = "unsubscribe"


def unsubscribe_token(recipient_id: str, key: bytes) -> str:
    """A signed token that holds a recipient's id."""
    return link_token(_PURPOSE, recipient_id, key)


def recipient_of_token(token: str, key: bytes) -> str | None:
    """The id of the recipient that a token names; None if it is not one of ours."""
    return content_of(_PURPOSE, token, key)
