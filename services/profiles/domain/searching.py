"""Words found in Korean, Chinese and English alike: character bigrams of a folded text, and single characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from operator import add

MAX_TERMS = 4000
_WORD = re.compile(r"\w+")


def fold(text: str) -> str:
    """Width, case and composition made one; what is no letter or digit becomes a space."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def terms(texts: Iterable[str]) -> list[str]:
    """What a profile is found by: its characters and its bigrams, across the words of one text only."""
    found: set[str] = set()
    for text in texts:
        for word in fold(text).split():
            found.update(word)
            found.update(map(add, word, word[1:]))
    return sorted(found)[:MAX_TERMS]


def wanted(query: str) -> list[str]:
    """What must all be among a profile's terms. Empty for a query without letters or digits, which finds nothing."""
    found: dict[str, None] = {}
    for word in fold(query).split():
        found |= dict.fromkeys([word] if len(word) == 1 else [word[i : i + 2] for i in range(len(word) - 1)])
    return list(found)


def really_holds(query: str, texts: Iterable[str]) -> bool:
    """Bigrams find candidates; each word of the query must stand unbroken in one of the texts."""
    folded = [fold(text) for text in texts]
    return all(any(word in text for text in folded) for word in fold(query).split())
