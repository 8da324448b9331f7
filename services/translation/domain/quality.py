"""What must survive a translation (docs/rules.md, section 10). A translation that fails a check is stored with the name
of the check, and readers see the original."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from schemas.common import Text

from .glossary import Glossary, Term, fold
from .numbers import numbers_in_digits, numbers_in_words, to_half_width

PLACEHOLDER = re.compile(r"\{\{\s*[\w.]+\s*\}\}|\$?\{[\w.]*\}|(?<![\d%])%(?:\(\w+\)|\d+\$)?[sdif](?![A-Za-z])|<\d+/?>")
URL = re.compile(r"(?:https?://|www\.)[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*[A-Za-z0-9/=#]", re.IGNORECASE)
MAIL = re.compile(r"(?<![A-Za-z0-9.+_-])[A-Za-z0-9.+_-]++@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
OWN_SCRIPT = {"ko": HANGUL, "zh": HAN, "en": re.compile(r"(?<![A-Za-z])[A-Za-z]{2,}+\W++[A-Za-z]{2,}")}
IN_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）|\"[^\"]*\"|“[^“”]*”|《[^《》]*》")

# Firms write their names in mixed case. An English text has ordinary capitals too, so there the pattern is narrower.
NAME = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z][a-z]+[A-Za-z0-9]*|[A-Za-z0-9]*[a-z][A-Z][A-Za-z0-9]*)(?![A-Za-z0-9])")
NAME_IN_ENGLISH = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]*[a-z]{2}[A-Z][a-z][A-Za-z0-9]*(?![A-Za-z0-9])")
FIRM = re.compile(r"(?<![A-Za-z0-9&-])([A-Z][A-Za-z0-9&-]++),? (?:Co\.?,? ?Ltd|Inc|Ltd|Corp|LLC|GmbH)\b")
_ORDINARY = """
Co Ltd Inc Corp GmbH Series IoT SaaS PaaS IaaS WiFi WeChat LiDAR Lidar MHz GHz Hz Pa Wh Ah Mbps Gbps Nm Demo Day Open
Lab Pilot Smart Korea Korean China Chinese Seoul Beijing Shanghai PoC DevOps PhD App Web Type Level Class Global Test
"""
NO_NAMES = frozenset(_ORDINARY.split())

# How much information a character has, roughly; a Han character has 1. Fitted to the translations of the tests.
HANGUL_WEIGHT, LATIN_WEIGHT = 0.6, 0.3
MIN_LENGTH_RATIO, MAX_LENGTH_RATIO = 0.45, 2.2
LENGTH_ALLOWANCE = 4.0
"""Added to both lengths, so that the ratio of two short texts says little."""

# No \b after Latin letters: a Korean particle follows them without a space.
UNITS = {
    "%": r"%|퍼센트|프로(?!그|젝|세|토|모|필)|percent|per cent",
    "nm": r"nm(?![A-Za-z])|나노(?:미터)?|纳米|nanomet",
    "mm": r"mm(?![A-Za-z])|밀리미터|毫米|millimet",
    "cm": r"cm(?![A-Za-z])|센티미터|厘米|centimet",
    "km": r"km(?![A-Za-z])|킬로미터|公里|千米|kilomet",
    "m": r"m(?![A-Za-z])|미터|米|met(?:re|er)s?(?![A-Za-z])",
    "g": r"g(?![A-Za-z])|그램|克|grams?(?![A-Za-z])",
    "kg": r"kg(?![A-Za-z])|킬로그램|公斤|千克|kilos?(?![A-Za-z])|kilogram",
    "t": r"t(?![A-Za-z])|톤|吨|ton(?:ne)?s?(?![A-Za-z])",
    "ha": r"ha(?![A-Za-z])|헥타르|公顷|hectare",
    "°C": r"°C|℃|摄氏度",
    "won": r"원(?!자|료|격|형|천|단)|韩元|韩币|KRW|won(?![A-Za-z])",
    "yuan": r"元|위안|人民币|RMB|CNY|yuan",
    "dollar": r"달러|美元|美金|USD|dollars?(?![A-Za-z])",
    "hour": r"시간|小时|hours?(?![A-Za-z])",
    "minute": r"분(?!의|야|기|석|류|리|산|말)|分钟|minutes?(?![A-Za-z])",
    "day": r"일(?!부|반)|天|days?(?![A-Za-z])",
    "week": r"주(?!문|년|요|행|거)|周(?!年)|weeks?(?![A-Za-z])",
    "month": r"개월|个月|months?(?![A-Za-z])",
    "kW": r"kW(?![A-Za-z])|킬로와트|千瓦(?!时)|kilowatts?(?![A-Za-z])",
    "MW": r"MW(?![A-Za-z])|메가와트|兆瓦|megawatts?(?![A-Za-z])",
}
# Lookaheads exclude words that begin alike: 프로 is percent, 프로젝트 a project; 원 is won, 원료 raw material.
_UNIT = {unit: re.compile(rf"[\s-]?(?:{pattern})") for unit, pattern in UNITS.items()}


@dataclass(frozen=True)
class TranslationPair:
    """A text and its translation, with the glossary that was used."""

    source: Text
    target: Text
    glossary: Glossary


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
    text = _without_literals(pair.source.text)
    pattern = NAME_IN_ENGLISH if pair.source.lang == "en" else NAME
    names = {*pattern.findall(text), *FIRM.findall(text)} - NO_NAMES
    return all(name in pair.target.text for name in names if not _is_term(name, pair))


def _is_term(name: str, pair: TranslationPair) -> bool:
    return any(fold(name) in fold(term.word(pair.source.lang)) for term in _terms(pair))


def _locked(pair: TranslationPair) -> bool:
    target = fold(pair.target.text)
    return all(fold(term.word(pair.target.lang)) in target for term in _terms(pair) if term.locked)


def _terms(pair: TranslationPair) -> list[Term]:
    return pair.glossary.find_terms(pair.source.text, pair.source.lang)


# -- numbers


def _numbers(pair: TranslationPair) -> bool:
    """Every number that one text has in digits is in the other one too, in digits or in words."""
    source, target = (to_half_width(_without_literals(text.text)) for text in (pair.source, pair.target))
    return _covers(source, target) and _covers(target, source)


def _covers(text: str, other: str) -> bool:
    # Only numbers in digits must be found again. A word may be no number at all: 세 in 세계 (world) reads as three.
    known = numbers_in_words(other).union(*(number.values for number in numbers_in_digits(other)))
    return all(number.values & known for number in numbers_in_digits(text) if not number.is_part_of_name)


def _units(pair: TranslationPair) -> bool:
    """A number that has a unit in both texts has the same one."""
    source, target = (_with_units(to_half_width(_without_literals(text.text))) for text in (pair.source, pair.target))
    shared = [(units, target[value]) for value, units in source.items() if value in target]
    return all(None in units or None in others or units & others for units, others in shared)


def _with_units(text: str) -> dict[Decimal, set[str | None]]:
    found: dict[Decimal, set[str | None]] = {}
    for number in numbers_in_digits(text):
        unit = next((unit for unit, pattern in _UNIT.items() if pattern.match(text, number.end)), None)
        for value in number.values:
            found.setdefault(value, set()).add(unit)
    return found


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
    return hangul >= han and (hangul > 0 or not _has_words(pair.source))


def _is_chinese(pair: TranslationPair) -> bool:
    return pair.target.lang != "zh" or bool(HAN.search(pair.target.text)) or not _has_words(pair.source)


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
    "numbers": _numbers,
    "units": _units,
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
