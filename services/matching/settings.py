"""Settings of matching, read from its environment."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.chassis.ops import EnvironmentSettings


class MatchingSettings(EnvironmentSettings):
    """Environment variables with the prefix `MAGPIE_MATCHING_`. `proposals`, `max_open`, `minimum_score` and
    `days_open` are the policy where none was written (docs/rules.md, section 5)."""

    model_config = SettingsConfigDict(
        env_prefix="MAGPIE_MATCHING_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    embedder: str = "use-e5-1"
    """Two encoders; or `use-multilingual-3`, the quicker one alone; or `bigrams-1`, which has no model and knows no
    meaning."""
    proposals: int = Field(default=5, ge=1, le=20)
    """Proposals made for a profile by its own publication, at most (`k`)."""
    max_open: int = Field(default=20, ge=1, le=100)
    """Matches that wait for an answer at one profile, at most (`cap`)."""
    minimum_score: float = Field(default=0.31, ge=0.01, le=1)
    max_acts_per_pair_and_day: int = Field(default=20, ge=1)
    """Acts of one organisation that one other organisation hears of: asks, requests, moves, cancellations. Days are in
    UTC. As many proposals may come of its publications."""
    max_acts_per_org_and_day: int = Field(default=300, ge=1)
    """Such acts of one organisation towards all others."""
    days_open: int = Field(default=14, ge=1, le=90)
    """Days after which a match without two answers expires."""
    max_rounds_open: int = Field(default=2, ge=1)
    """Rounds that are under way at once."""
    max_rounds_per_org_and_day: int = Field(default=20, ge=1)
    max_round_profiles: int = Field(default=1000, ge=2, le=2000)
    """Profiles of a round. Its work grows with the product of both sides."""
