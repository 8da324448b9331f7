"""Numbers as the three languages write them: 10만, 10万, 100,000 and a hundred thousand are one value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

SMALL = {"十": 10, "백": 100, "百": 100, "천": 1000, "千": 1000, "십": 10}
LARGE = {"万": 10**4, "萬": 10**4, "만": 10**4, "亿": 10**8, "億": 10**8, "억": 10**8, "조": 10**12, "兆": 10**12}
ENGLISH = {"thousand": 10**3, "million": 10**6, "mn": 10**6, "billion": 10**9, "bn": 10**9, "trillion": 10**12}
HAN = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}

_DIGITS = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_MULTIPLIERS = rf"[{''.join(SMALL)}]?[{''.join(LARGE)}]|[{''.join(SMALL)}]"
_NUMBER = re.compile(
    rf"(?P<cjk>(?:{_DIGITS})\s?(?:{_MULTIPLIERS})(?:\s?(?:{_DIGITS})(?:{_MULTIPLIERS}))*(?:{_DIGITS})?)"
    rf"|(?P<plain>{_DIGITS})(?:[\s-]?(?P<word>{'|'.join(ENGLISH)})(?![A-Za-z]))?",
    re.IGNORECASE,
)
_PART = re.compile(rf"(?P<digits>{_DIGITS})|(?P<sign>[{''.join(SMALL)}{''.join(LARGE)}])")
_RANGE = re.compile(r"(?<!\s)\s*+(?:to|and|or|-|–|~|至|到)\s*+", re.IGNORECASE)
_HAN_NUMBER = re.compile(rf"[{''.join(HAN)}十百千万亿]+")
_LETTER = re.compile(r"[A-Za-z]")
_WORD = re.compile(r"[a-z]+")

_TO_TWELVE = "zero one two three four five six seven eight nine ten eleven twelve"
_TO_NINETEEN = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_ROUND = "ten twenty thirty forty fifty sixty seventy eighty ninety hundred"
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth"
_MONTHS = "january february march april may june july august september october november december"
_ENGLISH_WORDS = {
    **{word: n for n, word in enumerate(_TO_TWELVE.split())},
    **{word: n for n, word in enumerate(_TO_NINETEEN.split(), 13)},
    **{word: 10 * n for n, word in enumerate(_ROUND.split(), 1)},
    **{word: n for n, word in enumerate(_ORDINALS.split(), 1)},
    **{word: n for n, word in enumerate(_MONTHS.split(), 1)},
    **ENGLISH,
    "once": 1,
    "twice": 2,
    "double": 2,
    "triple": 3,
    "decade": 10,
    "dozen": 12,
    # As a percentage, like the 50 of a half below.
    "quarter": 25,
}
# A half is 0.5, 50 (percent) or 6 (months: half a year, 반년, 半年).
_PHRASES: dict[str, tuple[str, ...]] = {
    "half": ("0.5", "50", "6"),
    "절반": ("0.5", "50"),
    "반": ("0.5", "50", "6"),
    "半": ("0.5", "50", "6"),
    "翻番": ("2",),
}
# Korean numerals as they are before a counter: 세 명 (three people), 석 달 (three months).
_NATIVE = {"한": 1, "두": 2, "세": 3, "석": 3, "네": 4, "넉": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9}
_TENS = {"열": 10, "스무": 20, "스물": 20, "서른": 30, "마흔": 40, "쉰": 50}
_KOREAN = re.compile(rf"(?P<ten>{'|'.join(_TENS)})?\s?(?P<one>{'|'.join(_NATIVE)})?(?=\s?[가-힣])")


@dataclass(frozen=True)
class Number:
    """A number in digits. `values` are its possible meanings: the 3 of "3 to 8 million" is 3 or 3,000,000. A unit may
    follow at `end`. `is_part_of_name`: a letter stands before it (CO2, m2)."""

    values: frozenset[Decimal]
    end: int
    is_part_of_name: bool


def to_half_width(text: str) -> str:
    """Full-width digits, letters and signs as ASCII (NFKC). The other functions need their texts in this form."""
    return unicodedata.normalize("NFKC", text)


def numbers_in_digits(text: str) -> list[Number]:
    """The numbers that are written in digits, with their multipliers (10만, 1.5 million)."""
    found: list[Number] = []
    multiplier = 1
    # Backwards, because a range has its multiplier behind its last number.
    matches = list(_NUMBER.finditer(text))
    for at in range(len(matches) - 1, -1, -1):
        match = matches[at]
        follows = matches[at + 1] if at + 1 < len(matches) else None
        in_range = follows is not None and _RANGE.fullmatch(text[match.end() : follows.start()]) is not None
        multiplier, values = _read(match, multiplier if in_range else 1)
        is_part_of_name = bool(_LETTER.match(text, match.start() - 1)) if match.start() else False
        found.append(Number(values, match.end(), is_part_of_name))
    return found[::-1]


def _read(match: re.Match[str], inherited: int) -> tuple[int, frozenset[Decimal]]:
    """The multiplier, which a number before it in a range shares, and the possible values of the number."""
    if match["cjk"]:
        last = [c for c in match["cjk"] if c in LARGE]
        return (LARGE[last[-1]] if last else 1), frozenset({_compound(match["cjk"])})
    # Decimal, because as a float 2.01 million is not equal to 2,010,000.
    value = Decimal(match["plain"].replace(",", ""))
    if match["word"]:
        own = ENGLISH[match["word"].lower()]
        return own, frozenset({value * own})
    return inherited, frozenset({value, value * inherited})


def _compound(written: str) -> Decimal:
    """The value of a number with several multipliers: 3억 5천만, 1万2000, 3천500만."""
    total = section = Decimal(0)
    number: Decimal | None = None
    for part in _PART.finditer(written):
        if part["digits"]:
            number = Decimal(part["digits"].replace(",", ""))
        elif part["sign"] in SMALL:
            section += (number if number is not None else 1) * SMALL[part["sign"]]
            number = None
        else:
            total += (section + (number or 0) or 1) * LARGE[part["sign"]]
            section, number = Decimal(0), None
    return total + section + (number or 0)


def numbers_in_words(text: str) -> frozenset[Decimal]:
    """Values that the text may express in words. Too many do no harm: a number in the other text may match one of them,
    and need not."""
    found = {Decimal(value) for phrase, values in _PHRASES.items() if phrase in text.lower() for value in values}
    found.update(*(_han(match[0]) for match in _HAN_NUMBER.finditer(text)))
    found.update(_korean(text))
    found.update(_english(text))
    return frozenset(found)


def _han(written: str) -> set[Decimal]:
    """The values of a number in Chinese characters: 二十三 is 23. 九 before 成 means 90 %, so ten times a digit counts
    as well."""
    digits = "".join(str(HAN.get(c, c)) for c in written)
    if digits.isdecimal():
        values = {Decimal(int(d)) for d in (digits, *digits)}
    else:
        values = {_compound(digits)} | {Decimal(HAN[c]) for c in written if c in HAN}
    return values | {10 * value for value in values if value < 10}


def _korean(text: str) -> Iterator[Decimal]:
    for match in _KOREAN.finditer(text):
        if match[0].strip():
            yield Decimal(_TENS.get(match["ten"] or "", 0) + _NATIVE.get(match["one"] or "", 0))


def _english(text: str) -> Iterator[Decimal]:
    """The value of each word, and of each two words in succession: twenty five, three hundred."""
    words = [_ENGLISH_WORDS.get(word) for word in _WORD.findall(text.lower())]
    for at, value in enumerate(words):
        if value is None:
            continue
        yield Decimal(value)
        after = words[at + 1] if at + 1 < len(words) else None
        if after is not None:
            yield Decimal(value * after if after >= 100 else value + after)
