"""The code that stands at a table: who sends it has been there. It is derived from the place, so nothing is stored, and
every meeting at this place has the same one."""

from __future__ import annotations

import hashlib
import hmac

from services.chassis.model import fold

from ..meeting import Meeting

CHARACTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without those that are taken for each other: somebody may have to type it."""
LENGTH = 16


def table_code(place: str, key: bytes) -> str:
    """79 bits, for this place and installation alone."""
    digest = int.from_bytes(hmac.digest(key, f"table code\n{fold(place)}".encode(), hashlib.sha256), "big")
    found = ""
    for _ in range(LENGTH):
        digest, at = divmod(digest, len(CHARACTERS))
        found += CHARACTERS[at]
    return found


def is_at(meeting: Meeting, code: str, key: bytes) -> bool:
    """Whether this code stands where the meeting takes place."""
    if meeting.venue.place is None:
        return False
    return hmac.compare_digest(table_code(meeting.venue.place, key).encode(), code.encode("utf-8", "replace"))
