"""What translation is told by its environment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr, TypeAdapter, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_url = TypeAdapter(HttpUrl)


def _endpoint(text: str) -> str:
    """Without its last slash, so that a path can follow."""
    url = _url.validate_python(text)
    if url.username or url.password or url.query or url.fragment:
        raise ValueError("takes an address without user, query and fragment: the key has a setting of its own")
    return str(url).rstrip("/")


def _stripped(text: object) -> object:
    """Secrets that are mounted as files end in a newline."""
    return (text.strip() or None) if isinstance(text, str) else text


def _header(key: SecretStr) -> SecretStr:
    secret = key.get_secret_value()
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise ValueError("has a character that no key has")
    return key


class TranslationSettings(BaseSettings):
    """Prefix `MAGPIE_TRANSLATION_`."""

    # Errors would repeat what was given, the key among it.
    model_config = SettingsConfigDict(
        env_prefix="MAGPIE_TRANSLATION_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    tries: int = Field(default=8, ge=1)
    """Of one text into one language, before it waits for a person."""
    engine: Literal["glossary", "openai"] = "glossary"
    openai_base_url: Annotated[Annotated[str, AfterValidator(_endpoint)] | None, BeforeValidator(_stripped)] = None
    """Of an endpoint that speaks OpenAI's chat completions; `/chat/completions` is put behind it."""
    openai_model: Annotated[Annotated[str, Field(max_length=100)] | None, BeforeValidator(_stripped)] = None
    openai_key: Annotated[Annotated[SecretStr, AfterValidator(_header)] | None, BeforeValidator(_stripped)] = None
    """Sent as the bearer's token; a server that asks for none takes any."""
    openai_timeout: float = Field(default=30.0, gt=0, le=600)
    """Seconds for a whole answer."""

    @model_validator(mode="after")
    def _engine_has_what_it_needs(self) -> TranslationSettings:
        if self.engine == "openai":
            wanted = ("openai_base_url", "openai_model", "openai_key")
            missing = [f"MAGPIE_TRANSLATION_{name.upper()}" for name in wanted if getattr(self, name) is None]
            if missing:
                raise ValueError(f"MAGPIE_TRANSLATION_ENGINE=openai needs {', '.join(missing)} too")
        return self
