"""Finds in a public text what points to a person: mail addresses, phone numbers, messenger ids, residents' numbers and
links that open a chat. It is decided by evidence, not by a list of shapes: number plans, checksums and contact words
speak for it; units, prefixes, condition and version syntax against it (docs/rules.md, section 3).

Time is linear in the length of the text: every look around a candidate is bounded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from .accounts import accounts
from .finding import RESIDENT, Certainty, Finding
from .links import links
from .mailboxes import MAX_MAIL_LENGTH, NO_MAIL_ADDRESS, mailbox
from .mails import mails
from .numbers import numbers
from .plain import plain
from .residents import is_chinese_resident_number, is_korean_resident_number, residents

__all__ = [
    "MAX_MAIL_LENGTH",
    "NO_MAIL_ADDRESS",
    "Certainty",
    "Finding",
    "find_personal",
    "find_resident",
    "is_chinese_resident_number",
    "is_korean_resident_number",
    "mailbox",
    "plain",
    "screen",
]


@lru_cache(maxsize=512)
def screen(text: str) -> Sequence[Finding]:
    """All that was found, in the order of the text. Empty for ordinary text. Cached: a body is looked at when it is
    checked, and again for the warnings of its answer."""
    seen = plain(text)
    judged = links(seen.text)
    found = [Finding(f.kind, seen.places[f.at], f.certainty) for _, _, f in judged if f is not None]
    rest = seen.without([(start, end) for start, end, _ in judged])
    for rule in (mails, residents, numbers, accounts):
        found.extend(rule(rest))
    return tuple(sorted(found, key=lambda finding: finding.at))


def find_personal(text: str) -> Finding | None:
    """The first finding for which a text is refused, the surest first; None if the text may be taken."""
    order = ("certain", "likely")
    refused = [finding for finding in screen(text) if finding.is_refused]
    return min(refused, key=lambda finding: (order.index(finding.certainty), finding.at), default=None)


def find_resident(text: str) -> Finding | None:
    """The first number that surely identifies a person for a state: private texts have none of them, either."""
    return next((found for found in screen(text) if found.kind == RESIDENT and found.certainty == "certain"), None)
