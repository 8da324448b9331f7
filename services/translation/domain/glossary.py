"""The glossary: terms in three languages, and how they are found in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from services.chassis.model import fold


class Term(BaseModel):
    """One meaning with its word in each language."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str
    ko: str
    zh: str
    en: str
    topic: str
    locked: bool = False
    """A translation must use exactly this word."""

    def word(self, lang: str) -> str:
        """Its word in a language."""
        return str(getattr(self, lang))


_HANGUL, _HAN, _KANA = re.compile(r"[\uac00-\ud7a3]"), re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[\u3041-\u30fa]")
LABEL = {"ko": "용어 풀이", "zh": "术语对照", "en": "Key terms"}
"""What a gloss begins with, so that no reader takes it for a translation."""
SEPARATOR = " · "


@dataclass(frozen=True)
class Glossary:
    """Terms that can be found in running text. If two begin at the same place, the longer one counts."""

    terms: Sequence[Term]
    _by_first_character: dict[str, dict[str, list[tuple[str, Term]]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for lang in LABEL:
            buckets: dict[str, list[tuple[str, Term]]] = {}
            for term in self.terms:
                word = fold(term.word(lang))
                buckets.setdefault(word[0], []).append((word, term))
            for entries in buckets.values():
                entries.sort(key=lambda entry: (-len(entry[0]), entry[0]))
            self._by_first_character[lang] = buckets

    def find_terms(self, text: str, lang: str) -> list[Term]:
        """The terms of a text, each one once, in the order of the text."""
        folded, at = fold(text), 0
        found: dict[str, Term] = {}
        while at < len(folded):
            match = self._term_at(folded, at, lang)
            if match is None:
                at += 1
                continue
            word, term = match
            found.setdefault(term.id, term)
            at += len(word)
        return list(found.values())

    def _term_at(self, folded: str, at: int, lang: str) -> tuple[str, Term] | None:
        for word, term in self._by_first_character[lang].get(folded[at], ()):
            # Only English has spaces between words: Chinese has none, and Korean joins particles to a word (배터리를).
            if folded.startswith(word, at) and (lang != "en" or _is_whole_word(folded, at, at + len(word))):
                return word, term
        return None

    def gloss(self, text: str, *, source: str, target: str) -> str | None:
        """The terms of a text in another language, as a labelled list; None if the text has no known term."""
        terms = self.find_terms(text, source)
        if not terms:
            return None
        return f"[{LABEL[target]}] " + SEPARATOR.join(term.word(target) for term in terms)


def _is_whole_word(folded: str, start: int, end: int) -> bool:
    """Whether an English word begins and ends here; a plural s may follow."""
    before = folded[start - 1] if start else " "
    rest = folded[end:]
    rest = rest[1:] if rest.startswith("s") else rest
    return not before.isalnum() and not (rest[:1].isalnum())


def ambiguous_words(terms: Iterable[Term]) -> list[str]:
    """Words that stand for two terms in one language, as `language: word`. A text with one could not be rendered."""
    seen: dict[tuple[str, str], str] = {}
    return [
        f"{lang}: {term.word(lang)}"
        for term in terms
        for lang in LABEL
        if seen.setdefault((lang, fold(term.word(lang))), term.id) != term.id
    ]


def conflicting_words(term: Term, others: Iterable[Term]) -> list[tuple[str, str]]:
    """(language, id of the other term) for each word that another term has already."""
    return [
        (lang, other.id)
        for lang in LABEL
        for other in others
        if other.id != term.id and fold(other.word(lang)) == fold(term.word(lang))
    ]


def merge_terms(shipped: Iterable[Term], added: Iterable[Term]) -> list[Term]:
    """The shipped terms and then the added ones; an added term with the id of a shipped one takes its place."""
    return list({term.id: term for term in (*shipped, *added)}.values())


def is_word_of(lang: str, word: str) -> bool:
    """Whether a word is written in the script of the language, or in Latin letters, which all three use (LiDAR)."""
    foreign = {"ko": (_HAN, _KANA), "zh": (_HANGUL, _KANA), "en": (_HAN, _HANGUL, _KANA)}[lang]
    return any(c.isalnum() for c in word) and not any(script.search(word) for script in foreign)
