"""Business identifiers of both countries: a verdict is graded and never claims more than was checked (rules 1)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from schemas.screening import is_chinese_resident_number, is_korean_resident_number

SCHEMES = ("kr-brn", "kr-crn", "cn-uscc")
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_IGNORED = re.compile(r"[\s\-\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\u30fc\ufeff]")


class NotAnIdentifier(ValueError):
    """Says which rule failed, never the value."""


@dataclass(frozen=True)
class Identifier:
    """`value` in its one ASCII form. `verdict`: format_ok, checksum_ok, or checksum_exception (legal all the same, and
    seen by a person)."""

    scheme: str
    value: str
    verdict: str


def identify(scheme: str, text: str) -> Identifier:
    """Raises NotAnIdentifier. A person's number is refused whatever the scheme."""
    value = canonical(text)
    if scheme != "kr-brn" and is_personal(value):
        raise NotAnIdentifier("reads as a person's number; give the organisation's own")
    match scheme:
        case "kr-brn":
            return Identifier(scheme, value, _brn(value))
        case "kr-crn":
            return Identifier(scheme, value, _crn(value))
        case "cn-uscc":
            return Identifier(scheme, value, _uscc(value))
    raise NotAnIdentifier(f"is of an unknown scheme; use one of {', '.join(SCHEMES)}")


def canonical(text: str) -> str:
    """Full-width characters, spaces, hyphens and case made one. `²` stays what it is: it is no digit of ours."""
    folded = "".join(
        unicodedata.normalize("NFKC", character) if "\uff01" <= character <= "\uff5e" else character
        for character in text
    )
    return _IGNORED.sub("", folded).upper()


def is_personal(value: str) -> bool:
    """Thirteen digits that read as a resident number and fail the corporate checksum; eighteen that pass as one."""
    if is_korean_resident_number(value):
        return not _crn_checks(value)
    return is_chinese_resident_number(value)


def _brn(value: str) -> str:
    """사업자등록번호."""
    if not re.fullmatch(r"[0-9]{10}", value):
        raise NotAnIdentifier("is not ten digits (XXX-XX-XXXXX)")
    if int(value[:3]) < 101 or value[3:5] == "00" or value[5:9] == "0000":
        raise NotAnIdentifier("has an office, kind or serial that is never given out")
    digits = [int(d) for d in value]
    total = sum(w * d for w, d in zip((1, 3, 7, 1, 3, 7, 1, 3, 5), digits, strict=False)) + 5 * digits[8] // 10
    if digits[9] != (10 - total % 10) % 10:
        raise NotAnIdentifier("fails its check digit")
    return "checksum_ok"


def _crn(value: str) -> str:
    """법인등록번호: a failing checksum is a warning, some old ones are legal."""
    if not re.fullmatch(r"[0-9]{13}", value):
        raise NotAnIdentifier("is not thirteen digits (XXXXXX-XXXXXXX)")
    return "checksum_ok" if _crn_checks(value) else "format_ok"


def _crn_checks(value: str) -> bool:
    total = sum(int(d) * (1 + i % 2) for i, d in enumerate(value[:12]))
    return int(value[12]) == (10 - total % 10) % 10


def _uscc(value: str) -> str:
    """统一社会信用代码, GB 32100-2015; the organisation code inside is GB 11714."""
    if not re.fullmatch(f"[{USCC_ALPHABET}]{{18}}", value):
        raise NotAnIdentifier("is not eighteen characters of 0-9 and A-Z without I, O, S, V, Z")
    if _uscc_checks(value) and _organisation_checks(value[8:17]):
        return "checksum_ok"
    if value[8] == "M":
        return "checksum_exception"
    raise NotAnIdentifier("fails its check characters")


def _uscc_checks(value: str) -> bool:
    total = sum(USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(value[:17]))
    return USCC_ALPHABET.index(value[17]) == (31 - total % 31) % 31


def _organisation_checks(code: str) -> bool:
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    check = 11 - sum(w * ORGANISATION_ALPHABET.index(c) for w, c in zip(weights, code, strict=False)) % 11
    return code[8] == {10: "X", 11: "0"}.get(check, str(check))
