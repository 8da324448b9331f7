"""Offers and needs have a last instant: after it they are in no match, and no filter finds them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol


class Expiring(Protocol):
    """What may be over."""

    @property
    def expires_at(self) -> str | None:
        """ISO 8601; None for what does not expire."""
        ...


class Expirable(Protocol):
    """What has offers and needs."""

    @property
    def offers(self) -> Sequence[Expiring]:
        """What it offers."""
        ...

    @property
    def needs(self) -> Sequence[Expiring]:
        """What it needs."""
        ...


def stored_instant(at: dt.datetime) -> str:
    """An instant as entries have it: in UTC and of one length, so that the text of an earlier one sorts first."""
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds")


def is_over(entry: Expiring, now: dt.datetime) -> bool:
    """Whether the entry has expired."""
    return entry.expires_at is not None and dt.datetime.fromisoformat(entry.expires_at) <= now


def expired_at(profile: Expirable, now: dt.datetime) -> list[str]:
    """The places of the dates that are over, as JSON pointers."""
    sides = (("offers", profile.offers), ("needs", profile.needs))
    return [
        f"/{side}/{at}/expires_at" for side, entries in sides for at, entry in enumerate(entries) if is_over(entry, now)
    ]
