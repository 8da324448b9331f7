"""Settings of the profiles service."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.chassis.ops import EnvironmentSettings

from .domain.portfolio import Limits


class ProfilesSettings(EnvironmentSettings):
    """Environment variables with the prefix `MAGPIE_PROFILES_`. Frozen; read once, in the composition root."""

    model_config = SettingsConfigDict(
        env_prefix="MAGPIE_PROFILES_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    max_per_owner: int = Field(default=20, ge=1, le=1_000_000)
    """Profiles that one organisation may have."""
    max_created_per_day: int = Field(default=40, ge=1, le=1_000_000_000)
    """Profiles that one organisation may create in a day (UTC), erased ones too."""
    census_seconds: float = Field(default=60.0, ge=0.1, le=86_400)
    """Pause between two counts of the gauges in `metrics.py`."""

    def limits(self) -> Limits:
        """What an organisation may have and create."""
        return Limits(self.max_per_owner, self.max_created_per_day)
