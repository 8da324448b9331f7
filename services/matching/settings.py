"""Settings of matching, read from its environment."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class MatchingSettings(BaseSettings):
    """Environment variables with the prefix `MAGPIE_MATCHING_`. `proposals` to `minimum_score` are the policy of live
    proposals (docs/rules.md, section 5)."""

    model_config = SettingsConfigDict(
        env_prefix="MAGPIE_MATCHING_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    embedder: str = "use-e5-1"
    """Two encoders; or `use-multilingual-3`, the quicker one alone; or `bigrams-1`, which has no model and knows no
    meaning."""
    proposals: int = 5
    """Proposals made for a profile by its own publication, at most (`k`)."""
    max_open: int = 20
    """Matches that wait for an answer at one profile, at most (`cap`)."""
    minimum_score: float = 0.31
    max_acts_per_pair_and_day: int = Field(default=20, ge=1)
    """Acts of one organisation that one other organisation hears of: asks, requests, moves, cancellations. Days are in
    UTC. As many proposals may come of its publications."""
    max_acts_per_org_and_day: int = Field(default=300, ge=1)
    """Such acts of one organisation towards all others."""
    days_open: int = 14
    """Days after which a match without two answers expires."""
