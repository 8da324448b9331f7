"""Types of settings that name an endpoint of others and a key for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr, TypeAdapter

_url = TypeAdapter(HttpUrl)


def _endpoint(text: str) -> str:
    """The address without a slash at its end, so that a path can follow. Raises ValueError."""
    url = _url.validate_python(text)
    if url.username or url.password or url.query or url.fragment:
        raise ValueError("takes an address without user, query and fragment: the key has a setting of its own")
    return str(url).rstrip("/")


def _stripped(text: object) -> object:
    """Secrets that are mounted as files end in a newline. An empty text counts as absent."""
    return (text.strip() or None) if isinstance(text, str) else text


def _header_safe(key: SecretStr) -> SecretStr:
    secret = key.get_secret_value()
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise ValueError("has a character that no key has")
    return key


EndpointUrl = Annotated[str, AfterValidator(_endpoint)]
"""An address without a slash at its end."""
BearerKey = Annotated[SecretStr, AfterValidator(_header_safe)]
"""A key that may stand in a header."""
ModelName = Annotated[str, Field(max_length=100)]
Stripped = BeforeValidator(_stripped)
"""Blanks around are taken away; an empty text counts as absent."""
