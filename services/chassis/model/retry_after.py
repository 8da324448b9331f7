"""How long a server of others wants to be left alone."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime

MAX_DIGITS = 9


def retry_after_seconds(header: str | None, now: dt.datetime, *, most: float) -> float | None:
    """Seconds that a Retry-After asks for, as a number or as a date (RFC 9110, 10.2.3), from 0 to `most`. None where
    there is none, or none that can be read. A date without a zone is in UTC."""
    text = (header or "").strip()
    # isascii, because isdigit also takes digits that float does not read, for example ².
    if text.isascii() and text.isdigit():
        return min(float(text[:MAX_DIGITS]), most)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # also a year of twenty digits
        return None
    seconds = (at if at.tzinfo else at.replace(tzinfo=dt.UTC)) - now
    return min(max(seconds.total_seconds(), 0.0), most)
