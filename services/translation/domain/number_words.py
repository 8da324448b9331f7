"""Numbers in words: 三百五十, 열두, 백만, twenty-five, 数千."""

from __future__ import annotations

import re
from fractions import Fraction

from .numbers import Number, digits_of, in_compound, is_multiplier, scaled
from .units import unit_at

_NUMERAL = "[〇零一二三四五六七八九两兩壹贰叁肆伍陆柒捌玖拾佰仟十百千万萬亿億]"
# In 三千多万 the word for "and some more" stands inside the number.
_HAN = re.compile(rf"{_NUMERAL}(?:{_NUMERAL}|(?<=[十百千])[多余餘几幾](?=[万萬亿億])){{0,15}}")
_AND_MORE = re.compile(r"[多余餘几幾]")
_HAN_DECIMAL = re.compile(r"[点點]([〇零一二三四五六七八九]{1,6})(?![钟點十分])")
_LARGE_SIGNS = tuple("万萬亿億")
_HAN_VAGUE = re.compile(r"[数几數幾](?P<sign>[十百千]?[万萬亿億]{0,2})(?=[^\s])")
# 11 to 19 of something, where Korean says 10여 and English a dozen; 几十 is dozens.
_TEENS = re.compile(r"十[几幾](?P<sign>[万萬亿億]?)|십수\s?(?P<korean>[만억조]?)(?=\s?[가-힣])")
# 近万名 is about 10,000; 千 alone may be a part of a word (千岛湖).
_NEARLY = re.compile(r"(?:近|约|逾|超|超过|突破|达|过|上|达到|破|每|满|成)$")
_AFTER_IMPLIED = re.compile(
    r"[余餘多]?\s?(?:[强大名家台吨人个套件座只辆次所平公亩级元株片种项頭头张箱小]|美元|韩元|欧元)"
)

_NATIVE = dict(zip("한 두 세 네 다섯 여섯 일곱 여덟 아홉".split(), range(1, 10), strict=True))
_NATIVE |= {"하나": 1, "둘": 2, "셋": 3, "넷": 4, "석": 3, "넉": 4}
_TENS = dict(zip("열 스물 서른 마흔 쉰 예순 일흔 여든 아흔".split(), range(10, 100, 10), strict=True)) | {"스무": 20}
_KOREAN_NATIVE = re.compile(
    rf"(?P<ten>{'|'.join(_TENS)})?(?P<one>{'|'.join(sorted(_NATIVE, key=len, reverse=True))})?"
    r"(?:(?P<tight>(?=개|명|곳|배|번|시간|가지|군데|차례|사람|달|분기|대의|대를|대가))|(?P<loose>\s(?=[가-힣])))"
)
_SOME = {"한두": (1, 2), "두세": (2, 3), "두서너": (2, 3), "서너": (3, 4), "너댓": (4, 5), "네댓": (4, 5)}
_SOME |= {"네다섯": (4, 5), "대여섯": (5, 6), "예닐곱": (6, 7), "일고여덟": (7, 8)}
_KOREAN_SOME = re.compile(rf"(?P<some>{'|'.join(sorted(_SOME, key=len, reverse=True))})(?=\s?[가-힣])")
_KOREAN_SINO = re.compile(r"[일이삼사오육칠팔구영십백천만억조]{1,12}(?=\s?[가-힣A-Za-z%㎡])")
# Words that one numeral counts without a multiplier: 삼 년. 이 개 or 사 분 may be other words.
_KOREAN_SPAN = re.compile(r"[일이삼사오육칠팔구](?=\s?(?:년(?![가-힣])|년[간여반에의을이은도,]|개월|주일|퍼센트))")
_KOREAN_ABOUT = re.compile(
    r"[십백천만](?=여\s?(?:개|명|건|곳|대|종|년|가지|회|차례|사|원|달러|위안|평|톤|편|점|장|권|호|세대|기업|업체|기관))"
)
_KOREAN_MONEY = re.compile(
    r"[만천백억](?=(?:원|위안|달러|엔|유로)(?![자료격형천단심산가-힣]{2})(?!\s?(?:버스|지하철|전철|열차|관중|사례)))"
)
# 만 5천 원 is 15,000 won; 만 19세 is a full age of 19 years.
_KOREAN_LED = re.compile(r"만\s?(?=\d[천백](?!\d))|천\s?(?=\d백(?!\d))")
_KOREAN_VAGUE = re.compile(r"수\s?(?P<sign>십만|백만|천만|십억|백억|천억|십조|십|백|천|만|억|조)(?![가-힣]{0,1}료)")

_ENGLISH_WORD = re.compile(r"[A-Za-z]{1,12}")
_JOIN = re.compile(r"(?:[\s-]|\s(?=and\s(?:a\s)?))(?:and\s)?")
_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_ENGLISH = {word: n for n, word in enumerate(f"{_ONES} seventeen eighteen nineteen".split())}
_ENGLISH |= {word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_ENGLISH |= {"dozen": 12}
_POWERS = {"hundred": 100, "dozen": 12, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SIZES = {"dozens": 10, "tens": 10, "hundreds": 100, "thousands": 1000, "millions": 10**6, "billions": 10**9}
_HALF_OF = re.compile(r"half a (?P<power>dozen|hundred|thousand|million|billion|trillion)(?![A-Za-z])", re.IGNORECASE)
_ENGLISH_VAGUE = re.compile(
    rf"(?P<size>{'|'.join(_SIZES)})(?:\s(?:of\s)?(?P<of>hundreds|thousands|millions|billions))?(?![A-Za-z])",
    re.IGNORECASE,
)


def han_number(text: str, at: int) -> Number | None:
    """The number in Chinese numerals that begins here."""
    vague = _HAN_VAGUE.match(text, at)
    if vague and vague["sign"]:
        return Number(in_compound(vague["sign"]), at, vague.end(), in_words=True, is_vague=True)
    if teens := _teens(text, at):
        return teens
    match = _HAN.match(text, at)
    if match is None:
        return None
    written = _AND_MORE.sub("", match[0])
    if all(map(is_multiplier, written)) and written[0] not in "十拾":
        return _implied(text, at, match[0])
    if written in ("零", "〇") and not _HAN_DECIMAL.match(text, match.end()):
        return None
    value, others = _han_values(written)
    decimal = _HAN_DECIMAL.match(text, match.end())
    if decimal:
        places = "".join(map(str, digits_of(decimal[1])))
        value += Fraction(f"0.{places}")
        # 一点五亿; in 五点五百分点 and 三点五千克 the next sign is a part of a unit.
        larger = scaled(text, decimal.end(), value) if text[decimal.end() : decimal.end() + 1] in _LARGE_SIGNS else None
        value, multiplier, end = larger or (value, 1, decimal.end())
        return Number(value, at, end, multiplier=multiplier, in_words=True)
    return Number(value, at, match.end(), others, in_words=True, is_vague=False)


def _teens(text: str, at: int) -> Number | None:
    match = _TEENS.match(text, at)
    if match is None:
        return None
    power = in_compound(match["sign"] or match["korean"] or "") or Fraction(1)
    return Number(10 * power, at, match.end(), (12 * power,), in_words=True, is_rounded=True)


def _han_values(written: str) -> tuple[Fraction, tuple[Fraction, ...]]:
    """The value of numerals, and others that they may have: 三五 is 3 to 5 or 35, 二三十 is 20 to 30."""
    if any(map(is_multiplier, written)):
        first = next(n for n, character in enumerate(written) if is_multiplier(character))
        if first >= 2 and "零" not in written and "〇" not in written:
            return in_compound(written[first - 1 :]), tuple(in_compound(c + written[first:]) for c in written[:first])
        return in_compound(written), ()
    digits = digits_of(written)
    if len(digits) == 1:
        return Fraction(digits[0]), ()
    return Fraction(int("".join(map(str, digits)))), tuple(map(Fraction, digits))


def _implied(text: str, at: int, written: str) -> Number | None:
    """A multiplier alone: 万元, 百亿, 近千家."""
    end, signs = at + len(written), _AND_MORE.sub("", written)
    unit = unit_at(text, at)
    if unit is not None and unit.end > end:
        return None
    is_said = len(signs) > 1 or _NEARLY.search(text, max(0, at - 2), at) or _AFTER_IMPLIED.match(text, end)
    if not is_said:
        return None
    return Number(in_compound(signs), at, end, in_words=True, is_implied=True)


def korean_number(text: str, at: int) -> Number | None:
    """The number in Korean numerals that begins here, at the beginning of a word."""
    if at and "가" <= text[at - 1] <= "힣":
        return None
    vague = _KOREAN_VAGUE.match(text, at)
    if vague:
        return Number(in_compound(vague["sign"]), at, vague.end(), in_words=True, is_vague=True)
    if teens := _teens(text, at):
        return teens
    some = _KOREAN_SOME.match(text, at)
    if some:
        first, second = _SOME[some["some"]]
        return Number(Fraction(second), at, some.end("some"), (Fraction(first),), in_words=True)
    native = _KOREAN_NATIVE.match(text, at)
    if native and (native["ten"] or native["one"]):
        value = _TENS.get(native["ten"] or "", 0) + _NATIVE.get(native["one"] or "", 0)
        return Number(Fraction(value), at, native.start("loose") if native["loose"] else native.end(), in_words=True)
    return _sino(text, at)


def _sino(text: str, at: int) -> Number | None:
    led = scaled(text, at, Fraction(1)) if _KOREAN_LED.match(text, at) else None
    if led is not None:
        return Number(led[0], at, led[2], multiplier=led[1], in_words=True)
    match = _KOREAN_SINO.match(text, at)
    if match is None:
        return None
    written = match[0]
    if _KOREAN_SPAN.match(text, at) and len(written) == 1:
        return Number(in_compound(written), at, match.end(), in_words=True)
    if _KOREAN_ABOUT.match(text, at):
        return Number(in_compound(written), at, match.end(), in_words=True, is_implied=True)
    if len(written) == 1 and text[match.end() : match.end() + 1] != " " and not _KOREAN_MONEY.match(text, at):
        return None
    implied = all(map(is_multiplier, written))
    if not any(map(is_multiplier, written)):
        return None
    return Number(in_compound(written), at, match.end(), in_words=True, is_implied=implied)


def english_number(text: str, at: int) -> Number | None:
    """The number in English words that begins here: twenty-five, three hundred and fifty, half a million."""
    vague = _ENGLISH_VAGUE.match(text, at)
    if vague:
        size = _SIZES[vague["size"].lower()] * _SIZES.get((vague["of"] or "").lower(), 1)
        return Number(Fraction(size), at, vague.end(), in_words=True, is_vague=True)
    half = _HALF_OF.match(text, at)
    if half:
        power = _POWERS[half["power"].lower()]
        return Number(Fraction(power, 2), at, half.end(), multiplier=power, in_words=True)
    total, part, end, last = Fraction(0), None, at, 1
    while match := _ENGLISH_WORD.match(text, end if end == at else _after_join(text, end)):
        step = _english_step(match[0].lower(), part)
        if step is None:
            break
        part, power = step
        if power >= 1000:
            total, part = total + part, Fraction(0)
        last, end = max(last, power), match.end()
    return (
        None if part is None else Number(total + part, at, end, multiplier=last if last >= 1000 else 1, in_words=True)
    )


def _after_join(text: str, end: int) -> int:
    joined = _JOIN.match(text, end)
    return joined.end() if joined else end


def _english_step(word: str, part: Fraction | None) -> tuple[Fraction, int] | None:
    """What a word makes of the number before it, and its multiplier. None if it is no part of the number."""
    if word in _POWERS and (part or word == "dozen"):
        return Fraction(part or 1) * _POWERS[word], _POWERS[word]
    if word in ("a", "an", "half") and part is None:
        return None
    value = _ENGLISH.get(word)
    if value is None or (part is not None and not _fits(part, value)):
        return None
    return Fraction(part or 0) + value, 1


def _fits(part: Fraction, value: int) -> bool:
    """Whether a number may follow in the same number: five after twenty, fifty after three hundred."""
    return part == 0 or (part % 100 == 0 and value < 100) or (20 <= part % 100 < 100 and part % 10 == 0 and value < 10)
