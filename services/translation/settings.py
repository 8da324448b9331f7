"""Settings of the translation service."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr, TypeAdapter, model_validator
from pydantic_settings import SettingsConfigDict

from services.chassis.ops import EnvironmentSettings

_url = TypeAdapter(HttpUrl)


def _endpoint(text: str) -> str:
    """The address without a slash at its end, so that a path can follow. Raises ValueError."""
    url = _url.validate_python(text)
    if url.username or url.password or url.query or url.fragment:
        raise ValueError("takes an address without user, query and fragment: the key has a setting of its own")
    return str(url).rstrip("/")


def _stripped(text: object) -> object:
    """Secrets that are mounted as files end in a newline. An empty text counts as absent."""
    return (text.strip() or None) if isinstance(text, str) else text


def _header_safe(key: SecretStr) -> SecretStr:
    secret = key.get_secret_value()
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise ValueError("has a character that no key has")
    return key


class TranslationSettings(EnvironmentSettings):
    """Environment variables with the prefix `MAGPIE_TRANSLATION_`. Frozen; read once, in the composition root."""

    # Otherwise errors would repeat the values, also the key.
    model_config = SettingsConfigDict(
        env_prefix="MAGPIE_TRANSLATION_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    tries: int = Field(default=8, ge=1)
    """Tries of one text into one language; then it waits for a person."""
    max_characters_per_day: int = Field(default=400_000, ge=1)
    """Characters that one organisation may have translated by an engine that costs, in a day (UTC) and per language;
    what is over it waits until the next day."""
    engine: Literal["glossary", "openai"] = "glossary"
    openai_base_url: Annotated[Annotated[str, AfterValidator(_endpoint)] | None, BeforeValidator(_stripped)] = None
    """Address of an endpoint with the API of OpenAI's chat completions; `/chat/completions` is appended."""
    openai_model: Annotated[Annotated[str, Field(max_length=100)] | None, BeforeValidator(_stripped)] = None
    openai_key: Annotated[Annotated[SecretStr, AfterValidator(_header_safe)] | None, BeforeValidator(_stripped)] = None
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
