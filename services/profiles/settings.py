"""Settings of the profiles service."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class ProfilesSettings(BaseSettings):
    """Environment variables with the prefix `MAGPIE_PROFILES_`. Frozen; read once, in the composition root."""

    model_config = SettingsConfigDict(env_prefix="MAGPIE_PROFILES_", frozen=True, extra="ignore")

    max_per_owner: int = 20
    """Profiles that one organisation may have."""
    census_seconds: float = 60.0
    """Pause between two counts of the gauges in `metrics.py`."""
