"""What an address of the web says itself: numbers of persons, numbers to call and mail addresses in its host, path,
query and fragment. Most digits in addresses are ids of pages, so only what is sure by itself is found here."""

from __future__ import annotations

import re

from .addresses import Address
from .finding import RESIDENT, Finding
from .mails import mail_in
from .numbers import numbers
from .plain import Plain
from .plans import number_of
from .residents import resident_in_link

_SIGN = re.compile(r"[/?&=#;,:|!]")
_TELLING = re.compile(
    r"(?:^|[?&#/;])(?:tel|phone|mobile|cell|call|hp|sms|e?-?mail|kakao(?:talk)?(?:id)?|weixin|wechat|wx(?:id)?|vx|qq|uin|whatsapp|telegram|tg|line"
    r"|skype|contact(?:_?(?:tel|phone|mail))?|kefu|lianxi|dianhua|shouji|hotline)[=/](?P<value>[^&#/]{4,})",
    re.IGNORECASE,
)
_ALONE = re.compile(r"\A[/?#]{1,2}(?P<digits>\d{11})/?\Z")
"""Nothing but a number: an id of a page has a name of its kind before it, `/article/13938347898`."""
_GROUPED = re.compile(r"\d[-._ ]\d")
_WRITTEN = re.compile("[가-힣一-鿿]")
_ENDING = re.compile(r"\.[a-z]{2,5}$")


def what_it_says(address: Address, at: int) -> Finding | None:
    """The surest thing that points to a person in the address itself; `at` is where the address stands."""
    tail = address.tail
    if mail_in(tail):
        return Finding("mail address", at)
    if any(_names_a_person(m["value"]) for m in _TELLING.finditer(tail)):
        return Finding("link to a person", at)
    resident = resident_in_link(f"{address.host}{tail}")
    if resident == "certain":
        return Finding(RESIDENT, at)
    if _has_mobile(address):
        return Finding("phone number", at)
    return Finding(RESIDENT, at, resident) if resident else None


def _names_a_person(value: str) -> bool:
    return bool(re.search(r"\d{5}|[a-z][\w.\-]{3,}", value, re.IGNORECASE)) and value.lower() not in (
        "true",
        "false",
        "form",
    )


def _has_mobile(address: Address) -> bool:
    alone = _ALONE.match(address.tail)
    bare = [*address.host.split("."), *([alone["digits"]] if alone else [])]
    if any(_is_mobile_in_digits(digits) for digits in bare):
        return True
    return any(_is_mobile(piece) or _tells_mobile(piece) for piece in _SIGN.split(address.tail))


def _is_mobile_in_digits(label: str) -> bool:
    digits = label.replace("-", "")
    if not digits.isascii() or not digits.isdigit():
        return _tells_mobile(label)
    number = number_of(digits, plus=False)
    return number is not None and number.kind == "mobile" and number.is_valid


def _is_mobile(piece: str) -> bool:
    """A path that is a mobile number written as one: `/contact/010-4827-3916`. Bare digits are ids of pages."""
    bare = _ENDING.sub("", piece)
    if not re.fullmatch(r"\+?\d{2,4}(?:[-. ]\d{2,5}){1,3}|01[016-9]\d{7,8}|\+\d{10,14}", bare):
        return False
    number = number_of(re.sub(r"\D", "", bare), plus=bare.startswith("+"))
    return number is not None and number.kind == "mobile"


def _tells_mobile(piece: str) -> bool:
    """Among other words, in groups, or in digits written as words: `문의010-4827-3916`, `공일공일이삼사오육칠팔`."""
    if not (_GROUPED.search(piece) or _WRITTEN.search(piece)):
        return False
    return any(found.certainty == "certain" for found in numbers(Plain(piece, range(len(piece)))))
