"""Certifications run out: 专精特新 is earned anew after three years, 벤처기업 확인 too (rules 14)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from schemas.common import Certification

ZONES = {"KR": "Asia/Seoul", "CN": "Asia/Shanghai"}


def is_expired(certification: Certification, *, country: str, now: dt.datetime) -> bool:
    """Whether its last day, which still counts, is over where the organisation is. One without an end never is."""
    if certification.valid_until is None:
        return False
    return dt.date.fromisoformat(certification.valid_until) < now.astimezone(ZoneInfo(ZONES[country])).date()
