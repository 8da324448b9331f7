"""Search in Korean, Chinese and English alike: by character bigrams of a folded text, and by single characters.

Chinese has no spaces and Korean joins words, so an index of words would miss most of them. For the same reason spaces
inside a name do not count, and the legal form of a company is no part of its name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from operator import add

from services.chassis.model import fold

from .legal_forms import in_full, without_forms

MAX_TERMS = 4000
"""Terms stored per profile. A profile with the longest allowed texts can have more; the rest is not found."""
_WORD = re.compile(r"\w+(?:(?<=[a-z])(?:\+\+|#)(?![a-z]))?")
"""C++ and C# are words of their own: without their signs both would be the letter."""


def fold_words(text: str) -> str:
    """The folded words of a text, runs of letters and digits, with one space between two. ㈜ is 주식회사."""
    return " ".join(_WORD.findall(in_full(fold(text))))


def index_terms(texts: Iterable[str]) -> list[str]:
    """Terms under which a profile is found: characters and bigrams of its texts without their spaces, sorted. Where
    there are too many, the first ones of the texts stay, whatever their script."""
    found: dict[str, None] = {}
    for text in texts:
        # Single characters too: a Chinese word may have only one, and a query of one character has no bigram.
        joined = fold_words(text).replace(" ", "")
        found |= dict.fromkeys(joined) | dict.fromkeys(map(add, joined, joined[1:]))
    return sorted(list(found)[:MAX_TERMS])


def query_words(query: str) -> list[str]:
    """The words of a query that must occur. Legal forms of names are left out where anything else is asked for."""
    return without_forms(fold_words(query)).split()


def query_terms(query: str) -> list[str]:
    """Terms that a profile must have to match the query: bigrams, and words of one character. Empty for a query
    without letters or digits; such a query matches nothing."""
    found: dict[str, None] = {}
    for word in query_words(query):
        found |= dict.fromkeys([word] if len(word) == 1 else map(add, word, word[1:]))
    return list(found)


def contains_words(query: str, texts: Iterable[str]) -> bool:
    """Whether each word of the query occurs as a whole in one of the texts. Bigrams alone would find abc in abxbc."""
    folded = [fold_words(text) for text in texts]
    words = query_words(query)
    # Two that stand together in a text may be written apart in the query: e-commerce finds ecommerce.
    pairs = ["", *map(add, words, words[1:]), ""]
    return all(
        any(_occurs(form, text) for text in folded for form in (word, *pairs[at : at + 2]) if form)
        for at, word in enumerate(words)
    )


def _occurs(word: str, text: str) -> bool:
    """Whether the text has the word, in one piece or in several whole words: 한빛센서 is in 한빛 센서의, and 객체 is
    not in 고객 체험. A Latin word or a number begins where one begins, AI is not in maintenance; in several pieces it
    also ends as a word, as it has no particles."""
    if word in text and (not word[0].isascii() or re.search(rf"(?<![a-z0-9]){re.escape(word)}", text)):
        return True
    apart = " ?".join(map(re.escape, word)) + (r"(?!\w)" if word[-1].isascii() else "")
    return re.search(rf"(?<!\w){apart}", text) is not None
