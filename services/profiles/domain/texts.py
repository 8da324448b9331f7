"""Which strings may become public: normal form, no control characters, nothing that points to a person."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from schemas.common import normal
from schemas.screening import find_personal

FORBIDDEN = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of Unicode that break mails, calendars or terminals: controls, surrogates, line separators."""


def clean(text: str) -> str:
    """NFC, without white space around it. Raises ValueError for a control character, naming its place."""
    normalised = normal(text).strip()
    for at, character in enumerate(normalised):
        if unicodedata.category(character) in FORBIDDEN and character != "\n":
            raise ValueError(f"has a control character (U+{ord(character):04X}) at character {at + 1}; remove it")
    if not normalised:
        raise ValueError("is empty; write something or leave the field out")
    return normalised


def public(text: str) -> str:
    """A clean text that points to nobody. Raises ValueError naming what was found and where, never what it says."""
    cleaned = clean(text)
    found = find_personal(cleaned)
    if found:
        raise ValueError(
            f"has a {found.kind} at character {found.at + 1}; public texts name no way to reach a person, "
            "members keep theirs in their own record"
        )
    return cleaned


def _strict(longest: int) -> StringConstraints:
    return StringConstraints(strict=True, max_length=longest)


PublicName = Annotated[str, _strict(200), AfterValidator(public)]
PublicText = Annotated[str, _strict(2000), AfterValidator(public)]
PrivateText = Annotated[str, _strict(200), AfterValidator(clean)]
