"""Which digits are a telephone number: the number plans of Korea and China, and of the world behind a plus."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

import phonenumbers

Kind = Literal["mobile", "line", "service"]
MIN_DIGITS, MAX_DIGITS = 8, 15
_ABROAD = (("0082", "KR"), ("0086", "CN"), ("82", "KR"), ("86", "CN"))
_SERVICES = re.compile(
    r"(?:15(?:22|33|44|66|77|88|99)|16(?:00|11|22|33|44|55|61|66|68|70|77|88|99)|18(?:00|11|33|55|66|77|99))\d{4}|[48]00\d{7}"
)
_ELSEWHERE = re.compile(r"09\d{8}|0[79]0\d{8}|[2-9]\d{2}[2-9]\d{6}")
"""Taiwan, Japan and North America, where only the words around it tell a number from a code."""
_MOBILE = {"KR": re.compile(r"010\d{8}|01[16-9]\d{7,8}"), "CN": re.compile(r"1[3-9]\d{9}")}
_LINES = {
    "KR": re.compile(r"0(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4])[1-9]\d{6,7}|0(?:70|80|50\d|30\d)\d{7,8}"),
    "CN": re.compile(r"0(?:10|2\d)[1-9]\d{6,7}|0[3-9]\d{2}[1-9]\d{6,7}"),
}


class Number(NamedTuple):
    """What a number is for, whether the plan has it for sure, and whether it names its country."""

    kind: Kind
    is_valid: bool
    is_international: bool = False


@lru_cache(maxsize=4096)
def number_of(digits: str, *, plus: bool) -> Number | None:
    """The telephone number that these digits are, or None."""
    if not MIN_DIGITS <= len(digits) <= MAX_DIGITS:
        return None
    for prefix, country in _ABROAD:
        if digits.startswith(prefix) and len(digits) - len(prefix) >= 8:
            found = _from_abroad(digits.removeprefix(prefix), country)
            if found:
                return found._replace(is_international=True)
    if plus:
        return Number("line", True, True) if _is_valid(f"+{digits}", None) else None
    if _SERVICES.fullmatch(digits):
        return Number("service", True)
    at_home = next((found for country in ("KR", "CN") if (found := _at_home(digits, country))), None)
    return at_home or (Number("line", False) if _ELSEWHERE.fullmatch(digits) else None)


def _from_abroad(digits: str, country: str) -> Number | None:
    """Behind a country code the leading zero is left out, or stands in brackets."""
    bare = digits.removeprefix("0")
    if country == "CN" and _MOBILE["CN"].fullmatch(bare):
        return _at_home(bare, country)
    return _at_home(f"0{bare}", country)


def _at_home(digits: str, country: str) -> Number | None:
    if _MOBILE[country].fullmatch(digits):
        return Number("mobile", _is_valid(digits, country) or digits.startswith("010"))
    if _LINES[country].fullmatch(digits):
        return Number("line", _is_valid(digits, country) or digits.startswith(("030", "050")))
    return None


def _is_valid(digits: str, country: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, country))
    except phonenumbers.NumberParseException:
        return False
