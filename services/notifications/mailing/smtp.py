"""Handing a mail to an SMTP server. What it said decides: refused for good, or trouble that may pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr

import aiosmtplib
from pydantic import SecretStr

from ..settings import NotificationsSettings


class NotAccepted(Exception):
    """The server will not take this mail for this recipient, today or later. Carries its code; its text names the
    address, so that is left behind."""

    def __init__(self, code: int) -> None:
        super().__init__(f"SMTP {code}")
        self.code = code


@dataclass(frozen=True)
class Smtp:
    """One connection a mail: what we send is little, and a server that went away is noticed at once."""

    host: str
    port: int
    sender: str
    tls: str = "starttls"
    user: str | None = None
    password: SecretStr | None = field(default=None, repr=False)
    timeout_seconds: float = 30.0

    @property
    def domain(self) -> str:
        """Of the sender: what we greet with, and the right half of every Message-ID."""
        return parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"

    async def send(self, mail: EmailMessage) -> None:
        """Returns when the server has taken it. Raises NotAccepted, or what aiosmtplib raises for trouble that may
        pass (4xx, no connection, a refused login): then it may be tried again."""
        try:
            await aiosmtplib.send(
                mail,
                hostname=self.host,
                port=self.port,
                username=self.user,
                password=self.password.get_secret_value() if self.password else None,
                local_hostname=self.domain,
                timeout=self.timeout_seconds,
                use_tls=self.tls == "tls",
                start_tls=self.tls == "starttls",
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            _judge(refused.recipients[0].code, refused)
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as refused:
            _judge(refused.code, refused)
        except aiosmtplib.SMTPNotSupported:
            raise NotAccepted(553) from None  # an address that this server cannot write


def _judge(code: int, error: Exception) -> None:
    if code >= 500:
        raise NotAccepted(code) from None
    raise error


def smtp_of(settings: NotificationsSettings) -> Smtp | None:
    """None where no host is set: the channel is off. Raises ValueError where the sender has no address."""
    if settings.smtp_host is None:
        return None
    if "@" not in parseaddr(settings.smtp_from)[1]:
        raise ValueError(
            "MAGPIE_NOTIFICATIONS_SMTP_FROM has no address; give one, like Magpie <magpie@bridge.example>."
        )
    return Smtp(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_from,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password,
        timeout_seconds=settings.smtp_timeout_seconds,
    )
