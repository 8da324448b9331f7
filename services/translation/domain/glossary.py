"""The forum's terms in three languages, and how a text is glossed with them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict


class Term(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    ko: str
    zh: str
    en: str
    topic: str
    locked: bool = False
    """A translation has to say it with exactly this word."""

    def in_(self, lang: str) -> str:
        return str(getattr(self, lang))


_HANGUL, _HAN, _KANA = re.compile(r"[\uac00-\ud7a3]"), re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[\u3041-\u30fa]")
LABEL = {"ko": "용어 풀이", "zh": "术语对照", "en": "Key terms"}
JOIN = {"ko": " · ", "zh": " · ", "en": " · "}


@dataclass(frozen=True)
class Glossary:
    """Finds terms in running text: the longest at each place, each term once, in the order of the text."""

    terms: Sequence[Term]
    _by_first: dict[str, dict[str, list[tuple[str, Term]]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for lang in LABEL:
            buckets: dict[str, list[tuple[str, Term]]] = {}
            for term in self.terms:
                word = folded(term.in_(lang))
                buckets.setdefault(word[0], []).append((word, term))
            for entries in buckets.values():
                entries.sort(key=lambda entry: (-len(entry[0]), entry[0]))
            self._by_first[lang] = buckets

    def found_in(self, text: str, lang: str) -> list[Term]:
        plain, at = folded(text), 0
        found: dict[str, Term] = {}
        while at < len(plain):
            match = self._at(plain, at, lang)
            if match is None:
                at += 1
                continue
            word, term = match
            found.setdefault(term.id, term)
            at += len(word)
        return list(found.values())

    def _at(self, plain: str, at: int, lang: str) -> tuple[str, Term] | None:
        for word, term in self._by_first[lang].get(plain[at], ()):
            if plain.startswith(word, at) and (lang != "en" or _is_word(plain, at, at + len(word))):
                return word, term
        return None

    def gloss(self, text: str, *, source: str, target: str) -> str | None:
        """The known terms of a text in another language, as a list that says what it is; None where none is known."""
        terms = self.found_in(text, source)
        if not terms:
            return None
        return f"[{LABEL[target]}] " + JOIN[target].join(term.in_(target) for term in terms)


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _is_word(plain: str, start: int, end: int) -> bool:
    """English words end where letters do; a plural s may follow."""
    before = plain[start - 1] if start else " "
    rest = plain[end:]
    rest = rest[1:] if rest.startswith("s") else rest
    return not before.isalnum() and not (rest[:1].isalnum())


def duplicates(terms: Iterable[Term]) -> list[str]:
    """Words that stand for two terms in one language: a gloss could not know which."""
    seen: dict[tuple[str, str], str] = {}
    return [
        f"{lang}: {term.in_(lang)}"
        for term in terms
        for lang in LABEL
        if seen.setdefault((lang, folded(term.in_(lang))), term.id) != term.id
    ]


def clashes(term: Term, others: Iterable[Term]) -> list[tuple[str, str]]:
    """In which languages a term's word is another term's already, and whose."""
    return [
        (lang, other.id)
        for lang in LABEL
        for other in others
        if other.id != term.id and folded(other.in_(lang)) == folded(term.in_(lang))
    ]


def joined(shipped: Iterable[Term], added: Iterable[Term]) -> list[Term]:
    """The shipped terms, with those that were added after them or, where the id is known, in their place."""
    return list({term.id: term for term in (*shipped, *added)}.values())


def is_word_of(lang: str, word: str) -> bool:
    """A term is written in the script of its language, or in Latin letters as the world writes it (LiDAR)."""
    foreign = {"ko": (_HAN, _KANA), "zh": (_HANGUL, _KANA), "en": (_HAN, _HANGUL, _KANA)}[lang]
    return any(c.isalnum() for c in word) and not any(script.search(word) for script in foreign)
