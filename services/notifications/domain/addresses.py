"""Mail addresses as mail servers take them: ASCII before the @, and a domain whose foreign letters are Punycode."""

from __future__ import annotations

import re

from services.chassis.model import ascii_domain

MAX_LENGTH = 254
"""Of a whole address (RFC 5321, 4.5.3.1.3)."""
MAX_LOCAL = 64
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_NO_ADDRESS = "is not a mail address"
_FOREIGN_LOCAL = "has letters before the @ that mail servers refuse; give an address with Latin letters there"


def ascii_address(address: str) -> str:
    """The address as it stands in a mail and in the dialogue with a mail server, for example
    `kim@xn--bj0bj06e.example`.

    Raises ValueError, which never repeats the address: if it is none, or if no server would take what stands before
    the @ (quotes, comments and letters beyond ASCII)."""
    if len(address) > MAX_LENGTH:
        raise ValueError(_NO_ADDRESS)
    local, at, domain = address.rpartition("@")
    if at and not local.isascii() and local.isprintable() and " " not in local:
        raise ValueError(_FOREIGN_LOCAL)
    # `=?` begins an encoded word: some readers would decode it and write to somebody else.
    if len(local) > MAX_LOCAL or not _LOCAL.fullmatch(local) or "=?" in local:
        raise ValueError(_NO_ADDRESS)
    try:
        found = f"{local}@{ascii_domain(domain)}"
    except ValueError:
        raise ValueError(_NO_ADDRESS) from None
    if len(found) > MAX_LENGTH:
        raise ValueError(_NO_ADDRESS)
    return found
