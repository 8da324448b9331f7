"""Search in Korean, Chinese and English alike: by character bigrams of a folded text, and by single characters.

Chinese has no spaces and Korean joins words, so an index of words would miss most of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from operator import add

MAX_TERMS = 4000
"""Terms stored per profile. A profile with the longest allowed texts can have more; the rest is not found."""
_WORD = re.compile(r"\w+")


def fold(text: str) -> str:
    """Unifies width, case and composition. Every run of other characters than letters and digits becomes a space."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def index_terms(texts: Iterable[str]) -> list[str]:
    """Terms under which a profile is found: characters and bigrams of its words, sorted, without repetition."""
    found: set[str] = set()
    for text in texts:
        for word in fold(text).split():
            # Single characters too: a Chinese word may have only one, and a query of one character has no bigram.
            found.update(word)
            found.update(map(add, word, word[1:]))
    return sorted(found)[:MAX_TERMS]


def query_terms(query: str) -> list[str]:
    """Terms that a profile must have to match the query: bigrams, and words of one character. Empty for a query
    without letters or digits; such a query matches nothing."""
    found: dict[str, None] = {}
    for word in fold(query).split():
        found |= dict.fromkeys([word] if len(word) == 1 else [word[i : i + 2] for i in range(len(word) - 1)])
    return list(found)


def contains_words(query: str, texts: Iterable[str]) -> bool:
    """Whether each word of the query occurs as a whole in one of the texts. Bigrams alone would find abc in abxbc."""
    folded = [fold(text) for text in texts]
    return all(any(word in text for text in folded) for word in fold(query).split())
