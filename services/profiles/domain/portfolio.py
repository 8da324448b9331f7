"""How many profiles an organisation may have."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.chassis.model import Document, InvalidState, QuotaReached


@dataclass(frozen=True)
class Limits:
    """How many profiles an organisation may have, and may create in a day."""

    max_profiles: int
    max_created_per_day: int


class Portfolio(Document):
    """The ids of an owner's profiles; its own id is the owner. It exists for the limit: because every new profile
    writes it, two requests at the same time cannot both take the last place."""

    profile_ids: list[str] = []
    day: str = ""
    created: int = 0
    """Profiles created on that day, erased ones too: each leaves a gravestone in every service."""

    def with_profile(self, profile_id: str, *, limits: Limits, today: dt.date) -> Portfolio:
        """The portfolio with one more profile. Raises InvalidState if it is full, and QuotaReached if too many were
        created on this day (UTC)."""
        if len(self.profile_ids) >= limits.max_profiles:
            raise InvalidState(
                "too-many-profiles", f"An organisation has at most {limits.max_profiles} profiles; erase one first."
            )
        created = self.created if self.day == today.isoformat() else 0
        if created >= limits.max_created_per_day:
            raise QuotaReached(
                "profiles-of-a-day",
                f"An organisation creates at most {limits.max_created_per_day} profiles a day; go on tomorrow (UTC).",
                retry_after=3600,
            )
        changed = {
            "profile_ids": [*self.profile_ids, profile_id],
            "day": today.isoformat(),
            "created": created + 1,
        }
        return self.model_copy(update=changed)

    def without_profile(self, profile_id: str) -> Portfolio:
        """The portfolio without this profile."""
        return self.model_copy(update={"profile_ids": [id for id in self.profile_ids if id != profile_id]})
