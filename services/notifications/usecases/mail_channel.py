"""What it takes to send mail."""

from __future__ import annotations

from dataclasses import dataclass

from ..mailing.renderer import MailContent, MailRenderer
from ..mailing.smtp import SmtpClient
from .compose_mail import MailComposer


@dataclass(frozen=True)
class MailChannel:
    """Composes, renders and sends."""

    smtp: SmtpClient
    composer: MailComposer
    renderer: MailRenderer

    async def send(self, content: MailContent) -> None:
        """Raises as `SmtpClient.send` does."""
        await self.smtp.send(self.renderer.render(content))
