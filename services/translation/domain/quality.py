"""What must survive a translation (rule 10). A translation that fails a check is kept with the check's name, and its
readers see the original."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from schemas.common import Text

from .glossary import Glossary, Term, folded
from .numbers import in_digits, plain, spelled

PLACEHOLDER = re.compile(r"\{\{\s*[\w.]+\s*\}\}|\$?\{[\w.]*\}|(?<![\d%])%(?:\(\w+\)|\d+\$)?[sdif](?![A-Za-z])|<\d+/?>")
URL = re.compile(r"(?:https?://|www\.)[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*[A-Za-z0-9/=#]", re.IGNORECASE)
MAIL = re.compile(r"[A-Za-z0-9.+_-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
OWN_SCRIPT = {"ko": HANGUL, "zh": HAN, "en": re.compile(r"[A-Za-z]{2,}\W+[A-Za-z]{2,}")}
IN_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）|\"[^\"]*\"|“[^”]*”|《[^》]*》")

# Mixed case is how firms write their names; of a text in English only what cannot be an ordinary capital.
NAME = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z][a-z]+[A-Za-z0-9]*|[A-Za-z0-9]*[a-z][A-Z][A-Za-z0-9]*)(?![A-Za-z0-9])")
NAME_IN_ENGLISH = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]*[a-z]{2}[A-Z][a-z][A-Za-z0-9]*(?![A-Za-z0-9])")
FIRM = re.compile(r"(?<![A-Za-z0-9])([A-Z][A-Za-z0-9&-]+),? (?:Co\.?,? ?Ltd|Inc|Ltd|Corp|LLC|GmbH)\b")
_ORDINARY = """
Co Ltd Inc Corp GmbH Series IoT SaaS PaaS IaaS WiFi WeChat LiDAR Lidar MHz GHz Hz Pa Wh Ah Mbps Gbps Nm Demo Day Open
Lab Pilot Smart Korea Korean China Chinese Seoul Beijing Shanghai PoC DevOps PhD App Web Type Level Class Global Test
"""
NO_NAMES = frozenset(_ORDINARY.split())

# Roughly how much a character says, a Han character being 1: found on the translations of the tests.
HANGUL_WEIGHT, LATIN_WEIGHT = 0.6, 0.3
SHORTEST, LONGEST, ALLOWANCE = 0.45, 2.2, 4.0

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
_UNIT = {unit: re.compile(rf"[\s-]?(?:{pattern})") for unit, pattern in UNITS.items()}


@dataclass(frozen=True)
class Pair:
    source: Text
    target: Text
    glossary: Glossary


def failed_checks(source: Text, target: Text, glossary: Glossary) -> list[str]:
    """Names of the checks that a machine's translation fails; empty is good."""
    pair = Pair(source, target, glossary)
    return [name for name, holds in CHECKS.items() if not holds(pair)]


# -- what survives as it stands


def _same(pattern: re.Pattern[str]) -> Callable[[Pair], bool]:
    """Each as often as the original has it."""

    def check(pair: Pair) -> bool:
        return sorted(pattern.findall(pair.source.text)) == sorted(pattern.findall(pair.target.text))

    return check


def _names(pair: Pair) -> bool:
    text = _without_literals(pair.source.text)
    pattern = NAME_IN_ENGLISH if pair.source.lang == "en" else NAME
    names = {*pattern.findall(text), *FIRM.findall(text)} - NO_NAMES
    return all(name in pair.target.text for name in names if not _is_term(name, pair))


def _is_term(name: str, pair: Pair) -> bool:
    return any(folded(name) in folded(term.in_(pair.source.lang)) for term in _terms(pair))


def _locked(pair: Pair) -> bool:
    said = folded(pair.target.text)
    return all(folded(term.in_(pair.target.lang)) in said for term in _terms(pair) if term.locked)


def _terms(pair: Pair) -> list[Term]:
    return pair.glossary.found_in(pair.source.text, pair.source.lang)


# -- numbers


def _numbers(pair: Pair) -> bool:
    """Every number in digits is there on the other side, in digits or in words."""
    source, target = (plain(_without_literals(text.text)) for text in (pair.source, pair.target))
    return _covers(source, target) and _covers(target, source)


def _covers(text: str, other: str) -> bool:
    known = spelled(other).union(*(number.values for number in in_digits(other)))
    return all(number.values & known for number in in_digits(text) if not number.in_a_name)


def _units(pair: Pair) -> bool:
    """A number that has a unit on both sides has the same one."""
    source, target = (_with_units(plain(_without_literals(text.text))) for text in (pair.source, pair.target))
    shared = [(units, target[value]) for value, units in source.items() if value in target]
    return all(None in units or None in others or units & others for units, others in shared)


def _with_units(text: str) -> dict[Decimal, set[str | None]]:
    found: dict[Decimal, set[str | None]] = {}
    for number in in_digits(text):
        unit = next((unit for unit, pattern in _UNIT.items() if pattern.match(text, number.end)), None)
        for value in number.values:
            found.setdefault(value, set()).add(unit)
    return found


def _without_literals(text: str) -> str:
    for pattern in (URL, MAIL, PLACEHOLDER):
        text = pattern.sub(" ", text)
    return text


# -- scripts and length


def _no_hangul_left(pair: Pair) -> bool:
    return pair.target.lang != "zh" or not HANGUL.search(pair.target.text)


def _is_korean(pair: Pair) -> bool:
    """Some hanja may stand in a Korean text, but it is not made of them."""
    if pair.target.lang != "ko":
        return True
    hangul, han = (len(script.findall(pair.target.text)) for script in (HANGUL, HAN))
    return hangul >= han and (hangul > 0 or not _speaks(pair.source))


def _is_chinese(pair: Pair) -> bool:
    return pair.target.lang != "zh" or bool(HAN.search(pair.target.text)) or not _speaks(pair.source)


def _is_english(pair: Pair) -> bool:
    """A name may follow in brackets as its owner writes it; the rest is English."""
    if pair.target.lang != "en":
        return True
    running = IN_BRACKETS.sub(" ", pair.target.text)
    return not (HANGUL.search(running) or HAN.search(running))


def _no_kana(pair: Pair) -> bool:
    return not KANA.search(pair.target.text) or bool(KANA.search(pair.source.text))


def _speaks(text: Text) -> bool:
    """Whether it has words of its language at all, beside model numbers and names."""
    return bool(OWN_SCRIPT[text.lang].search(text.text))


def _length(pair: Pair) -> bool:
    ratio = (_weight(pair.target.text) + ALLOWANCE) / (_weight(pair.source.text) + ALLOWANCE)
    return SHORTEST <= ratio <= LONGEST


def _weight(text: str) -> float:
    letters = [c for c in text if not c.isspace()]
    han, hangul = (sum(bool(script.match(c)) for c in letters) for script in (HAN, HANGUL))
    return han + HANGUL_WEIGHT * hangul + LATIN_WEIGHT * (len(letters) - han - hangul)


CHECKS: dict[str, Callable[[Pair], bool]] = {
    "placeholders": _same(PLACEHOLDER),
    "numbers": _numbers,
    "units": _units,
    "urls": _same(URL),
    "emails": _same(MAIL),
    "names": _names,
    "locked_terms": _locked,
    "hangul_left": _no_hangul_left,
    "not_korean": _is_korean,
    "not_chinese": _is_chinese,
    "cjk_left": _is_english,
    "kana": _no_kana,
    "length": _length,
}
