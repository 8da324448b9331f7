"""What notifications is told by its environment."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class NotificationsSettings(BaseSettings):
    """Prefix `MAGPIE_NOTIFICATIONS_`."""

    model_config = SettingsConfigDict(env_prefix="MAGPIE_NOTIFICATIONS_", frozen=True, extra="ignore")

    most_recipients: int = 50
    """Of one profile."""
