"""Page tokens: where a list continues. Opaque to clients, and good only for the list and the caller they were made for.

In the API the parameter is called `cursor`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence

from ..model.refusals import Invalid


def page_token(last: str, *scope: str) -> str:
    """The token of the page after `last`. `scope` is what the list depends on: its name, the caller, the filters."""
    payload = json.dumps([last, _seal(scope)]).encode()
    return base64.urlsafe_b64encode(payload).decode().rstrip("=")


def page_start(token: str | None, *scope: str) -> str | None:
    """The last item of the page before, or None for the first page. Raises Invalid for a token of another list or
    another caller."""
    if token is None:
        return None
    try:
        last, seal = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, binascii.Error, TypeError):
        last, seal = None, None
    if not isinstance(last, str) or seal != _seal(scope):
        raise Invalid("This cursor belongs to another list; start again without it.", pointer="/query/cursor")
    return last


def _seal(scope: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(scope).encode()).hexdigest()[:16]
