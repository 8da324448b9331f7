"""Numbers of persons: the Korean resident registration number and the Chinese citizen id."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from .finding import RESIDENT, Certainty, Finding
from .plain import Plain

_KOREAN = re.compile(r"(?<![\dA-Za-z])(?<!\d[-.])(\d{6})[ -]{0,3}([1-8]\d{6})(?![\dA-Za-z])(?!-\d)")
_CHINESE = re.compile(r"(?<![\dA-Za-z])(\d{6})[ -]?(\d{8}|\d{4}[ -]?\d{4})[ -]?(\d{3}[\dXx])(?![\dA-Za-z])")
_PERSON = re.compile(
    r"주민|외국인등록|생년|민증|rrn|resident|身份证|身份證|证件|證件|居民|passport|id card|号码人", re.IGNORECASE
)
_FIRM = re.compile(r"법인|corporate|바코드|barcode|ean|gtin|条码|条形码|條碼|국코드|상품코드", re.IGNORECASE)
_KIND = (
    "로트|롯트|일련|제조|관리|문서|주문|발주|송장|운송장|화물|추적|접수|품목|품번|제품|상품|부품|자재|도면|모델|시리얼"
    "|생산|출하|입고|출고|재고|승인|인증|허가|신고|특허|출원|시험|검사|계약|견적|과제|입찰|공고|통관|선적|컨테이너"
    "|법인등록|법인등기|법인|사업자등록|사업자"
    "|生产|批|批次|序列|产品|型|货|料|图|物料|零件|运单|快递|物流|订单|箱|库存|出货|合同|发票|报关|专利|许可|检验|项目|法人登记"
)
_LATIN_KIND = (
    r"(?<![a-z])(?:lot|batch|serial|part|model|item|order|invoice|awb|tracking|waybill|s/?n|p/?n|sku|corporate|brn|po"
    r"|barcode|ean(?:-?13)?|gtin)"
)
_LABELLED = re.compile(
    rf"(?:(?:{_KIND})\s?(?:번호|넘버|코드|실적|수량|물량|号码|编号|编码|单号|号|號)|로트|롯트|운송장|송장|품번|모델명?|시리얼|批次"
    rf"|(?:생산|출하|입고|출고|재고)량|수량|바코드|产量|编号|条码|条形码|条碼|单号|编码|料号|序號"
    rf"|{_LATIN_KIND}(?:\s?(?:no|number|num|code|id|#))?)"
    rf"[\s:#.(\[=는은제第]{{0,4}}(?:\d{{6}}[ -]{{0,3}}\d{{7}}[\s,/;.&]{{1,3}}){{0,4}}\Z",
    re.IGNORECASE,
)
"""Directly before a number, or before others of a list: it is of goods, of a document or of a firm."""
_GOODS_BEHIND = re.compile(r"\s?(?:ea|pcs|units?|sets?|kg|개|톤|台|件|个|個|套|吨)(?![a-z가-힣])", re.IGNORECASE)
"""Directly behind a number: it is how many there are."""
_PERSON_KEY = re.compile(r"주민|民证|身份|身分|rrn|jumin|ssn|resident|id_?-?card|sfz", re.IGNORECASE)
"""In an address: the name of a value that is a person's number."""
_TIME = re.compile(r"[?&#](?:_|_?t|ts|_?time(?:stamp)?|_dc|v|ver|rnd|date)=\Z", re.IGNORECASE)
"""In an address: the name of a moment in milliseconds; those of the years from 2023 begin with 17."""
BEFORE, LABEL_BEFORE = 16, 96


def residents(seen: Plain) -> Iterator[Finding]:
    """Numbers of persons in the text. A valid number of a firm or of goods is none, unless it is said to be one; any
    other behind a label of goods is only likely to be one."""
    text = seen.text
    for match in _KOREAN.finditer(text):
        before = text[max(0, match.start() - LABEL_BEFORE) : match.start()]
        is_goods = bool(_LABELLED.search(before) or _GOODS_BEHIND.match(text, match.end()))
        digits, in_one = match[1] + match[2], "-" not in match[0] and " " not in match[0]
        certainty = _of_korean(digits, before[-BEFORE:], in_one=in_one, is_goods=is_goods)
        if certainty is not None:
            yield Finding(RESIDENT, seen.places[match.start()], certainty)
    for match in _CHINESE.finditer(text):
        if is_chinese_resident_number(re.sub(r"[ -]", "", match[0])):
            yield Finding(RESIDENT, seen.places[match.start()])


def resident_in_link(text: str) -> Certainty | None:
    """How sure it is that an address of the web has a number of a person.

    Thirteen bare digits are ids of articles and goods: of those only a right check digit tells, or the name of the
    value. With a hyphen, a birth date without the check digit is only likely one; documents are numbered alike."""
    if any(is_chinese_resident_number(re.sub(r"[ -]", "", match[0])) for match in _CHINESE.finditer(text)):
        return "certain"
    found = {_of_korean_in_link(text, match) for match in _KOREAN.finditer(text)}
    return "certain" if "certain" in found else "likely" if "likely" in found else None


def _of_korean_in_link(text: str, match: re.Match[str]) -> Certainty | None:
    digits, in_one = match[1] + match[2], match[0].isdigit()
    if not is_korean_resident_number(digits):
        return None
    if _PERSON_KEY.search(text[max(0, match.start() - BEFORE) : match.start()]):
        return "certain"
    is_time = digits.startswith("17") and bool(_TIME.search(text[max(0, match.start() - BEFORE) : match.start()]))
    if in_one and (is_time or is_corporate_number(digits) or is_goods_number(digits)):
        return None
    if has_resident_check(digits):
        return "certain"
    return None if in_one or is_corporate_number(digits) else "likely"


def _of_korean(digits: str, before: str, *, in_one: bool, is_goods: bool) -> Certainty | None:
    """One number of goods in ten has a right check digit by chance: no label excuses a number that has it."""
    if not _is_korean_person(digits, before, in_one=in_one):
        return None
    is_doubted = is_goods and not has_resident_check(digits) and not _PERSON.search(before)
    return "likely" if is_doubted else "certain"


def _is_korean_person(digits: str, before: str, *, in_one: bool) -> bool:
    if not is_korean_resident_number(digits):
        return False
    if _PERSON.search(before):
        return True
    if _FIRM.search(before):
        return not (is_corporate_number(digits) or is_goods_number(digits))
    if has_resident_check(digits) and not in_one:
        return True
    return not is_corporate_number(digits) and not (in_one and is_goods_number(digits))


def has_resident_check(digits: str) -> bool:
    """Whether the check digit of a Korean resident number is right; numbers issued since October 2020 have none."""
    weighted = sum(
        int(digit) * weight for digit, weight in zip(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=False)
    )
    return (11 - weighted % 11) % 10 == int(digits[12])


def is_corporate_number(digits: str) -> bool:
    """Whether 13 digits pass as a Korean corporate registration number (weights 1 2 1 2 ...)."""
    weighted = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(digits[:12]))
    return len(digits) == 13 and (10 - weighted % 10) % 10 == int(digits[12])


def is_goods_number(digits: str) -> bool:
    """Whether 13 digits pass as an EAN-13 (weights 1 3 1 3 ...)."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits[:12]))
    return len(digits) == 13 and (10 - weighted % 10) % 10 == int(digits[12])


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
