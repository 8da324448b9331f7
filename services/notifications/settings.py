"""The settings of notifications, read from the environment."""

from __future__ import annotations

import secrets
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_KEY = "magpie-development-unsubscribe-key"


class NotificationsSettings(BaseSettings):
    """Environment variables with the prefix `MAGPIE_NOTIFICATIONS_`."""

    model_config = SettingsConfigDict(env_prefix="MAGPIE_NOTIFICATIONS_", frozen=True, extra="ignore")

    max_recipients: int = 50
    """How many recipients one profile may have."""

    smtp_host: str | None = None
    """Without a host no mail is sent: deliveries are suppressed with the reason `email_off`."""
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    smtp_from: str = "Magpie <magpie@localhost>"
    """The sender of every mail and the organiser of every invitation."""
    smtp_timeout_seconds: float = 30.0
    smtp_retry_seconds: float = 10.0
    """The first pause after a temporary failure; each next one is twice as long, up to half an hour."""
    smtp_tries: Annotated[int, Field(ge=1)] = 20
    """With the default pauses about six hours. After the last try the mail has failed."""
    translation_wait_seconds: float = 30.0
    """How long after its event a proposal in a digest waits for the translation of the text that it shows."""

    public_url: str = "http://127.0.0.1:8103"
    """Where people reach this service: unsubscribe links begin with it."""
    unsubscribe_key: Annotated[SecretStr, Field(min_length=16)] | None = None
    """Signs unsubscribe links. Required in production if mail is sent."""

    stream_heartbeat_seconds: float = 15.0
    """How often a stream without new entries sends a comment as a sign of life."""
    stream_seconds: float = 3600.0
    """After this time a stream of an inbox ends. Its reader connects again, and the token is checked again."""

    def link_key(self, *, production: bool) -> bytes:
        """The key that signs unsubscribe links.

        Raises ValueError if production would mail links that anyone can forge (development key), or that mail programs
        do not follow (no https)."""
        given = self.unsubscribe_key.get_secret_value() if self.unsubscribe_key else None
        if not production:
            return (given or DEVELOPMENT_KEY).encode()
        if self.smtp_host is not None and not self.public_url.startswith("https://"):
            raise ValueError(
                "MAGPIE_NOTIFICATIONS_PUBLIC_URL is not https: one-click unsubscribing needs it (RFC 8058)."
            )
        if given is not None and given != DEVELOPMENT_KEY:
            return given.encode()
        if self.smtp_host is not None:
            raise ValueError(
                "MAGPIE_NOTIFICATIONS_UNSUBSCRIBE_KEY is not set: with the development key anybody could unsubscribe "
                "others; production needs a secret of its own."
            )
        return secrets.token_bytes(32)  # without mail there are no links, so no token may be valid
