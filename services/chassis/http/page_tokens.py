"""Page tokens: where a list continues. Opaque to clients, sealed with a key, and good only for the list and the caller
they were made for.

In the API the parameter is called `cursor`."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from ..model.refusals import Invalid

SEAL_BYTES = 16


class PageTokens:
    """Makes and opens page tokens. Replicas share the key, so a token of one is good at another."""

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.sha256(b"page tokens" + key).digest()

    def token(self, last: str, *scope: str) -> str:
        """The token of the page after `last`. `scope` is what the list depends on: its name, the caller, the
        filters."""
        payload = last.encode()
        return base64.urlsafe_b64encode(self._seal(payload, scope) + payload).decode().rstrip("=")

    def start(self, token: str | None, *scope: str) -> str | None:
        """The last item of the page before, or None for the first page. Raises Invalid for a token that was not made
        here, or for another list or caller."""
        if token is None:
            return None
        try:
            # A token is ASCII; anything else is refused before it is decoded.
            sealed = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except ValueError:
            sealed = b""
        seal, payload = sealed[:SEAL_BYTES], sealed[SEAL_BYTES:]
        if not hmac.compare_digest(seal, self._seal(payload, scope)):
            raise Invalid("This cursor belongs to another list; start again without it.", pointer="/query/cursor")
        return payload.decode()

    def _seal(self, payload: bytes, scope: Sequence[str]) -> bytes:
        text = "\x1f".join(scope).encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, len(text).to_bytes(8, "big") + text + payload, "sha256")[:SEAL_BYTES]
