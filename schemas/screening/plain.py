"""A text as a reader sees it: full-width, circled and keycap digits are digits, what is invisible is gone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_SIGNS = (
    dict.fromkeys("‐‑‒–—―−﹣ー─━ㅡ", "-")
    | dict.fromkeys("。·・•‧｡∙⋅ㆍ", ".")
    | dict.fromkeys("、，﹐", ",")
    | dict.fromkeys("\u115f\u1160\u2800\u3164\uffa0\u00a0", " ")  # letters without ink
    | dict.fromkeys("❤♥♡", "\u2665")
    | dict.fromkeys("【「『〔〖《〈", "(")
    | dict.fromkeys("】」』〕〗》〉", ")")
    | {"〇": "零", "＋": "+", "➕": "+"}
)
_DISGUISED = re.compile("[^\x00-\x7f가-힣一-鿿]")
"""Any other character may look like an ASCII one (full-width digits, dashes, invisible characters)."""
_INVISIBLE = frozenset({"Cf", "Mn", "Me"})
_RAISED = re.compile("[\u00b2\u00b3\u00b9\u2070-\u209f]")
"""Exponents and indices: the 2 of m² is no digit of a number before it."""


@dataclass(frozen=True, slots=True)
class Plain:
    """`text` with, for each of its characters, its place in what was typed."""

    text: str
    places: Sequence[int]

    def without(self, spans: Sequence[tuple[int, int]]) -> Plain:
        """The same with these spans blanked: a mark that joins nothing stands in their place."""
        if not spans:
            return self
        characters = list(self.text)
        for start, end in spans:
            characters[start:end] = "\u0001" * (end - start)
        return Plain("".join(characters), self.places)


def plain(text: str) -> Plain:
    """What the rules look at. Linear in the length of the text."""
    if not _DISGUISED.search(text):
        return Plain(text, range(len(text)))
    seen = [(one, at) for at, character in enumerate(text) if (one := _seen(character))]
    return Plain("".join(one for one, _ in seen), [at for _, at in seen])


@lru_cache(maxsize=20_000)
def _seen(character: str) -> str:
    """The character that looks the same, the character itself, or an empty string if it is invisible."""
    if character.isascii():
        return character
    if character in _SIGNS:
        return _SIGNS[character]
    if unicodedata.category(character) in _INVISIBLE:
        return ""
    digit = unicodedata.digit(character, None)
    if digit is not None and not _RAISED.match(character):
        return str(digit)
    if "\u3131" <= character <= "\u318e":
        return character  # Hangul letters that stand alone: NFKC would make half syllables of them
    folded = unicodedata.normalize("NFKC", character)
    if len(folded) == 3 and folded[0] == "(" and folded[2] == ")":  # ㈠, ⒜
        folded = folded[1]
    return folded if len(folded) == 1 else character
