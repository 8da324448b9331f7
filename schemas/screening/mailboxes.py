"""What a mail address is, where one is asked for: one notion for all services."""

from __future__ import annotations

import re

MAX_MAIL_LENGTH = 254
"""Of a whole address (RFC 5321, 4.5.3.1.3)."""
MAX_LOCAL_LENGTH = 64
NO_MAIL_ADDRESS = "is not a mail address; write it plainly, for example name@company.com"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"\A{_ATOM}(?:\.{_ATOM})*\Z")
_FOREIGN_LOCAL = "has letters before the @ that mail servers refuse; give an address with Latin letters there"


def mailbox(address: str) -> tuple[str, str]:
    """What stands before the @ and what behind it. The domain is for the caller to judge.

    Raises ValueError, which never repeats the address: if it is none, or if no server would take what stands before
    the @ (quotes, comments and letters beyond ASCII)."""
    if len(address) > MAX_MAIL_LENGTH:
        raise ValueError(NO_MAIL_ADDRESS)
    local, at, domain = address.rpartition("@")
    if at and not local.isascii() and local.isprintable() and " " not in local:
        raise ValueError(_FOREIGN_LOCAL)
    # `=?` begins an encoded word: some readers would decode it and write to somebody else.
    if len(local) > MAX_LOCAL_LENGTH or not _LOCAL.match(local) or "=?" in local:
        raise ValueError(NO_MAIL_ADDRESS)
    return local, domain
