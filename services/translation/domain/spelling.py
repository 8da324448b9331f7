"""One form for the writings of a term: with a space, a hyphen or neither, in British or American spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.chassis.model import fold

_GAPS = frozenset(" -\u2010\u2011\0")
# Each one keeps its length, so that places in a text stay what they are; \0 is passed over like a space.
_BRITISH = (
    (re.compile(r"licens(?=e|ing|or)"), "licenc"),
    (re.compile(r"(?<=[a-z]{2})is(?=e|ing|ation)"), "iz"),
    (re.compile(r"(?<=l)ys(?=e|ing)"), "yz"),
    (re.compile(r"centre"), "center"),
    (re.compile(r"fibre"), "fiber"),
    (re.compile(r"mould"), "mo\0ld"),
    (re.compile(r"sulph"), "sulf\0"),
)


@dataclass(frozen=True)
class Spelt:
    """A text without spaces and hyphens. `places[n]` is where its character n stands in `text`, the folded text."""

    key: str
    places: tuple[int, ...]
    text: str

    def start(self, at: int) -> int:
        """Where a character of the key stands in the text."""
        return self.places[at]

    def end(self, at: int) -> int:
        """Where the text goes on that ends before this character of the key."""
        return self.places[at - 1] + 1


def spelt(text: str) -> Spelt:
    """A text as it is compared with terms."""
    folded = fold(text)
    for pattern, american in _BRITISH:
        folded = pattern.sub(american, folded)
    places = tuple(n for n, character in enumerate(folded) if character not in _GAPS)
    return Spelt("".join(folded[n] for n in places), places, folded)


def english_forms(key: str) -> list[str]:
    """The key of an English term and its other forms: plurals, licensing."""
    forms = [key, f"{key}s"]
    if key.endswith("y"):
        forms.append(f"{key[:-1]}ies")
    if key.endswith(("s", "x", "ch", "sh")):
        forms.append(f"{key}es")
    if key.endswith("licence"):
        forms += [f"{key[:-1]}ing", f"{key}d"]
    return forms
