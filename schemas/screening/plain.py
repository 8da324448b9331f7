"""A text as a reader sees it: full-width, circled and keycap digits are digits, what is invisible is gone, and letters
are whole however they were put together: jamo are syllables, é is e."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
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
_KEEPS_APART = re.compile("[\u034f\u180b-\u180f\ufe00-\ufe0f]")
"""Marks that are not seen themselves, and would keep jamo from being composed."""
_LATER_JAMO = re.compile("[\u1160-\u11ff\ud7b0-\ud7ff]")
"""Vowels and finals: they go on with the syllable that the character before them began."""
MAX_RUN = 32
"""Longer runs are taken apart: a text may have 30 marks in a row, and composing sorts the marks of a run."""
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
    """What the rules look at, the same for all canonically equivalent texts. Linear in the length of the text."""
    if not _DISGUISED.search(text):
        return Plain(text, range(len(text)))
    characters = _composed(text) if any(map(_continues, set(text))) else ((c, at) for at, c in enumerate(text))
    seen = [(one, at) for character, at in characters if (one := _seen(character))]
    return Plain("".join(one for one, _ in seen), [at for _, at in seen])


def _composed(text: str) -> Iterator[tuple[str, int]]:
    """The characters of the text composed, each with a place in the text, in order."""
    run, places = "", list[int]()
    for at, character in enumerate(text):
        if unicodedata.category(character) == "Cf" or _KEEPS_APART.match(character):
            continue
        if run and (len(run) == MAX_RUN or not _continues(character)):
            yield from _of_run(run, places)
            run, places = "", []
        run += character
        places.append(at)
    if run:
        yield from _of_run(run, places)


def _of_run(run: str, places: list[int]) -> Iterator[tuple[str, int]]:
    """One character and what continues it. Composed characters may also be more than those that were typed."""
    for n, character in enumerate(unicodedata.normalize("NFC", run)):
        yield character, places[min(n, len(places) - 1)]


@lru_cache(maxsize=20_000)
def _continues(character: str) -> bool:
    """Whether the character belongs to the one before it: a mark, or a later jamo of a syllable."""
    return unicodedata.category(character)[0] == "M" or bool(_LATER_JAMO.match(character))


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
    letter = unicodedata.normalize("NFD", character)[0]
    if letter.isascii() and letter.isalpha():
        return letter  # é: a mark above a letter hides no word
    folded = unicodedata.normalize("NFKC", character)
    if len(folded) == 3 and folded[0] == "(" and folded[2] == ")":  # ㈠, ⒜
        folded = folded[1]
    return folded if len(folded) == 1 else character
