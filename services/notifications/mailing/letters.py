"""A mail: text and HTML in the reader's language, and the calendar part for a meeting's members."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from jinja2 import Environment, PackageLoader, StrictUndefined

from ..domain.sentences import DIGEST, EVIDENCE, FOOTER, UNSUBSCRIBE
from .invitations import Invitation, icalendar


@dataclass(frozen=True)
class Item:
    """One notice, rendered."""

    title: str
    text: str
    evidence: str | None = None


@dataclass(frozen=True, kw_only=True)
class Letter:
    to: str
    sender: str
    lang: str
    items: Sequence[Item]
    message_id: str
    attempt: int
    unsubscribe_url: str
    at: dt.datetime
    invitation: Invitation | None = None

    @property
    def subject(self) -> str:
        """Of one notice its title. In one line: names come from others, and a line break would end the header."""
        title = self.items[0].title if len(self.items) == 1 else DIGEST[self.lang].format(n=len(self.items))
        return " ".join(title.split())


class Press:
    """Holds the templates; built once."""

    def __init__(self) -> None:
        loader = PackageLoader("services.notifications.mailing")
        self._text = Environment(
            loader=loader, autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        ).get_template("letter.txt")
        self._html = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        ).get_template("letter.html")

    def mail(self, letter: Letter) -> EmailMessage:
        """Alternatives from the plainest to the richest (RFC 2046): text, HTML, calendar."""
        mail = EmailMessage(policy=SMTP)
        _address(mail, letter)
        words = {
            "letter": letter,
            "evidence": EVIDENCE[letter.lang],
            "footer": FOOTER[letter.lang],
            "unsubscribe": UNSUBSCRIBE[letter.lang],
        }
        mail.set_content(self._text.render(words), charset="utf-8", cte="base64")
        mail.add_alternative(self._html.render(words), subtype="html", charset="utf-8", cte="base64")
        if letter.invitation is not None:
            mail.add_alternative(
                icalendar(letter.invitation),
                subtype="calendar",
                charset="utf-8",
                cte="base64",
                params={"method": letter.invitation.method},
            )
        mail["Content-Language"] = letter.lang  # at the end: parts take such headers with them
        return mail


def _address(mail: EmailMessage, letter: Letter) -> None:
    mail["From"] = letter.sender
    mail["To"] = letter.to
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = letter.message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if letter.attempt > 1:  # an earlier one may have arrived: same Message-ID, and says so
        mail["X-Magpie-Attempt"] = str(letter.attempt)
