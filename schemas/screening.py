"""What may not stand in a public text, because it points to a person: mail addresses, phone numbers, messenger ids,
residents' numbers. Amounts, years, model numbers, addresses of the network and numbers of standards pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Finding:
    """What was found and where; never the text itself. `at` counts characters from 0."""

    kind: str
    at: int


# One character for one, so that places stay: full-width digits and signs as people type them in Korean and Chinese.
_ASCII = str.maketrans("０１２３４５６７８９＋－（）．　＠：＿‐‑–—", "0123456789+-(). @:_----")
_SEP = r"[ .\-()]*"
_UNIT = r"(?!\s?(?:nm|mm|cm|km|m\b|kg|g\b|t\b|rpm|Hz|W\b|V\b|℃|도|년|年|월|月|원|元|万|亿|만|억|명|개|건|대|台|个|人))"
_MAIL = re.compile(r"[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")
_PHONES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\+\d{{1,3}}{_SEP}\d(?:{_SEP}\d){{6,11}}(?!\d)",  # with a country code
        rf"(?<![\d.,-])(?:0082|82|0086|86)[ .\-()]+\d{{1,3}}(?:{_SEP}\d){{7,10}}(?!\d)",  # the same without its plus
        rf"(?<![\d.,-])01[016789]{_SEP}\d{{3,4}}{_SEP}\d{{4}}(?!\d)",  # Korean mobile
        r"(?<![\d.,-])\(?0\d{1,3}[ .\-)]+\d{3,4}[ .\-]?\d{4}(?!\d)",  # landlines of both countries
        rf"(?<![\d.,-])1[3-9]\d{_SEP}\d{{4}}{_SEP}\d{{4}}(?![\d,]){_UNIT}",  # Chinese mobile
        r"(?<![\d.,-])(?:15(?:22|33|44|66|77|88|99)|16(?:00|44|61|66|70|88)|18(?:00|11|33|55|66|77|99))-\d{4}(?!\d)"
        + _UNIT,  # Korean service numbers
    )
)
_MESSENGER = re.compile(
    r"(?:카카오톡|카톡|위챗|微信|wechat|weixin|kakaotalk|kakao|라인|LINE|\bline)"
    r"(?P<named>\s*(?:id|아이디|号|號|账号))?\s*(?P<colon>:)?\s*(?P<id>@?[a-zA-Z0-9][a-zA-Z0-9_.\-]{2,})",
    re.IGNORECASE,
)
_RESIDENTS = re.compile(r"(?<![\dA-Za-z])(?:\d{6}[ -]?[1-8]\d{6}|\d{17}[\dXx])(?![\dA-Za-z])")


def find_personal(text: str) -> Finding | None:
    """The first thing that points to a person, or None."""
    plain = text.translate(_ASCII)
    found = [finding for rule in _RULES for finding in rule(plain)]
    return min(found, key=lambda finding: finding.at, default=None)


def _mails(text: str) -> Iterator[Finding]:
    yield from (Finding("mail address", match.start()) for match in _MAIL.finditer(text))


def _phones(text: str) -> Iterator[Finding]:
    for pattern in _PHONES:
        for match in pattern.finditer(text):
            if not _is_round(match[0]):
                yield Finding("phone number", match.start())


def _is_round(number: str) -> bool:
    """15000000000 is an amount, not a phone."""
    return re.sub(r"\D", "", number).endswith("000000")


def _messengers(text: str) -> Iterator[Finding]:
    """An id is announced (by a colon or the word), or looks like one: letters together with a digit or underscore."""
    for match in _MESSENGER.finditer(text):
        id = match["id"]
        announced = match["named"] or match["colon"]
        is_line = match[0].lower().startswith(("line", "라인"))
        looks_like = re.search(r"[A-Za-z]", id) and re.search(r"[\d_]", id)
        if announced or (looks_like and not is_line):
            yield Finding("messenger id", match.start())


def _residents(text: str) -> Iterator[Finding]:
    for match in _RESIDENTS.finditer(text):
        digits = re.sub(r"[ -]", "", match[0])
        if is_korean_resident_number(digits) or is_chinese_resident_number(digits):
            yield Finding("resident's number", match.start())


def is_korean_resident_number(digits: str) -> bool:
    """Thirteen digits that read as a resident registration number: a birth date, 1 to 8 in seventh place."""
    if not re.fullmatch(r"[0-9]{6}[1-8][0-9]{6}", digits):
        return False
    century = {"1": 19, "2": 19, "5": 19, "6": 19}.get(digits[6], 20)
    return _is_date(century * 100 + int(digits[:2]), digits[2:6])


def is_chinese_resident_number(characters: str) -> bool:
    """Eighteen characters of GB 11643: a date in places 7 to 14 and its own check digit."""
    if not re.fullmatch(r"[0-9]{17}[0-9Xx]", characters):
        return False
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    check = "10X98765432"[sum(w * int(c) for w, c in zip(weights, characters, strict=False)) % 11]
    return characters[17].upper() == check and _is_date(int(characters[6:10]), characters[10:14])


def _is_date(year: int, month_day: str) -> bool:
    try:
        date(year, int(month_day[:2]), int(month_day[2:]))
    except ValueError:
        return False
    return 1900 <= year <= 2100


_RULES: tuple[Callable[[str], Iterator[Finding]], ...] = (_mails, _phones, _messengers, _residents)
