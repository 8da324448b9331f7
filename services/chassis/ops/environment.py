"""Where settings come from: an environment variable, or the file that its twin with `_FILE` names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


class EnvironmentSettings(BaseSettings):
    """Settings that can also be read from files, as secrets are mounted: `MAGPIE_MONGO_URI_FILE` names a file with the
    value of `MAGPIE_MONGO_URI`. White space around it is cut off; an empty file counts as not set.

    Raises ValueError if a file cannot be read, or if a setting is given in both ways."""

    # A time that is no number or has no end passes every comparison, and then nothing waits or nothing ends.
    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, allow_inf_nan=False)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then variables and files; no `.env`, which would depend on where a process starts."""
        return init_settings, _Files(settings_cls), env_settings


class _Files(PydanticBaseSettingsSource):
    """The files that `..._FILE` variables name."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The content of the field's file, or None."""
        name = f"{self.config.get('env_prefix', '')}{field_name}".upper()
        return _content(name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """All fields that have a file with something in it."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value}


def _content(name: str) -> str | None:
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return None
    if os.environ.get(name):
        raise ValueError(f"{name} and {name}_FILE are both set, so it is not clear which one counts; unset one.")
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{name}_FILE names {path}, which cannot be read ({type(error).__name__}); "
            "make the file, or let this process read it."
        ) from None
