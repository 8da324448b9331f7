"""The glossary: terms in three languages, and how they are found in a text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from .other_words import OTHER_WORDS
from .spelling import Spelt, english_forms, spelt


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
# Korean joins particles to a word (배터리를), and words to words (공동연구계약).
_END_OF_WORD = re.compile(r"(?:[을를이가은는과와의에도로만등]|에서|으로|까지|부터|입니다|이며|이나)?(?![가-힣])")
LABEL = {"ko": "용어 풀이", "zh": "术语对照", "en": "Key terms"}
"""What a gloss begins with, so that no reader takes it for a translation."""
SEPARATOR = " · "


_MIN_LOOSE, _MIN_INNER = 4, 3
"""From how many characters a Korean or Chinese term may be written with a space that the glossary does not have, and
from how many a Korean one is a term inside a longer word as well."""


@dataclass(frozen=True)
class _Entry:
    """A writing of a term: its key, and after how many characters of it the glossary has a space."""

    key: str
    gaps: frozenset[int]
    term: Term


@dataclass(frozen=True)
class Glossary:
    """Terms that can be found in running text. If two begin at the same place, the longer one counts."""

    terms: Sequence[Term]
    _by_first_character: dict[str, dict[str, list[_Entry]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for lang in LABEL:
            buckets: dict[str, list[_Entry]] = {}
            for term in self.terms:
                for entry in _entries(term, lang):
                    buckets.setdefault(entry.key[0], []).append(entry)
            for entries in buckets.values():
                entries.sort(key=lambda entry: (-len(entry.key), entry.key))
            self._by_first_character[lang] = buckets

    def find_terms(self, text: str, lang: str) -> list[Term]:
        """The terms of a text, each one once, in the order of the text."""
        written, at, last_end, no_term = spelt(text), 0, 0, OTHER_WORDS[lang]
        found: dict[str, Term] = {}
        while at < len(written.key):
            if other := no_term.match(written.text, written.start(at)):
                at = max(at + 1, bisect_left(written.places, other.end()))
                continue
            entry = self._entry_at(written, at, lang, is_joined=at == last_end)
            if entry is None:
                at += 1
                continue
            found.setdefault(entry.term.id, entry.term)
            at = last_end = at + len(entry.key)
        return list(found.values())

    def _entry_at(self, written: Spelt, at: int, lang: str, *, is_joined: bool) -> _Entry | None:
        for entry in self._by_first_character[lang].get(written.key[at], ()):
            if written.key.startswith(entry.key, at) and _is_here(written, at, entry, lang, is_joined=is_joined):
                return entry
        return None

    def gloss(self, text: str, *, source: str, target: str) -> str | None:
        """The terms of a text in another language, as a labelled list; None if the text has no known term."""
        terms = self.find_terms(text, source)
        if not terms:
            return None
        return f"[{LABEL[target]}] " + SEPARATOR.join(term.word(target) for term in terms)


def _entries(term: Term, lang: str) -> list[_Entry]:
    word = spelt(term.word(lang))
    gaps = frozenset(n for n in range(1, len(word.key)) if word.places[n] > word.places[n - 1] + 1)
    keys = english_forms(word.key) if lang == "en" else [word.key]
    return [_Entry(key, gaps, term) for key in keys]


def _is_here(written: Spelt, at: int, entry: _Entry, lang: str, *, is_joined: bool) -> bool:
    """Whether a term whose characters stand here is meant, and is no part of another word."""
    return _is_whole(written, at, entry, lang, is_joined=is_joined) and all(
        n in entry.gaps or _may_be_apart(entry.key, n, lang) for n in _gaps(written, at, len(entry.key))
    )


def _is_whole(written: Spelt, at: int, entry: _Entry, lang: str, *, is_joined: bool) -> bool:
    start, end = written.start(at), written.end(at + len(entry.key))
    before, after = written.text[start - 1 : start] if start else "", written.text[end : end + 1]
    if lang == "en":
        return not before.isalnum() and not after.isalnum()
    if _are_latin(before, entry.key[0]) or _are_latin(entry.key[-1], after):
        return False
    is_inner = lang == "ko" and not is_joined and len(entry.key) < _MIN_INNER and _HANGUL.match(before) is not None
    return not is_inner or _ends_compound(written.text, start, end)


def _ends_compound(text: str, start: int, end: int) -> bool:
    """Whether a short Korean term ends a longer word, as 센서 in 온도센서를. 개인재산 has no 인재: one syllable before
    it is no word, and what follows it is no particle."""
    return len(_HANGUL.findall(text[max(0, start - 2) : start])) == 2 and _END_OF_WORD.match(text, end) is not None


def _are_latin(one: str, other: str) -> bool:
    return all(c.isascii() and c.isalnum() for c in (one, other)) if one and other else False


def _gaps(written: Spelt, at: int, length: int) -> list[int]:
    """After how many characters of a term the text has a space."""
    return [n for n in range(1, length) if written.start(at + n) > written.start(at + n - 1) + 1]


def _may_be_apart(key: str, at: int, lang: str) -> bool:
    return lang != "en" and (len(key) >= _MIN_LOOSE or key[at - 1].isascii() or key[at].isascii())


def says(term: Term, lang: str, text: str) -> bool:
    """Whether a text has the word of a term, however it is spelt and spaced: "maintain" does not say AI."""
    written = spelt(text)
    return any(_says(written, entry, lang) for entry in _entries(term, lang))


def _says(written: Spelt, entry: _Entry, lang: str) -> bool:
    at = written.key.find(entry.key)
    while at >= 0:
        if lang == "en" and _is_here(written, at, entry, lang, is_joined=False):
            return True
        if lang != "en" and _is_whole(written, at, entry, lang, is_joined=False):
            return True
        at = written.key.find(entry.key, at + 1)
    return False


def ambiguous_words(terms: Iterable[Term]) -> list[str]:
    """Words that stand for two terms in one language, as `language: word`. A text with one could not be rendered."""
    seen: dict[tuple[str, str], str] = {}
    return [
        f"{lang}: {term.word(lang)}"
        for term in terms
        for lang in LABEL
        if seen.setdefault((lang, spelt(term.word(lang)).key), term.id) != term.id
    ]


def conflicting_words(term: Term, others: Iterable[Term]) -> list[tuple[str, str]]:
    """(language, id of the other term) for each word that another term has already."""
    return [
        (lang, other.id)
        for lang in LABEL
        for other in others
        if other.id != term.id and spelt(other.word(lang)).key == spelt(term.word(lang)).key
    ]


def merge_terms(shipped: Iterable[Term], added: Iterable[Term]) -> list[Term]:
    """The shipped terms and then the added ones; an added term with the id of a shipped one takes its place."""
    return list({term.id: term for term in (*shipped, *added)}.values())


def is_word_of(lang: str, word: str) -> bool:
    """Whether a word is written in the script of the language, or in Latin letters, which all three use (LiDAR)."""
    foreign = {"ko": (_HAN, _KANA), "zh": (_HANGUL, _KANA), "en": (_HAN, _HANGUL, _KANA)}[lang]
    return any(c.isalnum() for c in word) and not any(script.search(word) for script in foreign)
