"""Certifications expire: 专精特新 and 벤처기업 확인 must be renewed after three years (docs/rules.md, section 14)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from schemas.common import Certification

TIME_ZONES = {"KR": "Asia/Seoul", "CN": "Asia/Shanghai"}


def is_expired(certification: Certification, *, country: str, now: dt.datetime) -> bool:
    """Whether its last valid day is over in the organisation's country; one without a last day never expires."""
    if certification.valid_until is None:
        return False
    today = now.astimezone(ZoneInfo(TIME_ZONES[country])).date()
    return dt.date.fromisoformat(certification.valid_until) < today
