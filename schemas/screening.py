"""Finds data in a public text that identifies a person: mail addresses, phone numbers, messenger ids and residents'
numbers. Amounts, years, model numbers, network addresses and numbers of standards are allowed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache


@dataclass(frozen=True)
class Finding:
    """What kind of personal data was found, and at which character, from 0. Never the text: a finding may be logged."""

    kind: str
    at: int


MIN_DIGITS = 8
"""Digits of the shortest phone number that the patterns find."""
MESSENGERS = (
    *("카카오톡", "카톡", "위챗", "微信", "wechat", "weixin", "kakao", "텔레그램", "telegram", "왓츠앱", "whatsapp"),
    *("vx", "wx", "v信", "라인", "line", "qq"),
)
_SEP = r"[ .\-()]*"
_ALONE = r"(?<!\d)(?<!\d[.,\-])"
"""No number continues to the left: neither 3,010 nor 2020-1588 contains a phone number; `tel.010` begins one."""
# A number with a unit behind it is an amount: 15000000 원, 01012345678 mAh.
_UNIT = (
    r"(?!\s?(?:nm|mm|cm|km|m\b|kg|g\b|t\b|rpm|ppm|dpi|px|mAh|Hz|W\b|V\b|A\b|K\b|Pa\b|bar\b|units?\b|%|℃|도|년|年|월|月"
    r"|원|元|万|亿|만|억|명|개|건|대|台|个|人))"
)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")
_AREA = r"0(?:10|2\d?|[3-9]\d{1,2})"
_PHONES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\+\d{{1,3}}{_SEP}\d(?:{_SEP}\d){{6,11}}(?!\d)",  # with a country code
        rf"{_ALONE}(?:0082|82|0086|86)[ .\-()]+\d{{1,3}}(?:{_SEP}\d){{7,10}}(?!\d)",  # the same without its plus
        rf"{_ALONE}01[016789][ .\-()/_~]*\d{{3,4}}[ .\-()/_~]*\d{{4}}(?!\d)",  # Korean mobile
        rf"{_ALONE}\(?{_AREA}[ .\-)/_]+\d{{3,4}}[ .\-_]?\d{{4}}(?!\d)",  # landlines of both countries
        # landlines written as one number: Korea's areas, then China's
        rf"(?<![\w.,-])0(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|[78]0)\d{{7,8}}(?!\w){_UNIT}",
        rf"(?<![\w.,-])0(?:(?:10|2\d)\d{{8}}|[3-9]\d\d{{8,9}})(?!\w){_UNIT}",
        rf"{_ALONE}1[3-9]\d[ .\-()_]*\d{{4}}[ .\-()_]*\d{{4}}(?![\d,]){_UNIT}",  # Chinese mobile
        rf"{_ALONE}[48]00-\d{{3}}-\d{{4}}(?!\d)",  # Chinese service numbers
        rf"{_ALONE}(?:15(?:22|33|44|66|77|88|99)|16(?:00|44|61|66|70|88)|18(?:00|11|33|55|66|77|99))-\d{{4}}(?!\d)"
        + _UNIT,  # Korean service numbers
    )
)
_MESSENGER = re.compile(
    r"(?P<name>카카오톡|카톡|위챗|微信|wechat|weixin|kakaotalk|kakao|텔레그램|telegram|왓츠앱|whatsapp"
    r"|(?<![a-z])[vw]x(?=\s*(?:id|号|號|:))|v信|(?<!\w)라인|(?<!\w)line)"
    # Possessive, as these runs touch each other: a text of blanks would be divided among them in every possible way.
    r"[\s_-]*+(?P<named>id(?![a-z])|아이디|계정|号|號|账号|帳號)?[\s_-]*+(?P<colon>:)?\s*+"
    r"(?P<id>@?[a-z0-9][a-z0-9_.\-]{2,})",
    re.IGNORECASE,
)
_QQ = re.compile(r"(?<![a-z])QQ[\s_-]*+(?:号|號|id)?\s*+:?\s*+[1-9]\d{4,10}(?!\d)", re.IGNORECASE)
_PRODUCT = re.compile(r"(?:api|sdk|pay|app|bot|mini|h|ai|b2b|b2c|o2o)[\d.]*", re.IGNORECASE)
_RESIDENTS = re.compile(r"(?<![\dA-Za-z])(?:\d{6}[ -]?[1-8]\d{6}|\d{17}[\dXx])(?![\dA-Za-z])")
_SIGNS = (
    dict.fromkeys("‐‑‒–—―−﹣ー", "-")
    | dict.fromkeys("。·・•‧｡", ".")
    | dict.fromkeys("\u115f\u1160\u2800\u3164\uffa0", " ")  # letters without ink
)
_DIGIT = re.compile(r"\d")
_DISGUISED = re.compile("[^\x00-\x7f가-힣一-鿿]")
"""Any other character may look like an ASCII one (full-width digits, dashes, invisible characters)."""
_INVISIBLE = frozenset({"Cf", "Mn", "Me"})


def find_personal(text: str) -> Finding | None:
    """The first piece of personal data in the text, or None."""
    plain, places = _plain(text)
    found = [finding for rule in _RULES for finding in rule(plain)]
    first = min(found, key=lambda finding: finding.at, default=None)
    return first and Finding(first.kind, places[first.at])


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """The text as a reader sees it, and the position of each of its characters in the original.

    Full-width characters, digits, spaces and dashes become ASCII; invisible characters are removed. Without this a
    number could be hidden from the patterns and still be readable."""
    if not _DISGUISED.search(text):
        return text, range(len(text))
    seen = [(plain, at) for at, character in enumerate(text) if (plain := _seen(character))]
    return "".join(plain for plain, _ in seen), [at for _, at in seen]


@lru_cache(maxsize=20_000)
def _seen(character: str) -> str:
    """The ASCII character that looks the same, the character itself, or an empty string if it is invisible."""
    if character.isascii():
        return character
    if character in _SIGNS:
        return _SIGNS[character]
    if unicodedata.category(character) in _INVISIBLE:
        return ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 and folded.isascii() else character


def _mails(text: str) -> Iterator[Finding]:
    if "@" in text:
        yield from (Finding("mail address", match.start()) for match in _MAIL.finditer(text))


def _has_a_number(text: str) -> bool:
    """Whether the text has enough digits for a number. Few texts do, and the patterns are slow."""
    return len(_DIGIT.findall(text)) >= MIN_DIGITS


def _phones(text: str) -> Iterator[Finding]:
    for pattern in _PHONES if _has_a_number(text) else ():
        for match in pattern.finditer(text):
            if not _is_round(match[0]):
                yield Finding("phone number", match.start())


def _is_round(number: str) -> bool:
    """Whether it is a round amount such as 15000000000, and so not a phone number."""
    return number.isdigit() and number.endswith("000000")


def _messengers(text: str) -> Iterator[Finding]:
    folded = text.lower()
    if not any(name in folded for name in MESSENGERS):
        return
    yield from (Finding("messenger id", match.start()) for match in _MESSENGER.finditer(text) if _is_account(match))
    yield from (Finding("messenger id", match.start()) for match in _QQ.finditer(text))


def _is_account(match: re.Match[str]) -> bool:
    """Whether the word after a messenger's name is an account.

    It is one if it is announced (by a colon, an @ or a word for "id"), or looks like one: letters together with a digit
    or underscore. "line" usually means a production line. So only `LINE` and `라인` count, and only with a colon."""
    id = match["id"]
    looks_like = bool(re.search(r"[A-Za-z]", id) and re.search(r"[\d_]", id)) and not _PRODUCT.fullmatch(id)
    if match["named"] or id.startswith("@"):
        return True
    if match["name"].lower() in ("line", "라인"):
        return bool(match["colon"]) and looks_like and match["name"] in ("LINE", "라인")
    return bool(match["colon"]) or looks_like


def _residents(text: str) -> Iterator[Finding]:
    for match in _RESIDENTS.finditer(text) if _has_a_number(text) else ():
        digits = re.sub(r"[ -]", "", match[0])
        if is_korean_resident_number(digits) or is_chinese_resident_number(digits):
            yield Finding("resident's number", match.start())


def is_korean_resident_number(digits: str) -> bool:
    """Whether 13 digits are a Korean resident registration number: a birth date, then 1 to 8 in seventh place.

    The check digit is not tested: numbers issued since October 2020 have none."""
    if not re.fullmatch(r"[0-9]{6}[1-8][0-9]{6}", digits):
        return False
    # The seventh digit also gives the century: 1, 2 (5, 6 for foreigners) before 2000; 3, 4 (7, 8) after it.
    century = {"1": 19, "2": 19, "5": 19, "6": 19}.get(digits[6], 20)
    return _is_date(century * 100 + int(digits[:2]), digits[2:6])


def is_chinese_resident_number(characters: str) -> bool:
    """Whether 18 characters are a Chinese citizen id (GB 11643): a date in places 7 to 14 and the right check digit."""
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
