"""What profiles are told by their environment."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class ProfilesSettings(BaseSettings):
    """Prefix `MAGPIE_PROFILES_`."""

    model_config = SettingsConfigDict(env_prefix="MAGPIE_PROFILES_", frozen=True, extra="ignore")

    max_per_owner: int = 20
    """Profiles that one organisation may have."""
    census_seconds: float = 60.0
    """How often the gauges of `metrics.py` are counted."""
