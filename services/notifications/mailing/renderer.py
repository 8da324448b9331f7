"""Builds mails: text and HTML in the reader's language, and a calendar part for members of a meeting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from jinja2 import Environment, PackageLoader, StrictUndefined

from ..domain.sentences import DIGEST_SUBJECT, EVIDENCE_LABEL, FOOTER, UNSUBSCRIBE_BUTTON
from .invitations import Invitation, to_icalendar


@dataclass(frozen=True)
class MailItem:
    """One notice of a mail, rendered."""

    title: str
    text: str
    evidence: str | None = None


@dataclass(frozen=True, kw_only=True)
class MailContent:
    """All that a mail contains. `attempt` counts from 1; `at` becomes the Date header."""

    to: str
    sender: str
    lang: str
    items: Sequence[MailItem]
    message_id: str
    attempt: int
    unsubscribe_url: str
    at: dt.datetime
    invitation: Invitation | None = None

    @property
    def subject(self) -> str:
        """The title of the only notice, or the number of notices. Always one line: names come from users, and a line
        break would end the header."""
        if len(self.items) == 1:
            return " ".join(self.items[0].title.split())
        return DIGEST_SUBJECT[self.lang].format(n=len(self.items))


class MailRenderer:
    """Renders mails with the templates in `templates/`, which it loads once."""

    def __init__(self) -> None:
        self._text = _environment(autoescape=False).get_template("mail.txt")
        self._html = _environment(autoescape=True).get_template("mail.html")

    def render(self, content: MailContent) -> EmailMessage:
        """The message to send. Its alternatives go from the plainest to the richest (RFC 2046): text, HTML,
        calendar."""
        message = EmailMessage(policy=SMTP)
        _set_headers(message, content)
        values = {
            "mail": content,
            "evidence": EVIDENCE_LABEL[content.lang],
            "footer": FOOTER[content.lang],
            "unsubscribe": UNSUBSCRIBE_BUTTON[content.lang],
        }
        message.set_content(self._text.render(values), charset="utf-8", cte="base64")
        message.add_alternative(self._html.render(values), subtype="html", charset="utf-8", cte="base64")
        if content.invitation is not None:
            _add_invitation(message, content.invitation)
        # Set last: `add_alternative` moves Content-* headers that are already there into the first part.
        message["Content-Language"] = content.lang
        return message


def _environment(*, autoescape: bool) -> Environment:
    return Environment(
        loader=PackageLoader("services.notifications.mailing"),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _set_headers(message: EmailMessage, content: MailContent) -> None:
    message["From"] = content.sender
    message["To"] = content.to
    message["Subject"] = content.subject
    message["Date"] = format_datetime(content.at)
    message["Message-ID"] = content.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<{content.unsubscribe_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if content.attempt > 1:  # an earlier attempt may have arrived, under the same Message-ID
        message["X-Magpie-Attempt"] = str(content.attempt)


def _add_invitation(message: EmailMessage, invitation: Invitation) -> None:
    message.add_alternative(
        to_icalendar(invitation),
        subtype="calendar",
        charset="utf-8",
        cte="base64",
        params={"method": invitation.method},
    )
