"""What must survive a translation (docs/rules.md, section 10). A translation that fails a check is stored with the name
of the check, and readers see the original."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from schemas.common import Text
from services.chassis.model import fold

from .comparing import Comparison, compare_figures
from .glossary import Glossary, Term, says
from .names import names_in

PLACEHOLDER = re.compile(r"\{\{\s*[\w.]+\s*\}\}|\$?\{[\w.]*\}|(?<![\d%])%(?:\(\w+\)|\d+\$)?[sdif](?![A-Za-z])|<\d+/?>")
URL = re.compile(r"(?:https?://|www\.)[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*[A-Za-z0-9/=#]", re.IGNORECASE)
MAIL = re.compile(r"(?<![A-Za-z0-9.+_-])[A-Za-z0-9.+_-]++@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
OWN_SCRIPT = {"ko": HANGUL, "zh": HAN, "en": re.compile(r"(?<![A-Za-z])[A-Za-z]{2,}+\W++[A-Za-z]{2,}")}
LATIN_WORD = re.compile(r"(?<![A-Za-z])[a-z]{2,}(?![A-Za-z])")
MIN_LATIN_WORDS = 5
IN_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）|\"[^\"]*\"|“[^“”]*”|《[^《》]*》")

# How much information a character has, roughly; a Han character has 1. Fitted to the translations of the tests.
HANGUL_WEIGHT, LATIN_WEIGHT = 0.6, 0.3
MIN_LENGTH_RATIO, MAX_LENGTH_RATIO = 0.45, 2.2
LENGTH_ALLOWANCE = 4.0
"""Added to both lengths, so that the ratio of two short texts says little."""


@dataclass(frozen=True)
class TranslationPair:
    """A text and its translation, with the glossary that was used."""

    source: Text
    target: Text
    glossary: Glossary

    @cached_property
    def figures(self) -> Comparison:
        """What is wrong with the figures."""
        return compare_figures(*(_without_literals(text.text) for text in (self.source, self.target)))


def failed_checks(source: Text, target: Text, glossary: Glossary) -> list[str]:
    """Names of the checks that a machine's translation fails; empty if it passes all."""
    pair = TranslationPair(source, target, glossary)
    return [name for name, holds in CHECKS.items() if not holds(pair)]


# -- what must survive unchanged


def _same_matches(pattern: re.Pattern[str]) -> Callable[[TranslationPair], bool]:
    """A check: the translation has the matches of the pattern, each one as often as the original."""

    def check(pair: TranslationPair) -> bool:
        # Sorted, as another language may need another order.
        return sorted(pattern.findall(pair.source.text)) == sorted(pattern.findall(pair.target.text))

    return check


def _names(pair: TranslationPair) -> bool:
    names = names_in(_without_literals(pair.source.text), pair.source.lang)
    return all(_is_word_of(name, pair.target.text) for name in names if not _is_term(name, pair))


def _is_word_of(name: str, text: str) -> bool:
    """Orion is not said by OrionX."""
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", text) is not None


def _is_term(name: str, pair: TranslationPair) -> bool:
    return any(fold(name) in fold(term.word(pair.source.lang)) for term in _terms(pair))


def _locked(pair: TranslationPair) -> bool:
    return all(says(term, pair.target.lang, pair.target.text) for term in _terms(pair) if term.locked)


def _terms(pair: TranslationPair) -> list[Term]:
    return pair.glossary.find_terms(pair.source.text, pair.source.lang)


def _without_literals(text: str) -> str:
    for pattern in (URL, MAIL, PLACEHOLDER):
        text = pattern.sub(" ", text)
    return text


# -- scripts and length


def _no_hangul_left(pair: TranslationPair) -> bool:
    return pair.target.lang != "zh" or not HANGUL.search(pair.target.text)


def _is_korean(pair: TranslationPair) -> bool:
    """A Korean text may have some Chinese characters, but not more of them than Hangul."""
    if pair.target.lang != "ko":
        return True
    hangul, han = (len(script.findall(pair.target.text)) for script in (HANGUL, HAN))
    return hangul >= han and (hangul > 0 or not _has_words(pair.source)) and not _is_left_in_latin(pair, hangul)


def _is_chinese(pair: TranslationPair) -> bool:
    if pair.target.lang != "zh":
        return True
    han = len(HAN.findall(pair.target.text))
    return (han > 0 or not _has_words(pair.source)) and not _is_left_in_latin(pair, han)


def _is_left_in_latin(pair: TranslationPair, own: int) -> bool:
    """Whether running words in Latin letters outnumber the characters of the language: one name of a city in Hangul
    makes no Korean text. Words that the original has in Latin letters in another script may stay."""
    words = LATIN_WORD.findall(_without_literals(pair.target.text))
    if pair.source.lang != "en":
        kept = set(LATIN_WORD.findall(pair.source.text))
        words = [word for word in words if word not in kept]
    return len(words) >= MIN_LATIN_WORDS and len(words) > own


def _is_english(pair: TranslationPair) -> bool:
    """Outside brackets and quotes, where a name may have its original form, there is no Hangul and no Han."""
    if pair.target.lang != "en":
        return True
    running = IN_BRACKETS.sub(" ", pair.target.text)
    return not (HANGUL.search(running) or HAN.search(running))


def _no_kana(pair: TranslationPair) -> bool:
    return not KANA.search(pair.target.text) or bool(KANA.search(pair.source.text))


def _has_words(text: Text) -> bool:
    """Whether it has words of its language, beside model numbers and names."""
    return bool(OWN_SCRIPT[text.lang].search(text.text))


def _length(pair: TranslationPair) -> bool:
    ratio = (_weight(pair.target.text) + LENGTH_ALLOWANCE) / (_weight(pair.source.text) + LENGTH_ALLOWANCE)
    return MIN_LENGTH_RATIO <= ratio <= MAX_LENGTH_RATIO


def _weight(text: str) -> float:
    letters = [c for c in text if not c.isspace()]
    han, hangul = (sum(bool(script.match(c)) for c in letters) for script in (HAN, HANGUL))
    return han + HANGUL_WEIGHT * hangul + LATIN_WEIGHT * (len(letters) - han - hangul)


CHECKS: dict[str, Callable[[TranslationPair], bool]] = {
    "placeholders": _same_matches(PLACEHOLDER),
    "numbers": lambda pair: not pair.figures.numbers,
    "units": lambda pair: not pair.figures.units,
    "figures_unsure": lambda pair: not pair.figures.unsure,
    "urls": _same_matches(URL),
    "emails": _same_matches(MAIL),
    "names": _names,
    "locked_terms": _locked,
    "hangul_left": _no_hangul_left,
    "not_korean": _is_korean,
    "not_chinese": _is_chinese,
    "cjk_left": _is_english,
    "kana": _no_kana,
    "length": _length,
}
