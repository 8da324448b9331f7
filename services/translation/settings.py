"""Settings of the translation service."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from services.chassis.ops import BearerKey, EndpointUrl, EnvironmentSettings, ModelName, Stripped


class TranslationSettings(EnvironmentSettings):
    """Environment variables with the prefix `MAGPIE_TRANSLATION_`. Frozen; read once, in the composition root."""

    # Otherwise errors would repeat the values, also the key.
    model_config = SettingsConfigDict(
        env_prefix="MAGPIE_TRANSLATION_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    tries: int = Field(default=8, ge=1, le=1000)
    """Tries of one text into one language; then it waits for a person."""
    max_characters_per_day: int = Field(default=400_000, ge=1, le=10**12)
    """Characters that one organisation may have translated by an engine that costs, in a day (UTC) and per language;
    what is over it waits until the next day."""
    engine: Literal["glossary", "openai"] = "glossary"
    openai_base_url: Annotated[EndpointUrl | None, Stripped] = None
    """Address of an endpoint with the API of OpenAI's chat completions; `/chat/completions` is appended."""
    openai_model: Annotated[ModelName | None, Stripped] = None
    openai_key: Annotated[BearerKey | None, Stripped] = None
    """Sent as bearer token. For a server that needs none, any text will do."""
    openai_timeout: float = Field(default=30.0, gt=0, le=600)
    """Seconds for a whole answer."""

    @model_validator(mode="after")
    def _engine_has_what_it_needs(self) -> TranslationSettings:
        if self.engine == "openai":
            required = ("openai_base_url", "openai_model", "openai_key")
            missing = [f"MAGPIE_TRANSLATION_{name.upper()}" for name in required if getattr(self, name) is None]
            if missing:
                raise ValueError(f"MAGPIE_TRANSLATION_ENGINE=openai needs {', '.join(missing)} too")
        return self
