"""A real SMTP server on loopback, in a thread of its own, that does what a test tells it to."""

from __future__ import annotations

import asyncio
import re
import socket
from collections import deque
from dataclasses import dataclass
from typing import Any

from aiosmtpd.controller import Controller

from tests.support.raw_mail import RawMail

ACCEPTED = "250 taken"
BUSY = "451 try again later"
NO_SUCH_USER = "550 no such user here"
CUT = "cut"
"""Takes the mail, and the connection breaks before it can say so."""


@dataclass(frozen=True)
class Posted:
    """A mail as it arrived: envelope and content."""

    to: list[str]
    raw: bytes
    answer: str

    @property
    def mail(self) -> RawMail:
        """Read from its bytes, strictly."""
        return RawMail(self.raw)

    @property
    def has_arrived(self) -> bool:
        """Whether its reader has it, whatever its sender was told."""
        return self.answer in (ACCEPTED, CUT)

    @property
    def is_confirmation(self) -> bool:
        """Whether it asks to confirm an address, and holds no notice."""
        return self.mail["Message-ID"].startswith("<confirm-")

    def part(self, subtype: str) -> str:
        """The text of one alternative."""
        return self.mail.parts[f"text/{subtype}"].text


def confirmation_path(mail: RawMail) -> str:
    """The path of the link that confirms an address."""
    found = re.search(r"https?://\S+(/confirm/\S+)", mail.parts["text/plain"].text)
    assert found, "the mail has a link"
    return found[1]


class Postbox:
    """`answers` says what the next mails are answered; accepted where it is empty."""

    def __init__(self) -> None:
        self.lines: set[int] = set()
        """Connections over which mails were handed in."""
        self.hangs_up_after_each = False
        self.always: str | None = None
        """What every mail is answered, as long as it is set."""
        self.asked: list[str] = []
        """Every address that was named, whatever the answer."""
        self.answers: deque[str] = deque()
        self.at_recipient: deque[str] = deque()
        self.at_sender: deque[str] = deque()
        self.slow_seconds: deque[float] = deque()
        """How long the next mails stand at the server before it has taken them, whether their sender waits or not."""
        self.all: list[Posted] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.host, self.port = free.getsockname()
        self._slow: set[asyncio.Future[str]] = set()
        self._controller = Controller(self, hostname=self.host, port=self.port)

    @property
    def accepted(self) -> list[Posted]:
        return [posted for posted in self.all if posted.answer == ACCEPTED]

    def to(self, address: str) -> list[Posted]:
        return [posted for posted in self.accepted if posted.to == [address]]

    def __enter__(self) -> Postbox:
        self._controller.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._controller.stop()

    def take_confirmation(self, address: str) -> RawMail | None:
        """Removes the mail that asks to confirm an address, and returns it; None if it has not come."""
        for posted in self.all:
            if posted.has_arrived and posted.to == [address] and posted.is_confirmation:
                self.all.remove(posted)
                return posted.mail
        return None

    # -- what aiosmtpd calls

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.at_sender:
            return self.at_sender.popleft()
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.asked.append(address)
        if self.at_recipient:
            return self.at_recipient.popleft()
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.lines.add(session.peer[1])
        answer = self.always or (self.answers.popleft() if self.answers else ACCEPTED)
        if self.slow_seconds:
            taken = asyncio.ensure_future(self._take_later(self.slow_seconds.popleft(), envelope, answer))
            self._slow.add(taken)
            return await asyncio.shield(taken)
        self.all.append(Posted(list(envelope.rcpt_tos), envelope.content, answer))
        if answer == CUT:
            server.transport.abort()
        if self.hangs_up_after_each:
            asyncio.get_running_loop().call_later(0.01, server.transport.close)
        return answer

    async def _take_later(self, seconds: float, envelope: Any, answer: str) -> str:
        to, raw = list(envelope.rcpt_tos), envelope.content  # aiosmtpd empties it when the line is closed
        await asyncio.sleep(seconds)
        self.all.append(Posted(to, raw, answer))
        return answer
