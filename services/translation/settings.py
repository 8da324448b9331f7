"""What translation is told by its environment."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class TranslationSettings(BaseSettings):
    """Prefix `MAGPIE_TRANSLATION_`."""

    model_config = SettingsConfigDict(env_prefix="MAGPIE_TRANSLATION_", frozen=True, extra="ignore")

    tries: int = 8
    """Of one text into one language, before it waits for a person."""
