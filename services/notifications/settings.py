"""The settings of notifications, read from the environment."""

from __future__ import annotations

import resource
import secrets
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.chassis.ops import EnvironmentSettings

DEVELOPMENT_KEY = "magpie-development-unsubscribe-key"


MAX_STREAMS = 500
FILES_IN_RESERVE = 200
"""Files that are kept for other connections: without them a flood of streams would shut out everyone else."""


def streams_by_file_limit() -> int:
    """How many streams a process may keep open, each of which is an open file."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_STREAMS if soft == resource.RLIM_INFINITY else max(1, min(MAX_STREAMS, soft - FILES_IN_RESERVE))


class NotificationsSettings(EnvironmentSettings):
    """Environment variables with the prefix `MAGPIE_NOTIFICATIONS_`."""

    model_config = SettingsConfigDict(
        env_prefix="MAGPIE_NOTIFICATIONS_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    max_recipients: Annotated[int, Field(ge=1, le=100_000)] = 50
    """How many recipients one profile may have."""

    max_confirmations_per_day: Annotated[int, Field(ge=1, le=1000)] = 3
    """Mails that ask to confirm an address, for one recipient."""
    collapse_seconds: Annotated[float, Field(ge=0, le=3600)] = 5.0
    """How long a mail waits for a later one about the same match or meeting, which then replaces it."""
    gather_seconds: Annotated[float, Field(ge=0, le=3600)] = 120.0
    """So long a mail about a forum's plan waits for the rest of its bookings."""

    smtp_host: str | None = None
    """Without a host no mail is sent: deliveries are suppressed with the reason `email_off`."""
    smtp_port: Annotated[int, Field(ge=1, le=65_535)] = 587
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    smtp_from: str = "Magpie <magpie@localhost>"
    """The sender of every mail and the organiser of every invitation."""
    smtp_timeout_seconds: Annotated[float, Field(ge=0.1, le=3600)] = 30.0
    smtp_retry_seconds: Annotated[float, Field(ge=0.01, le=3600)] = 10.0
    """The first pause after a temporary failure; each next one is twice as long, up to half an hour."""
    smtp_tries: Annotated[int, Field(ge=1, le=1000)] = 20
    """With the default pauses three to six hours, as pauses have jitter. After the last try the mail has failed."""
    smtp_unsure_tries: Annotated[int, Field(ge=1, le=1000)] = 5
    """How often a mail is handed over, at most, if the line breaks each time while the mail is under way."""
    smtp_late_seconds: Annotated[float, Field(ge=0, le=86_400)] = 600.0
    """So long a server may be busy with a mail that it has and has not answered (RFC 5321, 4.5.3.2.6): no other mail
    about the same meeting goes to the same recipient meanwhile, and this one is not repeated."""
    smtp_domain_seconds: Annotated[float, Field(ge=0, le=3600)] = 0.2
    """Between two mails to one domain, on average; ten may leave at once."""
    translation_wait_seconds: Annotated[float, Field(ge=0, le=86_400)] = 30.0
    """How long after its event a proposal in a digest waits for the translation of the text that it shows."""

    public_url: Annotated[str, Field(pattern=r"^https?://[\x21-\x7e]+$")] = "http://127.0.0.1:8103"
    """Where people reach this service: the links of mails begin with it."""
    unsubscribe_key: Annotated[SecretStr, Field(min_length=16)] | None = None
    """Signs the links of mails: unsubscribing, confirming an address. Required in production if mail is sent."""

    max_streams_per_member: Annotated[int, Field(ge=1, le=100_000)] = 5
    """Streams of one member that one replica keeps open; another one is answered 429."""
    max_streams: int = Field(default_factory=streams_by_file_limit, ge=1, le=1_000_000)
    """All streams that one replica keeps open. Default: what its limit of open files leaves, 500 at most."""
    stream_heartbeat_seconds: Annotated[float, Field(ge=0.1, le=3600)] = 15.0
    """How often a stream without new entries sends a comment as a sign of life."""
    stream_seconds: Annotated[float, Field(ge=0.1, le=86_400)] = 3600.0
    """After this time a stream of an inbox ends, or with its token. Its reader connects again, with a valid token."""

    max_webhooks_per_org: Annotated[int, Field(ge=1, le=500)] = 5
    max_webhooks: Annotated[int, Field(ge=1, le=500)] = 100
    """Of the installation: each event of a public topic is written once for each of them."""
    webhook_backlog: Annotated[int, Field(ge=1, le=100_000_000)] = 10_000
    """Deliveries that may wait for one webhook. With more it is disabled within about two seconds."""
    webhook_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 10.0
    """For a whole request: looking up the name, the connection, the answer."""
    webhook_retry_seconds: Annotated[float, Field(gt=0, le=86_400)] = 30.0
    """The first pause after a failure; each next one is twice as long, up to eight hours."""
    webhook_retry_days: Annotated[float, Field(gt=0, le=7)] = 3.0
    """After this time of failures the webhook is disabled."""
    webhook_ca_file: Path | None = None
    """Certificates by which receivers are verified. Default: the system's own."""
    webhook_open: bool = False
    """For development: webhooks may be http, and lead anywhere. Refused in production."""

    def must_be_safe(self, *, production: bool) -> None:
        """Raises ValueError for settings with which members could reach into the network of the installation."""
        if production and self.webhook_open:
            raise ValueError(
                "MAGPIE_NOTIFICATIONS_WEBHOOK_OPEN is set: any reader could have requests sent into this network; it "
                "is for development."
            )

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
