"""What notifications is told by its environment."""

from __future__ import annotations

import secrets
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_KEY = "magpie-development-unsubscribe-key"


class NotificationsSettings(BaseSettings):
    """Prefix `MAGPIE_NOTIFICATIONS_`."""

    model_config = SettingsConfigDict(env_prefix="MAGPIE_NOTIFICATIONS_", frozen=True, extra="ignore")

    most_recipients: int = 50
    """Of one profile."""

    smtp_host: str | None = None
    """Where not given, nobody gets mail: what is queued is suppressed with the reason `email_off`."""
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    smtp_from: str = "Magpie <magpie@localhost>"
    """The sender of every mail and the organiser of every invitation."""
    smtp_timeout_seconds: float = 30.0
    smtp_retry_seconds: float = 10.0
    """The first pause after trouble that may pass; it doubles, up to half an hour."""
    smtp_tries: Annotated[int, Field(ge=1)] = 20
    """Six hours or so; after that the mail has failed."""
    translation_wait_seconds: float = 30.0
    """So long after its event a proposal waits for what it shows to be translated."""

    public_url: str = "http://127.0.0.1:8103"
    """Where people reach this service: the beginning of unsubscribe links."""
    unsubscribe_key: Annotated[SecretStr, Field(min_length=16)] | None = None
    """Signs unsubscribe links. Production needs one of its own as soon as it sends mail."""

    stream_heartbeat_seconds: float = 15.0
    stream_seconds: float = 3600.0
    """So long lives a stream of an inbox; its reader comes back with a token that is checked anew."""

    def link_key(self, *, production: bool) -> bytes:
        """What signs links. Raises ValueError where production would mail links that anybody can forge, or that mail
        programs do not follow."""
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
        return secrets.token_bytes(32)  # no mail was sent, so no link is good
