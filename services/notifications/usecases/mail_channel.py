"""What it takes to send mail."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.chassis.commit import RetryLater

from ..domain.pacing import DomainPace
from ..mailing.contents import ConfirmationContent, MailContent, OutgoingMail
from ..mailing.smtp import LineIsTaken, SmtpClient, TryLater
from .compose_mail import MailComposer

if TYPE_CHECKING:
    from ..mailing.renderer import MailRenderer

LINE_SECONDS = 1.0
"""After this a mail waits for the line again that others have had for long."""


@dataclass(frozen=True)
class MailChannel:
    """Composes, renders and sends, at the pace of the domain that a mail goes to."""

    smtp: SmtpClient
    composer: MailComposer
    renderer: MailRenderer
    pace: DomainPace

    async def send(self, content: MailContent) -> None:
        """Raises RetryLater while the domain rests or other mails have the line, or else as `SmtpClient.send` does."""
        await self._send(self.renderer.render(content))

    async def send_confirmation(self, content: ConfirmationContent) -> None:
        """Raises as `send` does."""
        await self._send(self.renderer.render_confirmation(content))

    async def _send(self, mail: OutgoingMail) -> None:
        domain = mail.recipient.rpartition("@")[2]
        if wait_seconds := self.pace.take(domain, time.monotonic()):
            raise RetryLater(wait_seconds)
        try:
            await self.smtp.send(mail)
        except LineIsTaken:
            raise RetryLater(LINE_SECONDS) from None
        except TryLater as later:
            if later.slower:
                self.pace.slow_down(domain, time.monotonic())
            raise
        self.pace.accepted(domain)
