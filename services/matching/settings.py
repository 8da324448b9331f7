"""Settings of matching, read from its environment."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class MatchingSettings(BaseSettings):
    """Environment variables with the prefix `MAGPIE_MATCHING_`. `proposals` to `minimum_score` are the policy of live
    proposals (docs/rules.md, section 5)."""

    model_config = SettingsConfigDict(env_prefix="MAGPIE_MATCHING_", frozen=True, extra="ignore")

    embedder: str = "use-multilingual-3"
    """Or `bigrams-1`, which has no model and knows no meaning."""
    proposals: int = 5
    """Proposals made for a profile by its own publication, at most (`k`)."""
    max_open: int = 20
    """Matches that wait for an answer at one profile, at most (`cap`)."""
    minimum_score: float = 0.25
    days_open: int = 14
    """Days after which a match without two answers expires."""
