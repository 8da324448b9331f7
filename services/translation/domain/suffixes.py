"""What follows a number and says what it counts: counters, currencies, durations, parts of dates, percentages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from .suffix_names import NOT_BEFORE, TABLE, Option
from .units import unit_at


@dataclass(frozen=True)
class Suffix:
    """What stands behind a number. Several options are several meanings: 5日 is a day of a month or five days."""

    options: tuple[Option, ...]
    end: int
    name: str = ""


def _by_name() -> dict[str, tuple[Option, ...]]:
    """The options of each name; a name that stands in the table twice has the options of both places."""
    found: dict[str, tuple[Option, ...]] = {}
    for names, options in TABLE:
        for name in (name.replace("\u00a0", " ") for name in names.split(" ")):
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), *options)))
    return found


SUFFIXES = _by_name()
CURRENCIES = frozenset(
    kind for options in SUFFIXES.values() for kind, _ in options if len(kind) == 3 and kind.isupper()
)
CURRENCY_NAMES = frozenset(name for name, options in SUFFIXES.items() if options[0][0] in CURRENCIES)
_ADJECTIVE = re.compile(
    r"\s(?:straight|consecutive|full|whole|more|additional|further|calendar|extra|long|short|successive|different)(?=\s)"
)
_LONGEST = max(map(len, SUFFIXES))


def suffix_at(text: str, at: int) -> Suffix | None:
    """What follows a number here: the longest name of a unit or of the table, after a space, a hyphen or nothing."""
    between = _ADJECTIVE.match(text, at)
    at = between.end() if between else at
    start = at
    if text[at : at + 1] in (" ", "-") and at + 1 < len(text):
        start = at + 1
    found = _listed(text, start) if start == at else (_listed(text, at) or _listed(text, start))
    unit = unit_at(text, start)
    # 500 m: the symbol of a unit; 5 A round is no current.
    if unit is not None and (found is None or unit.end > found.end):
        return Suffix(((unit.kind, Fraction(unit.factor)),), unit.end, unit.name)
    return found


def _listed(text: str, at: int) -> Suffix | None:
    for length in range(min(_LONGEST, len(text) - at), 0, -1):
        name = text[at : at + length]
        options = SUFFIXES.get(name) or (SUFFIXES.get(name.lower()) if name.isascii() else None)
        if options is None or not _ends_word(text, at, at + length, name):
            continue
        return Suffix(options, at + length, name)
    return None


def _ends_word(text: str, at: int, end: int, name: str) -> bool:
    after = text[end : end + 1]
    if name in ("x", "X", "×") and text[end : end + 2].strip()[:1].isdigit():
        return False
    if name[-1].isascii() and name[-1].isalpha():
        return not (after.isascii() and after.isalnum())
    return not (after and after in NOT_BEFORE.get(name, ""))


_APPROXIMATE = re.compile(r"\s?(?:여|余|餘|多|来|남짓|\+)(?=\s?\S)|\s?\+")


def after_approximation(text: str, at: int) -> int:
    """The place after 여, 余, 多 or +, which say "and some more"."""
    match = _APPROXIMATE.match(text, at)
    return match.end() if match else at
