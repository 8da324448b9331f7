"""All figures of a text, in its order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from .clocks import clock_words_at
from .codes import code_at, digit_code_at, malformed_at, term_at
from .dates import dates_at
from .figure import Figure
from .quantities import figures_of
from .tokens import Token, token_at
from .wordings import wording_at

_FRACTION_SIGNS = re.compile(r"(?<=\d)(?=[¼½¾⅓⅔⅕⅛])")
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_POWER_OF_TEN = re.compile(r"(?<=10)[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}")
_CAN_BEGIN = re.compile(r"[^\s。，、；：！？,;:!?()（）\[\]{}<>《》「」·|]")


def normalised(text: str) -> str:
    """The text with full-width digits, letters and signs as ASCII (NFKC). 10⁶ becomes 10^6 and not 106."""
    text = _POWER_OF_TEN.sub(lambda match: "^" + match[0].translate(_POWERS), text)
    return unicodedata.normalize("NFKC", _FRACTION_SIGNS.sub(" ", text)).replace("⁄", "/").replace("µ", "μ")


def figures_in(text: str) -> list[Figure]:
    """The figures of a text in the form that `normalised` gives it. One pass; a place is looked at once."""
    found: list[Figure | Token] = []
    at = 0
    while (begin := _CAN_BEGIN.search(text, at)) is not None:
        at = begin.start()
        here = _at(text, at)
        found.extend(here)
        at = max((one.end for one in here), default=at + 1)
    return _resolved(text, found)


def _at(text: str, at: int) -> list[Figure] | list[Token]:
    """What begins here; empty if nothing does."""
    for parse in _PARSERS:
        here = parse(text, at)
        if here:
            return here
    return []


def _numbers(text: str, at: int) -> list[Figure] | list[Token]:
    """A number with its suffix, unless it is the beginning of a code: 5G."""
    token = token_at(text, at)
    if token is None:
        return _opt(digit_code_at(text, at)) if text[at].isdigit() else []
    after = text[token.end : token.end + 1]
    if token.suffix is None and text[at].isdigit() and after.isascii() and (after.isalpha() or after in ".-"):
        code = digit_code_at(text, at)
        if code is not None and code.end > token.end:
            return [code]
    return [token]


def _malformed(text: str, at: int) -> list[Figure]:
    return _opt(malformed_at(text, at)) if text[at].isdigit() else []


def _code(text: str, at: int) -> list[Figure]:
    if not (text[at].isascii() and text[at].isalpha()):
        return []
    return _opt(code_at(text, at))


def _opt(one: Figure | None) -> list[Figure]:
    return [] if one is None else [one]


_PARSERS: tuple[Callable[[str, int], list[Figure] | list[Token] | None], ...] = (
    term_at,
    dates_at,
    clock_words_at,
    _malformed,
    wording_at,
    _numbers,
    _code,
)


def _resolved(text: str, found: list[Figure | Token]) -> list[Figure]:
    """Tokens in succession share units and become figures; what has no reading was a word."""
    figures: list[Figure] = []
    tokens: list[Token] = []
    for one in found:
        if isinstance(one, Token):
            tokens.append(one)
        elif one.readings:
            figures.append(one)
    figures.extend(figures_of(text, tokens))
    return sorted((one for one in figures if one.readings), key=lambda one: (one.start, one.end))
