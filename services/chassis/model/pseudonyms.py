"""Pseudonyms of people and organisations, as tokens have them: events and logs carry them, so none is a number by which
a person is known elsewhere."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from schemas.screening import screen

PSEUDONYM = r"[a-z0-9][a-z0-9-]{2,63}"
"""The shape alone."""
_KINDS = ("phone number", "resident's number")
_MADE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
"""A UUID. The screen finds nothing in one, and takes a tenth of a second for a list of 2,000."""


def personal_number(text: str) -> str | None:
    """The kind of the number of a person that the text surely is or has: a phone number or a resident's number; None
    if there is none. What is only likely to be one passes: no one could confirm an id, and ids are numbers often."""
    if _MADE.fullmatch(text):
        return None
    found = (one.kind for one in screen(text) if one.certainty == "certain" and one.kind in _KINDS)
    return next(found, None)


def is_pseudonym(text: str) -> bool:
    """Whether a token may have it as its `sub` or `org`."""
    return re.fullmatch(PSEUDONYM, text) is not None and personal_number(text) is None


def opaque(text: str) -> str:
    """The text as it is. Raises ValueError, which does not repeat it, for a number of a person."""
    kind = personal_number(text)
    if kind is not None:
        raise ValueError(f"has a {kind}; an id says nothing of a person, so choose another one")
    return text


Pseudonym = Annotated[str, Field(pattern=f"^{PSEUDONYM}$"), AfterValidator(opaque)]
"""Of a member, as a body names it: the same that a token may have."""
