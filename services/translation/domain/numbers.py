"""Numbers as the three languages write them: 10만, 10万, 十万, 100,000 and a hundred thousand are one value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from .units import unit_at

_SMALL = {"십": 10, "十": 10, "拾": 10, "百": 100, "백": 100, "佰": 100, "千": 1000, "천": 1000, "仟": 1000}
_LARGE = {"万": 10**4, "萬": 10**4, "만": 10**4, "亿": 10**8, "億": 10**8, "억": 10**8, "조": 10**12, "兆": 10**12}
_DIGITS_OF = {
    **dict(zip("〇一二三四五六七八九", range(10), strict=True)),
    **dict(zip("零壹贰叁肆伍陆柒捌玖", range(10), strict=True)),
    **dict(zip("영일이삼사오육칠팔구", range(10), strict=True)),
    "两": 2,
    "兩": 2,
}
MAX_DIGITS = 30
"""What has more digits is a code and no number."""

_DIGITS = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?")
_SIGNS = r"万亿|萬億|[십백천十百千]?[만억万萬亿億]|조|兆|[백천百千]"
# What begins like a multiplier and is another word: 3조건 (three conditions), 5천안 (Cheonan).
_MULTIPLIER = re.compile(
    rf"(?P<before>\s?[多余餘여几]?)(?P<sign>{_SIGNS})"
    r"(?!(?<=조)(?:건|각|직|립|선|사|치|항|명)|(?<=만)(?:에|료|족|들)|(?<=천)(?:안|연|장)|(?<=백)(?:화|신|업)|(?<=억)제"
    r"|(?<=兆)[瓦赫帕字比欧焦伏瓩])"
)
_CONTINUED = re.compile(r"[ ,零〇]?(\d{1,4}(?:,\d{3})?(?:\.\d{1,6})?)(?!\d|[.,]\d)")
_YEAR = re.compile(r"\s?[년年]")
# 2억 5천 is 2억 5천만, as people say it; 1万5 is 1万5千.
_SHORTENED = re.compile(r"(?P<large>[억亿億조兆])\s?(?P<rest>(?:\d[천千백百]){1,2})\Z")
# 1만5~2만 says it in a range only: 1만5개 are 10,005.
_SPOKEN = re.compile(
    r"(?<=[万萬亿億千])[1-9](?![\d.,A-Za-z%]|\s?[月日号년월일십백천만억十百千万亿])"
    r"|(?<=[만억])[1-9](?=\s?(?:[~–—-]|에서)\s?\d{1,4}(?:\.\d)?\s?[만억])"
)
_ENGLISH_MULTIPLIER = re.compile(
    r"[\s-]?(?:(?P<hundred>hundred)[\s-])?(?P<word>hundred|thousand|million|mln|mn|billion|bn|trillion|tn)(?![A-Za-z])",
    re.IGNORECASE,
)
_LETTER = re.compile(r"(?P<letter>[kKMBT]|MM)(?![A-Za-z0-9])")
_OF_ENGLISH = {
    **dict.fromkeys(("million", "mln", "mn", "M", "m", "MM"), 10**6),
    **dict.fromkeys(("billion", "bn", "B", "b"), 10**9),
    **dict.fromkeys(("trillion", "tn", "T"), 10**12),
    **dict.fromkeys(("thousand", "k", "K"), 1000),
    "hundred": 100,
}


@dataclass(frozen=True)
class Number:
    """A number in a text. `others` are further values that the writing may have. `multiplier` is what the last part is
    multiplied with, which the first number of a range shares. `letter` is K, M, B or T, which may be a unit too.
    `is_implied`: only a multiplier is written (万元, 백만 대). `is_vague`: only its size is said (수천, dozens).
    `is_rounded`: `others` are as near as the value (十几)."""

    value: Fraction
    start: int
    end: int
    others: tuple[Fraction, ...] = ()
    multiplier: int = 1
    letter: str = ""
    in_words: bool = False
    is_implied: bool = False
    is_vague: bool = False
    is_malformed: bool = False
    is_rounded: bool = False


class _Sign(NamedTuple):
    """A multiplier: 백만 is 100 of the small ones, which add up before the large one, 만. And where it ends."""

    small: int
    large: int
    end: int

    @property
    def power(self) -> int:
        """What it multiplies with as a whole."""
        return self.small * self.large


def number_in_digits(text: str, at: int) -> Number | None:
    """The number in digits that begins here, with its multipliers."""
    match = _DIGITS.match(text, at)
    if match is None or len(match[0]) > MAX_DIGITS:
        return None
    value, end = Fraction(match[0].replace(",", "")), match.end()
    # 12,5 is a list in one country and a decimal in another one.
    is_malformed = text[end : end + 1] == "," and text[end + 1 : end + 2].isdigit()
    found = scaled(text, end, value)
    if found is not None:
        others = _shortened(text[at : found[2]], found[0])
        return Number(found[0], at, found[2], others, multiplier=found[1])
    word = _ENGLISH_MULTIPLIER.match(text, end)
    if word:
        multiplier = _OF_ENGLISH[word["word"].lower()] * (100 if word["hundred"] else 1)
        return Number(value * multiplier, at, word.end(), multiplier=multiplier)
    letter = _LETTER.match(text, end)
    if letter:
        multiplier = _OF_ENGLISH[letter["letter"]]
        return Number(value * multiplier, at, letter.end(), multiplier=multiplier, letter=letter["letter"])
    return Number(value, at, end, is_malformed=is_malformed)


def _shortened(written: str, value: Fraction) -> tuple[Fraction, ...]:
    """The value of a number whose last multiplier is left out because the one before it says it: 2억 5천(만)."""
    match = _SHORTENED.search(written)
    if match is None:
        return ()
    rest = sum(int(digit) * _SMALL[sign] for digit, sign in zip(match["rest"][::2], match["rest"][1::2], strict=True))
    return (value - rest + Fraction(rest * _LARGE[match["large"]], 10**4),)


def scaled(text: str, at: int, value: Fraction) -> tuple[Fraction, int, int] | None:
    """Value, last multiplier and end of digits with multipliers: 3억 5천만, 2천5백만, 1万2000亿. None without one."""
    total, section, last = Fraction(0), Fraction(0), 0
    part: Fraction | None = value
    while part is not None:
        sign = _sign_at(text, at)
        if sign is None:
            return (total + section + part, last, at) if last else None
        section, at, last = section + part * sign.small, sign.end, sign.power
        larger = _sign_at(text, at) if sign.large == 1 else None
        if larger is not None and larger.small == 1:
            # 1천 만 is 1천만.
            sign, at, last = larger, larger.end, larger.power
        if sign.large > 1:
            # 1万2000亿 is 12,000 亿; in 3억 5천만 the second multiplier is smaller.
            is_nested = 0 < total < sign.large
            total, section = (total + section) * sign.large if is_nested else total + section * sign.large, Fraction(0)
        part, at = _continued(text, at, last)
    return total + section, last, at


def _continued(text: str, at: int, last: int) -> tuple[Fraction | None, int]:
    """The next part of a number and where it ends. After a space it needs a multiplier of its own, as 3만 20명 are two
    numbers."""
    match = _CONTINUED.match(text, at)
    if match is None:
        return None, at
    if spoken := _SPOKEN.match(text, at):
        return Fraction(int(spoken[0]) * last, 10), spoken.end()
    follows, part = _sign_at(text, match.end()), Fraction(match[1].replace(",", ""))
    if follows is not None and _goes_on(text[at], part, follows, last):
        return part, match.end()
    is_joined = text[at].isdigit() or text[at] in "零〇" or (len(match[1]) >= 3 and not _YEAR.match(text, match.end()))
    is_bare = follows is None and is_joined and part < last
    return (part, match.end()) if is_bare and last >= 10**3 else (None, at)


def _goes_on(gap: str, part: Fraction, follows: _Sign, last: int) -> bool:
    """Whether a part with a multiplier belongs to the number before it: 5천만 to 3억, 5백만 to 2천, 3500억 to 2만.
    After a space a smaller part with a larger multiplier does: 2천 500만."""
    if follows.power < last or (last < 10**4 and gap.isdigit()):
        return True
    size = part * follows.small
    if last < 10**4:
        return gap == " " and size < last and follows.large > 1
    return last == 10**4 < follows.large and size < last and (gap.isdigit() or (gap == " " and size >= 10**3))


def _sign_at(text: str, at: int) -> _Sign | None:
    """The multiplier that begins here. 千 in 千瓦 is a part of the unit."""
    match = _MULTIPLIER.match(text, at)
    if match is None:
        return None
    sign = match["sign"]
    if match["before"].startswith(" ") and sign in _SMALL:
        return None
    unit = unit_at(text, match.start("sign"))
    if unit is not None and unit.end > match.end("sign"):
        return None
    small = _SMALL.get(sign[0], 1)
    return _Sign(small, power_of(sign) // small, match.end())


def power_of(sign: str) -> int:
    """The value of multipliers that stand together: 万亿, 百万, 천만."""
    power = 1
    for character in sign:
        power *= _SMALL.get(character) or _LARGE[character]
    return power


def in_compound(characters: str) -> Fraction:
    """The value of a number in Chinese or Korean numerals with multipliers: 三百五十, 两万八千, 이천오백, 三百五."""
    total = section = 0
    digit: int | None = None
    smallest = 10
    for character in characters:
        if character in _SMALL:
            section += (1 if digit is None else digit or 1) * _SMALL[character]
            smallest, digit = _SMALL[character], None
        elif character in _LARGE:
            section += digit or 0
            power = _LARGE[character]
            # 一万二千亿 is 12,000 亿; in 一亿五千万 the second multiplier is smaller.
            total = (total + section) * power if 0 < total < power else total + (section or 1) * power
            section = 0
            smallest, digit = power, None
        else:
            digit = _DIGITS_OF[character]
            smallest = 10 if digit == 0 else smallest
    return Fraction(total + section + (digit or 0) * (smallest // 10 if smallest > 10 else 1))


def digits_of(characters: str) -> list[int]:
    """The values of numerals one by one."""
    return [_DIGITS_OF[character] for character in characters]


def is_multiplier(character: str) -> bool:
    """Whether a numeral multiplies what stands before it."""
    return character in _SMALL or character in _LARGE
