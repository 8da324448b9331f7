"""A real SMTP server on loopback, in a thread of its own, that does what a test tells it to."""

from __future__ import annotations

import email.policy
import socket
from collections import deque
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.controller import Controller

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
    def mail(self) -> EmailMessage:
        parsed = BytesParser(policy=email.policy.default).parsebytes(self.raw)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def has_arrived(self) -> bool:
        """Whether its reader has it, whatever its sender was told."""
        return self.answer in (ACCEPTED, CUT)

    def part(self, subtype: str) -> str:
        """The text of one alternative."""
        found = [p for p in self.mail.walk() if p.get_content_type() == f"text/{subtype}"]
        assert len(found) == 1, subtype
        return str(found[0].get_content())


class Postbox:
    """`answers` says what the next mails are answered; accepted where it is empty."""

    def __init__(self) -> None:
        self.answers: deque[str] = deque()
        self.at_recipient: deque[str] = deque()
        self.all: list[Posted] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.host, self.port = free.getsockname()
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

    # -- what aiosmtpd calls

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.at_recipient:
            return self.at_recipient.popleft()
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.answers.popleft() if self.answers else ACCEPTED
        self.all.append(Posted(list(envelope.rcpt_tos), envelope.content, answer))
        if answer == CUT:
            server.transport.abort()
        return answer
