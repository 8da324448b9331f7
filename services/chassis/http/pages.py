"""Lists are bounded in bytes as well as in rows: a page that has become large enough ends, and says where it
continues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

Item = TypeVar("Item", bound=BaseModel)
MAX_PAGE_BYTES = 256 * 1024


def bounded(items: Sequence[Item], max_bytes: int = MAX_PAGE_BYTES) -> list[Item]:
    """The first items that together have at most `max_bytes` as JSON; at least one, or a list could never go on."""
    kept: list[Item] = []
    size = 0
    for item in items:
        size += len(item.model_dump_json().encode())
        if kept and size > max_bytes:
            break
        kept.append(item)
    return kept
