"""A number with its sign or currency before it and with what follows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from .dates import half_after
from .losses import sign_of_mark
from .number_words import english_number, han_number, korean_number
from .numbers import Number, number_in_digits
from .suffix_names import HOUR, ONE, Option
from .suffixes import CURRENCIES, CURRENCY_NAMES, Suffix, after_approximation, suffix_at

_MONEY_BEFORE = re.compile(
    r"(?P<USD>US\s?\$|USD|U\.S\.\s?\$|미화|\$)|(?P<KRW>KRW|₩|￦|韩元(?=\s?\d))|(?P<CNY>RMB|CNY|CN¥|人民币)|(?P<EUR>EUR|€|欧元(?=\s?\d))"
    r"|(?P<JPY>JPY|日元(?=\s?\d))|(?P<GBP>GBP|£)|(?P<HKD>HKD|HK\$)|(?P<TWD>NT\$|TWD)|(?P<SGD>SGD|S\$)|(?P<any>[¥￥])"
)
_SHORT_MULTIPLIER = re.compile(r"\s?(?P<letter>[mb])(?![A-Za-z0-9²³^]|\s?당)")
_NAMES_OF_MONEY = sorted((re.escape(name) for name in CURRENCY_NAMES if name.isascii()), key=len, reverse=True)
# A Euro pallet of 1.2 m is no money.
_MONEY_BEHIND = re.compile(rf"[\s-](?:{'|'.join(_NAMES_OF_MONEY)})(?![A-Za-z]|[\s-]pallet)", re.IGNORECASE)
_SIGN = re.compile(
    r"(?P<below>零下|영하|負|负|마이너스|minus|negative|−|-(?=\d|[$€£₩¥]|(?:US\s?\$|USD|KRW|RMB|CNY|EUR|JPY|GBP)\s?\d))|(?P<above>零上|영상|正(?=\d)|플러스|plus|\+(?=\d))|(?P<both>±|\+/-|正负)"
    r"|(?P<mark>[△▲▽▼])",
    re.IGNORECASE,
)
_HALF_MORE = re.compile(
    r"(?<=시)\s?반(?=경|쯤|께)"
    r"|\s?(?:반(?![가-힣]|\s?(?:이상))|반(?=[\s,.을이의에만로 ]|간|부터|까지|이후|이전|$))"
    r"|\s?(?:半(?!导|成|年|天|个|小)|and a half)"
)
_TENTHS = re.compile(r"\s?([一二三四五六七八九半1-9])(?:푼)?(?![成个년월\d.])")
_HALF_BEFORE = re.compile(r"个半(?=小时|月|钟头)|\sand a half(?=\s)|-and-a-half(?=-|\s)")


@dataclass(frozen=True)
class Token:
    """A number with its suffix, before its figure is known: what it counts may stand behind the next number only."""

    number: Number
    suffix: Suffix | None
    start: int
    end: int
    sign: str = ""
    multipliers: tuple[int, ...] = (1,)
    other_options: tuple[Option, ...] = ()


def token_at(text: str, at: int) -> Token | None:
    """The number that begins here, with its sign or currency before it and what follows."""
    sign, begin = "", at
    if found := _SIGN.match(text, at):
        if not _is_sign(text, at, found):
            return None
        sign, begin = found.lastgroup or "", found.end() + (text[found.end() : found.end() + 1] == " ")
    money = _MONEY_BEFORE.match(text, begin)
    if money:
        begin = money.end() + (text[money.end() : money.end() + 1] == " ")
    number = _number_at(text, begin)
    if number is None:
        return None
    number = _in_short(text, number, is_money=money is not None)
    token = _with_suffix(text, replace(number, start=at), money, sign)
    if sign == "mark":
        kinds = {kind for kind, _ in token.suffix.options} if token.suffix else set[str]()
        token = replace(token, sign=sign_of_mark(text, at, kinds))
    return token if _is_said(text, token, money) and (token.sign or not sign) else None


def _number_at(text: str, at: int) -> Number | None:
    for parse in (number_in_digits, han_number, korean_number):
        if number := parse(text, at):
            return number
    if at and text[at - 1].isascii() and text[at - 1].isalpha():
        return None
    return english_number(text, at)


def _in_short(text: str, number: Number, *, is_money: bool) -> Number:
    """A number beside money, where m and b are million and billion: $30m, 2.5m dollars. Elsewhere m is a length."""
    letter = _SHORT_MULTIPLIER.match(text, number.end)
    if letter is None or number.multiplier != 1 or not (is_money or _MONEY_BEHIND.match(text, letter.end())):
        return number
    multiplier = 10**6 if letter["letter"] == "m" else 10**9
    return replace(number, value=number.value * multiplier, multiplier=multiplier, end=letter.end())


def _is_sign(text: str, at: int, found: re.Match[str]) -> bool:
    """A hyphen after a letter or a number is none: Hanbit-20, 10-20, 500万-1000万."""
    before = text[at - 1 : at]
    is_joined = (before.isascii() and before.isalnum()) or (before and before in "%℃)°万亿億만억조천千元원")
    return found[0] not in "-+" or not is_joined


def _with_suffix(text: str, number: Number, money: re.Match[str] | None, sign: str) -> Token:
    end, value = number.end, number.value
    half = _HALF_BEFORE.match(text, end)
    if half:
        value, end = value + Fraction(1, 2), half.end()
    more = after_approximation(text, end)
    suffix = suffix_at(text, more) or suffix_at(text, end) or _clock(text, end)
    if half and suffix is not None and suffix.name == "月":
        # 两个半月 is two months and a half, and no month of a year.
        suffix = Suffix((("months", ONE),), suffix.end, "个月")
    if money:
        suffix = _money(money, suffix, end)
    if suffix is None:
        return Token(replace(number, value=value), None, number.start, max(end, more if more > end else end), sign)
    end = suffix.end
    tenths = _TENTHS.match(text, end) if suffix.name in ("成", "할") else None
    if tenths:
        return Token(replace(number, value=value + _tenths(tenths[1])), suffix, number.start, tenths.end(), sign)
    after = _HALF_MORE.match(text, end)
    if after and suffix.options[0][0] in ("months", "seconds", "year", "clock", "multiple", "ratio"):
        value, end = value + Fraction(1, 2), after.end()
    return Token(replace(number, value=value), suffix, number.start, end, sign)


def _tenths(written: str) -> Fraction:
    """What stands behind 成 and 할: 一成七 is 17 %, 三成半 35 %."""
    return Fraction(5 if written == "半" else "一二三四五六七八九".find(written) + 1 or int(written), 10)


def _clock(text: str, end: int) -> Suffix | None:
    """2 p.m. is a time of the day without a word for it."""
    half, after = half_after(text, end)
    return Suffix((("clock", HOUR),), end, "p.m.") if half and after else None


def _money(before: re.Match[str], behind: Suffix | None, end: int) -> Suffix:
    """The currency before a number; a repeated one behind it (USD 5 million dollars) is passed over."""
    kind = before.lastgroup or "any"
    if behind is not None and behind.options[0][0] in CURRENCIES:
        return behind if kind == "any" or kind == "CNY" else Suffix(((kind, ONE),), behind.end)
    options = (("CNY", ONE), ("JPY", ONE)) if kind == "any" else ((kind, ONE),)
    return Suffix(options, end)


def _is_said(text: str, token: Token, money: re.Match[str] | None) -> bool:
    """Whether a number in words is one: 구조 개 is no 9 trillion, 百度 no degree."""
    number = token.number
    if not number.in_words or money or number.is_vague:
        return True
    written = text[number.start : number.end]
    if "가" <= written[:1] <= "힣":
        return token.suffix is not None or (
            not number.is_implied and len(written) <= 3 and text[number.end : number.end + 1] == " "
        )
    return not number.is_implied or token.suffix is not None or number.value >= 10**6 or written[0] in "百千"
