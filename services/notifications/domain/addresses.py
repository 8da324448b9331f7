"""Mail addresses as mail servers take them: ASCII before the @, and a domain whose foreign letters are Punycode."""

from __future__ import annotations

from schemas.screening import MAX_MAIL_LENGTH, NO_MAIL_ADDRESS, mailbox
from services.chassis.model import ascii_domain

MAX_LENGTH = MAX_MAIL_LENGTH


def ascii_address(address: str) -> str:
    """The address as it stands in a mail and in the dialogue with a mail server, for example
    `kim@xn--bj0bj06e.example`.

    Raises ValueError, which never repeats the address: if it is none, or if no server would take it."""
    local, domain = mailbox(address)
    try:
        found = f"{local}@{ascii_domain(domain)}"
    except ValueError:
        raise ValueError(NO_MAIL_ADDRESS) from None
    if len(found) > MAX_LENGTH:
        raise ValueError(NO_MAIL_ADDRESS)
    return found
