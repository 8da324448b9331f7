"""Hands mails to an SMTP server, and says what its answer means."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from email.utils import parseaddr

import aiosmtplib
from pydantic import SecretStr

from services.chassis.ops import client_span

from ..domain.smtp_replies import OUT_OF_STEP, Stage, meaning
from ..settings import NotificationsSettings
from .contents import OutgoingMail

MAX_SEND_SECONDS = 180.0
"""Of one mail, once it is its turn: a server that answers each command just in time must not hold up the others."""
MAX_WAIT_SECONDS = 240.0
"""For the line. With MAX_SEND_SECONDS an attempt ends before anybody else may write to the same calendar
(`send_mail.TURN_SECONDS`)."""

HANGS_UP = 421
"""The server says that it closes the line (RFC 5321, 3.8)."""


class MailRefused(Exception):
    """The server refuses this mail for good. `code` is its reply code; the text of the reply is left out because it
    usually contains the address."""

    def __init__(self, code: int) -> None:
        super().__init__(f"SMTP {code}")
        self.code = code


class AddressRefused(MailRefused):
    """The server says that there is no such address: no mail will ever arrive there."""


class TryLater(Exception):
    """The server does not take the mail now. `slower`: the domain has had too much from us."""

    def __init__(self, code: int, *, slower: bool) -> None:
        super().__init__(f"SMTP {code}")
        self.code, self.slower = code, slower


class MayHaveArrived(Exception):
    """The line broke while the mail itself was under way: the server may have taken it. `is_with_server`: it did not
    hang up, but let the time run out, so that it may take the mail still."""

    def __init__(self, *, is_with_server: bool) -> None:
        super().__init__("not answered" if is_with_server else "cut")
        self.is_with_server = is_with_server


class LineIsTaken(Exception):
    """Other mails have had the line for MAX_WAIT_SECONDS; nothing was sent."""


@dataclass(frozen=True)
class SmtpServer:
    """Where mail is handed in. `sender` is the From of every mail; `tls` is none, starttls or tls (from the first
    byte)."""

    host: str
    port: int
    sender: str
    tls: str = "starttls"
    user: str | None = None
    password: SecretStr | None = field(default=None, repr=False)
    timeout_seconds: float = 30.0
    keep_seconds: float = 20.0
    """How long a line stays open without a mail."""
    mails_per_line: int = 100
    """Some servers take no more over one line."""

    @property
    def domain(self) -> str:
        """The sender's domain, for EHLO and for the right half of every Message-ID."""
        return parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"

    def line(self) -> aiosmtplib.SMTP:
        """A line that is not open yet."""
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password.get_secret_value() if self.password else None,
            local_hostname=self.domain,
            timeout=self.timeout_seconds,
            use_tls=self.tls == "tls",
            start_tls=self.tls == "starttls",
        )


class SmtpClient:
    """One kept line to the server, over which mails go one after the other: servers that count connections see one."""

    def __init__(self, server: SmtpServer) -> None:
        self.server = server
        self._turn = asyncio.Lock()
        self._line: aiosmtplib.SMTP | None = None
        self._mails = 0
        self._is_under_way = False
        self._closing: asyncio.TimerHandle | None = None

    async def send(self, mail: OutgoingMail) -> None:
        """Returns when the server has accepted the mail.

        Raises MailRefused and AddressRefused, which are final; TryLater, also for a refused login or sender,
        LineIsTaken, and aiosmtplib's exceptions where there is no connection: then it may be tried again;
        MayHaveArrived."""
        await self._wait_for_line()
        try:
            if self._closing is not None:
                self._closing.cancel()
            self._is_under_way = False
            try:
                async with asyncio.timeout(MAX_SEND_SECONDS):
                    await self._hand_over(mail)
            except TimeoutError:
                self.close()
                if self._is_under_way:
                    raise MayHaveArrived(is_with_server=True) from None
                raise
            except (MailRefused, TryLater) as answered:
                await self._begin_again(answered.code)
                raise
            except BaseException:
                self.close()  # what the server thinks of this line is not known any more
                raise
            finally:
                if self._line is not None:
                    self._closing = asyncio.get_running_loop().call_later(self.server.keep_seconds, self.close)
        finally:
            self._turn.release()

    async def _wait_for_line(self) -> None:
        try:
            async with asyncio.timeout(MAX_WAIT_SECONDS):
                await self._turn.acquire()
        except TimeoutError:
            raise LineIsTaken from None

    def close(self) -> None:
        """Hangs up. May be called again."""
        if self._line is not None:
            self._line.close()
        self._line, self._mails = None, 0

    async def _hand_over(self, mail: OutgoingMail) -> None:
        with client_span("smtp send", server__address=self.server.host, server__port=self.server.port):
            await self._say_envelope_and_content(mail)

    async def _say_envelope_and_content(self, mail: OutgoingMail) -> None:
        line = await self._envelope(mail)
        try:
            await line.rcpt(mail.recipient)
        except aiosmtplib.SMTPRecipientRefused as refused:
            raise _as_meant(refused, "recipient") from None
        self._is_under_way = True
        try:
            await line.data(mail.raw)
        except aiosmtplib.SMTPDataError as refused:
            raise _as_meant(refused, "content") from None
        except (aiosmtplib.SMTPServerDisconnected, OSError) as lost:
            raise MayHaveArrived(is_with_server=isinstance(lost, TimeoutError)) from None
        self._mails += 1

    async def _envelope(self, mail: OutgoingMail) -> aiosmtplib.SMTP:
        """An open line that has taken the sender. A kept line may have been cut meanwhile; nothing was sent over it, so
        a new one is opened at once."""
        if self._mails >= self.server.mails_per_line:
            self.close()
        if self._line is not None:
            try:
                await self._line.mail(mail.sender)
                return self._line
            except (aiosmtplib.SMTPException, OSError) as error:
                if isinstance(error, aiosmtplib.SMTPResponseException) and error.code != HANGS_UP:
                    raise _not_now(error) from None
                self.close()
        line = self.server.line()
        try:
            await line.connect()
            self._line = line
            await line.mail(mail.sender)
        except aiosmtplib.SMTPResponseException as error:
            raise _not_now(error) from None
        return line

    async def _begin_again(self, code: int) -> None:
        """After an answer the line is good for the next mail, or it is not kept."""
        try:
            if code == HANGS_UP or code in OUT_OF_STEP:
                self.close()
            if self._line is not None:
                await self._line.rset()
        except (aiosmtplib.SMTPException, OSError):
            self.close()


def _not_now(error: aiosmtplib.SMTPResponseException) -> TryLater:
    """A refused line, login or sender is a fault of our settings, or means that we come too often: never the mail's."""
    return TryLater(error.code, slower=meaning(error.code, error.message, "content") == "slower")


def _as_meant(error: aiosmtplib.SMTPResponseException, stage: Stage) -> Exception:
    match meaning(error.code, error.message, stage):
        case "no_address":
            return AddressRefused(error.code)
        case "refused":
            return MailRefused(error.code)
        case "slower":
            return TryLater(error.code, slower=True)
        case _:
            return TryLater(error.code, slower=False)


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
    server = SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_from,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password,
        timeout_seconds=settings.smtp_timeout_seconds,
    )
    return SmtpClient(server)
