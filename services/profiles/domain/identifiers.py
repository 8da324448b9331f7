"""Business identifiers of both countries. A verdict is graded and never claims more than was checked
(docs/rules.md, section 1)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from schemas.screening import is_chinese_resident_number, is_korean_resident_number

SCHEMES = ("kr-brn", "kr-crn", "cn-uscc")
# 31 characters, a prime: with the weights 3^i mod 31, every wrong character and every swap of two neighbours shows.
# I, O, S, V and Z, which are easily misread, are left out.
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# GB 11714 gives values to all 36 characters, also to the five that GB 32100 leaves out.
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# White space, hyphens and dashes of all kinds, the Katakana long vowel mark, and invisible characters: people paste
# them along with the digits.
_IGNORED = re.compile(r"[\s\-\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\u30fc\ufeff]")


class InvalidIdentifier(ValueError):
    """Names the rule that failed, never the value."""


@dataclass(frozen=True)
class Identifier:
    """A checked identifier. `value` is in its one ASCII form.

    `verdict`: format_ok, checksum_ok, or checksum_exception (may be legal although the checksum fails; a person looks
    at it)."""

    scheme: str
    value: str
    verdict: str


def parse_identifier(scheme: str, text: str) -> Identifier:
    """Checks an identifier as it was typed. Raises InvalidIdentifier, also for a person's number in a scheme that could
    be mistaken for one."""
    value = canonical(text)
    # A person's numbers have 13 or 18 characters, so ten digits cannot be one.
    if scheme != "kr-brn" and is_personal_number(value):
        raise InvalidIdentifier("reads as a person's number; give the organisation's own")
    match scheme:
        case "kr-brn":
            return Identifier(scheme, value, _brn_verdict(value))
        case "kr-crn":
            return Identifier(scheme, value, _crn_verdict(value))
        case "cn-uscc":
            return Identifier(scheme, value, _uscc_verdict(value))
    raise InvalidIdentifier(f"is of an unknown scheme; use one of {', '.join(SCHEMES)}")


def canonical(text: str) -> str:
    """Unifies full-width characters and case, and drops spaces and hyphens. NFKC is limited to full-width characters:
    applied to the whole text, it would turn `²` into the digit 2."""
    folded = "".join(
        unicodedata.normalize("NFKC", character) if "\uff01" <= character <= "\uff5e" else character
        for character in text
    )
    return _IGNORED.sub("", folded).upper()


def is_personal_number(value: str) -> bool:
    """Whether it is a person's number: thirteen digits that read as a Korean resident number and fail the corporate
    checksum, or eighteen characters that pass as a Chinese one."""
    if is_korean_resident_number(value):
        # A corporate number may read as a birth date too. Of ten numbers of persons, one passes its check digit.
        return not _crn_checks(value)
    return is_chinese_resident_number(value)


def _brn_verdict(value: str) -> str:
    """사업자등록번호, the Korean business registration number."""
    if not re.fullmatch(r"[0-9]{10}", value):
        raise InvalidIdentifier("is not ten digits (XXX-XX-XXXXX)")
    # Three digits of the tax office, two of the kind of business, four of a serial number.
    if int(value[:3]) < 101 or value[3:5] == "00" or value[5:9] == "0000":
        raise InvalidIdentifier("has an office, kind or serial that is never given out")
    digits = [int(d) for d in value]
    # The tens of the last product (5 * d9) are added once more.
    total = sum(w * d for w, d in zip((1, 3, 7, 1, 3, 7, 1, 3, 5), digits, strict=False)) + 5 * digits[8] // 10
    if digits[9] != (10 - total % 10) % 10:
        raise InvalidIdentifier("fails its check digit")
    return "checksum_ok"


def _crn_verdict(value: str) -> str:
    """법인등록번호, the Korean corporate registration number. A wrong check digit is no error: some old numbers have
    one."""
    if not re.fullmatch(r"[0-9]{13}", value):
        raise InvalidIdentifier("is not thirteen digits (XXXXXX-XXXXXXX)")
    return "checksum_ok" if _crn_checks(value) else "format_ok"


def _crn_checks(value: str) -> bool:
    # Plain products: unlike in Luhn's method, the two digits of a product are not added up.
    total = sum(int(d) * (1 + i % 2) for i, d in enumerate(value[:12]))
    return int(value[12]) == (10 - total % 10) % 10


def _uscc_verdict(value: str) -> str:
    """统一社会信用代码 (GB 32100-2015), the Chinese unified social credit code. The organisation code in it follows
    GB 11714."""
    if not re.fullmatch(f"[{USCC_ALPHABET}]{{18}}", value):
        raise InvalidIdentifier("is not eighteen characters of 0-9 and A-Z without I, O, S, V, Z")
    if _uscc_checks(value) and _organisation_code_checks(value[8:17]):
        return "checksum_ok"
    if value[8] == "M":  # such codes may fail both checks and still be legal
        return "checksum_exception"
    raise InvalidIdentifier("fails its check characters")


def _uscc_checks(value: str) -> bool:
    total = sum(USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(value[:17]))
    return USCC_ALPHABET.index(value[17]) == (31 - total % 31) % 31


def _organisation_code_checks(code: str) -> bool:
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    check = 11 - sum(w * ORGANISATION_ALPHABET.index(c) for w, c in zip(weights, code, strict=False)) % 11
    return code[8] == {10: "X", 11: "0"}.get(check, str(check))
