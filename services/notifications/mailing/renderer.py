"""Builds mails: text and HTML in the reader's language, and a calendar part for members of a meeting."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import format_datetime, parseaddr
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from ..domain.addresses import ascii_address
from ..domain.sentences import (
    CONFIRM_BUTTON,
    CONFIRM_SUBJECT,
    CONFIRM_TEXT,
    EVIDENCE_LABEL,
    FOOTER,
    UNSUBSCRIBE_BUTTON,
)
from .contents import ConfirmationContent, Invitation, MailContent, MailHead, OutgoingMail
from .invitations import to_icalendar
from .mime import Foreign, Part, alternatives, header, one_line


class MailRenderer:
    """Renders mails with the templates in `templates/`, which it loads once."""

    def __init__(self) -> None:
        self._text = _environment(autoescape=False).get_template("mail.txt")
        self._html = _environment(autoescape=True).get_template("mail.html")
        self._confirm_text = _environment(autoescape=False).get_template("confirm.txt")
        self._confirm_html = _environment(autoescape=True).get_template("confirm.html")

    def render_confirmation(self, content: ConfirmationContent) -> OutgoingMail:
        """The mail to send. Its reader is not subscribed to anything yet, so there is nothing to unsubscribe."""
        values = {
            "mail": content,
            "subject": CONFIRM_SUBJECT[content.lang],
            "text": CONFIRM_TEXT[content.lang],
            "button": CONFIRM_BUTTON[content.lang],
            "host": urlsplit(content.url).netloc,
        }
        parts = [
            Part("text/plain; charset=utf-8", self._confirm_text.render(values)),
            Part("text/html; charset=utf-8", self._confirm_html.render(values)),
        ]
        return _outgoing(content, _headers(content, CONFIRM_SUBJECT[content.lang]), parts)

    def render(self, content: MailContent) -> OutgoingMail:
        """The mail to send. Its alternatives go from the plainest to the richest (RFC 2046): text, HTML, calendar."""
        values = {
            "mail": content,
            "evidence": EVIDENCE_LABEL[content.lang],
            "footer": FOOTER[content.lang],
            "unsubscribe": UNSUBSCRIBE_BUTTON[content.lang],
            "host": urlsplit(content.unsubscribe_url).netloc,
        }
        parts = [
            Part("text/plain; charset=utf-8", self._text.render(values)),
            Part("text/html; charset=utf-8", self._html.render(values)),
        ]
        if content.invitations:
            parts.append(_invitation_part(content.invitations))
        headers = [
            *_headers(content, content.subject),
            header("List-Unsubscribe", f"<{content.unsubscribe_url}>"),
            header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
        return _outgoing(content, headers, parts)


def _environment(*, autoescape: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("services.notifications.mailing"),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"one_line": one_line, "quoted": quoted}
    return environment


def quoted(text: str) -> str:
    """A foreign text of several lines, each with a mark that it is quoted: none of them can pass for one of ours."""
    return "\n".join(f"> {one_line(line)}" for line in text.splitlines())


def _outgoing(mail: MailHead, headers: Sequence[str], parts: Sequence[Part]) -> OutgoingMail:
    return OutgoingMail(parseaddr(mail.sender)[1], ascii_address(mail.to), alternatives(headers, parts))


def _headers(mail: MailHead, subject: str) -> list[str]:
    sender_name, sender = parseaddr(mail.sender)
    headers = [
        header("From", Foreign(sender_name), f"<{sender}>"),
        header("To", f"<{ascii_address(mail.to)}>"),
        header("Subject", Foreign(subject)),
        header("Date", format_datetime(mail.at)),
        header("Message-ID", mail.message_id),
        header("Content-Language", mail.lang),
        # RFC 3834: absence notices and other robots do not answer such a mail.
        header("Auto-Submitted", "auto-generated"),
    ]
    if mail.attempt > 1:  # an earlier attempt may have arrived, under the same Message-ID
        headers.append(header("X-Magpie-Attempt", str(mail.attempt)))
    return headers


def _invitation_part(invitations: Sequence[Invitation]) -> Part:
    # RFC 6047 wants the method here as well as in the calendar itself.
    return Part(f"text/calendar; charset=utf-8; method={invitations[0].method}", to_icalendar(*invitations))
