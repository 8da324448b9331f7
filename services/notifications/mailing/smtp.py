"""Hands mails to an SMTP server, and tells a final refusal from a failure that may pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import NoReturn

import aiosmtplib
from pydantic import SecretStr

from ..settings import NotificationsSettings
from .renderer import OutgoingMail


class MailRefused(Exception):
    """The server refuses this mail for good. `code` is its reply code; the text of the reply is left out because it
    usually contains the address."""

    def __init__(self, code: int) -> None:
        super().__init__(f"SMTP {code}")
        self.code = code


@dataclass(frozen=True)
class SmtpClient:
    """Opens one connection per mail: volumes are small, and a server that is away is noticed at once.

    `sender` is the From of every mail; `tls` is none, starttls or tls (from the first byte)."""

    host: str
    port: int
    sender: str
    tls: str = "starttls"
    user: str | None = None
    password: SecretStr | None = field(default=None, repr=False)
    timeout_seconds: float = 30.0

    @property
    def domain(self) -> str:
        """The sender's domain, for EHLO and for the right half of every Message-ID."""
        return parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"

    async def send(self, mail: OutgoingMail) -> None:
        """Returns when the server has accepted the mail.

        Raises MailRefused for a final refusal, and aiosmtplib's exceptions for a failure that may pass (4xx, no
        connection, a refused login): then it may be tried again."""
        try:
            await aiosmtplib.send(
                mail.raw,
                sender=mail.sender,
                recipients=[mail.recipient],
                hostname=self.host,
                port=self.port,
                username=self.user,
                password=self.password.get_secret_value() if self.password else None,
                local_hostname=self.domain,
                timeout=self.timeout_seconds,
                use_tls=self.tls == "tls",
                start_tls=self.tls == "starttls",
            )
        # A refused sender or login is not caught: a fault of our settings, so the mail is tried again.
        except aiosmtplib.SMTPRecipientsRefused as refused:
            _raise_refusal(refused.recipients[0].code, refused)
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as refused:
            _raise_refusal(refused.code, refused)


def _raise_refusal(code: int, error: Exception) -> NoReturn:
    if code >= 500:
        raise MailRefused(code) from None  # RFC 5321: 5yz is a permanent failure, 4yz a transient one
    raise error


def smtp_client(settings: NotificationsSettings) -> SmtpClient | None:
    """The client for the configured server; None if no host is set. Raises ValueError if `smtp_from` has no
    address."""
    if settings.smtp_host is None:
        return None
    address = parseaddr(settings.smtp_from)[1]
    if "@" not in address or not (address.isascii() and address.isprintable()):
        raise ValueError(
            "MAGPIE_NOTIFICATIONS_SMTP_FROM has no address in ASCII; give one, like Magpie <magpie@bridge.example>."
        )
    return SmtpClient(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_from,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password,
        timeout_seconds=settings.smtp_timeout_seconds,
    )
