"""How many profiles an organisation may have."""

from __future__ import annotations

from services.chassis.model import Document, InvalidState


class Portfolio(Document):
    """The ids of an owner's profiles; its own id is the owner. It exists for the limit: because every new profile
    writes it, two requests at the same time cannot both take the last place."""

    profile_ids: list[str] = []

    def with_profile(self, profile_id: str, *, max_profiles: int) -> Portfolio:
        """The portfolio with one more profile. Raises InvalidState if it is full."""
        if len(self.profile_ids) >= max_profiles:
            raise InvalidState(
                "too-many-profiles", f"An organisation has at most {max_profiles} profiles; erase one first."
            )
        return self.model_copy(update={"profile_ids": [*self.profile_ids, profile_id]})

    def without_profile(self, profile_id: str) -> Portfolio:
        """The portfolio without this profile."""
        return self.model_copy(update={"profile_ids": [id for id in self.profile_ids if id != profile_id]})
