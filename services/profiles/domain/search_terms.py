"""Search in Korean, Chinese and English alike: by character bigrams of a folded text, and by single characters.

Chinese has no spaces and Korean joins words, so an index of words would miss most of them. For the same reason spaces
inside a name do not count, and the legal form of a company is no part of its name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, zip_longest
from operator import add

from services.chassis.model import fold

from .legal_forms import in_full, without_forms

MAX_TERMS = 4000
"""Terms stored per profile. One with the longest allowed texts can have more: its owner is told (`cut_texts`)."""
_WORD = re.compile(r"\w+(?:(?<=[a-z])(?:\+\+|#)(?![a-z]))?")
"""C++ and C# are words of their own: without their signs both would be the letter."""


def fold_words(text: str) -> str:
    """The folded words of a text, runs of letters and digits, with one space between two. ㈜ is 주식회사."""
    return " ".join(_WORD.findall(in_full(fold(text))))


def index_terms(texts: Iterable[str]) -> list[str]:
    """Terms under which a profile is found: bigrams and characters of its texts without their spaces, sorted. Where
    there are too many, each text has the same share, which is its beginning, and bigrams go before characters."""
    joined = [_joined(text) for text in texts]
    # Single characters too: a Chinese word may have only one, and a query of one character has no bigram.
    in_turn = chain(_in_turn(map(_bigrams, joined)), _in_turn(joined))
    found: dict[str, None] = {}
    for term in in_turn:
        found[term] = None
        if len(found) == MAX_TERMS:
            break
    return sorted(found)


def cut_texts(texts: Iterable[str], terms: Collection[str]) -> list[int]:
    """Which of the texts are not found by all that they say, because of MAX_TERMS."""
    return [at for at, text in enumerate(texts) if not all(pair in terms for pair in _bigrams(_joined(text)))]


def _joined(text: str) -> str:
    return fold_words(text).replace(" ", "")


def _bigrams(joined: str) -> Iterator[str]:
    return map(add, joined, joined[1:])


def _in_turn(sources: Iterable[Iterable[str]]) -> Iterator[str]:
    """The first of each, then the second of each, until all have ended."""
    return (one for row in zip_longest(*sources) for one in row if one is not None)


def query_words(query: str) -> list[str]:
    """The words of a query that must occur. Legal forms of names are left out where anything else is asked for."""
    return without_forms(fold_words(query)).split()


def query_terms(query: str) -> list[str]:
    """Terms that a profile must have to match the query: bigrams, or characters where no word has two. Empty for a
    query without letters or digits; such a query matches nothing."""
    words = query_words(query)
    # A long profile has no place for single characters: they are asked for where nothing else can be.
    return list(dict.fromkeys(pair for word in words for pair in _bigrams(word))) or list(dict.fromkeys(words))


def contains_words(query: str, texts: Iterable[str]) -> bool:
    """Whether each word of the query occurs as a whole in one of the texts. Bigrams alone would find abc in abxbc."""
    folded = [(text, text.replace(" ", "")) for text in map(fold_words, texts)]
    words = query_words(query)
    # Two that stand together in a text may be written apart in the query: e-commerce finds ecommerce.
    pairs = ["", *map(add, words, words[1:]), ""]
    return all(
        any(_occurs(form, *text) for text in folded for form in (word, *pairs[at : at + 2]) if form)
        for at, word in enumerate(words)
    )


def _occurs(word: str, text: str, joined: str) -> bool:
    """Whether the text has the word, in one piece or in several whole words: 한빛센서 is in 한빛 센서의, and 객체 is
    not in 고객 체험. A Latin word or a number begins where one begins, AI is not in maintenance; in several pieces it
    also ends as a word, as it has no particles."""
    if word not in joined:
        # The rest is a hundred times as much work, and a query may have a hundred words.
        return False
    if word in text and (not word[0].isascii() or re.search(rf"(?<![a-z0-9]){re.escape(word)}", text)):
        return True
    apart = " ?".join(map(re.escape, word)) + (r"(?!\w)" if word[-1].isascii() else "")
    return re.search(rf"(?<!\w){apart}", text) is not None
