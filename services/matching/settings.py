"""What matching is told by its environment."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class MatchingSettings(BaseSettings):
    """Prefix `MAGPIE_MATCHING_`. `proposals` to `minimum_score` are the policy of live proposing."""

    model_config = SettingsConfigDict(env_prefix="MAGPIE_MATCHING_", frozen=True, extra="ignore")

    embedder: str = "use-multilingual-3"
    """Or `bigrams-1`: without a model, and without meaning."""
    proposals: int = 5
    """At most so many are made for a profile by its own publication (`k`)."""
    most_open: int = 20
    """At most so many wait at any receiver (`cap`)."""
    minimum_score: float = 0.25
    days_open: int = 14
    """After so many days without two answers a match expires."""
