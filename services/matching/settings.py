"""Settings of matching, read from its environment."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from services.chassis.ops import BearerKey, EndpointUrl, EnvironmentSettings, ModelName, Stripped

ENDPOINT = "openai"
"""The embedder that is an endpoint (`endpoint_embedder.py`)."""


class MatchingSettings(EnvironmentSettings):
    """Environment variables with the prefix `MAGPIE_MATCHING_`. `proposals`, `max_open`, `minimum_score` and
    `days_open` are the policy where none was written (docs/rules.md, section 5)."""

    model_config = SettingsConfigDict(
        env_prefix="MAGPIE_MATCHING_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    embedder: str = "use-e5-1"
    """Two encoders; or `use-then-e5-1`, the same in two stages; or `use-multilingual-3`, the quicker one alone; or
    `bigrams-1`, which has no model and knows no meaning; or `openai`, an endpoint."""
    embeddings_url: Annotated[EndpointUrl | None, Stripped] = None
    """With `embedder` `openai`: an endpoint with the API of OpenAI's embeddings; `/embeddings` is appended. Texts of
    profiles go there."""
    embeddings_model: Annotated[ModelName | None, Stripped] = None
    embeddings_api_key: Annotated[BearerKey | None, Stripped] = None
    """Sent as bearer token. For a server that needs none, any text will do."""
    embeddings_dimensions: int | None = Field(default=None, ge=8, le=8192)
    """Of the model's vectors."""
    embeddings_timeout: float = Field(default=30.0, gt=0, le=600)
    """Seconds for a whole answer."""
    proposals: int = Field(default=5, ge=1, le=20)
    """Proposals made for a profile by its own publication, at most (`k`)."""
    max_open: int = Field(default=20, ge=1, le=100)
    """Matches that wait for an answer at one profile, at most (`cap`)."""
    minimum_score: float = Field(default=0.31, ge=0.01, le=1)
    public_url: Annotated[str, Field(pattern=r"^https?://[\x21-\x7e]+$")] = "http://127.0.0.1:8102"
    """Where people reach this service: the addresses of their feeds begin with it."""
    board_link_hours: float = Field(default=24.0, gt=0, le=72)
    """How long a link to the board can be used, once."""
    rooms_url: Annotated[EndpointUrl | None, Stripped] = None
    """Where this installation has rooms for remote meetings: `https://meet.example`. Each gets an address below it that
    no one can guess. Without it sides paste links."""
    max_acts_per_pair_and_day: int = Field(default=20, ge=1, le=1_000_000_000)
    """Acts of one organisation that one other organisation hears of: asks, requests, moves, cancellations. Days are in
    UTC. As many proposals may come of its publications."""
    max_acts_per_org_and_day: int = Field(default=300, ge=1, le=1_000_000_000)
    """Such acts of one organisation towards all others."""
    days_open: int = Field(default=14, ge=1, le=90)
    """Days after which a match without two answers expires."""
    max_rounds_open: int = Field(default=2, ge=1, le=1000)
    """Rounds that are under way at once."""
    max_rounds_per_org_and_day: int = Field(default=20, ge=1, le=1_000_000)
    max_round_profiles: int = Field(default=1000, ge=2, le=2000)
    """Profiles of a round. Its work grows with the product of both sides."""
    plan_seconds: float = Field(default=60.0, ge=1, le=600)
    """A plan of a forum is worked on for at most this long, and a third of it more to find what would help."""
    plan_work: float = Field(default=20.0, ge=0, le=600)
    """Of it, the deterministic time of CP-SAT, about a second a unit; 0: it is not asked."""
    plan_memory_mb: int = Field(default=1024, ge=256, le=1_048_576)
    """That the process in which a plan is made may have, and the one of CP-SAT."""

    max_linked_calendars_per_org: int = Field(default=20, ge=0, le=100_000)
    """Calendars elsewhere that members of one organisation have read regularly; 0: none are. Each is an https request
    to the public internet."""
    linked_calendar_minutes: float = Field(default=30.0, gt=0, le=1440)
    """Between two readings of one of them; after failures longer, up to a day."""
    linked_calendar_timeout_seconds: float = Field(default=20.0, gt=0, le=60)
    """For a whole request: looking up the name, the connection, the answer."""
    linked_calendar_open: bool = False
    """For development: linked calendars may be http, and lead anywhere. Refused in production."""

    def must_be_safe(self, *, production: bool) -> None:
        """Raises ValueError for settings with which members could reach into the network of the installation."""
        if production and self.linked_calendar_open:
            raise ValueError(
                "MAGPIE_MATCHING_LINKED_CALENDAR_OPEN is set: any member could have requests sent into this network; "
                "it is for development."
            )

    @model_validator(mode="after")
    def _endpoint_has_what_it_needs(self) -> MatchingSettings:
        required = ("embeddings_url", "embeddings_model", "embeddings_api_key", "embeddings_dimensions")
        missing = [f"MAGPIE_MATCHING_{name.upper()}" for name in required if getattr(self, name) is None]
        if self.embedder == ENDPOINT and missing:
            raise ValueError(f"MAGPIE_MATCHING_EMBEDDER={ENDPOINT} needs {', '.join(missing)} too")
        return self
