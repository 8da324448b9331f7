"""Telephone numbers, by evidence: the number plan, how the digits are grouped, and what stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .chains import Chain, Group, chains
from .finding import Certainty, Finding
from .lexicon import CONTACT, CONTACT_AFTER, GOODS, UNIT_AFTER
from .plain import Plain
from .plans import MAX_DIGITS, MIN_DIGITS, Number, number_of

BEFORE, AFTER = 16, 10
"""How far a word may stand from the number that it speaks about."""
_STANDARD = frozenset(
    {(3, 4, 4), (3, 8), (7, 4), (11,), (10,), (3, 3, 4), (2, 4, 4), (2, 3, 4), (2, 8), (2, 7), (4, 8), (4, 7), (4, 4)}
    | {(4, 4, 4), (4, 3, 4), (3, 7), (3, 4, 3), (1, 3, 4, 4), (8,), (3, 3, 5), (9,), (12,), (5, 4, 3)}
)
_ELSEWHERE = {(3, 3, 4), (4, 3, 3), (4, 6), (3, 4, 4)}
_COUNTRY = {("82",), ("86",), ("0082",), ("0086",), ("82", "0"), ("86", "0"), ("0082", "0"), ("0086", "0")}
_YEAR = re.compile(r"(?:19|20)\d\d")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_TIGHT = "-._/"
_BEGINNING = re.compile(
    r"(?:앞\s?(?:자리|번호)|前三位|开头)\D{0,4}(?:01[016-9]|1[3-9]\d)(?!\d)|(?<!\d)1[3-9]\d\s?(?:开头|打头)"
)
"""A number told in pieces: how a mobile number begins, as a piece of its own."""


def numbers(seen: Plain) -> Iterator[Finding]:
    """Telephone numbers in the text. Links are judged by their own rules and must be blanked before."""
    for match in _BEGINNING.finditer(seen.text):
        yield Finding("phone number", seen.places[match.start()], "likely")
    for chain in chains(seen.text):
        yield from _in_chain(seen, chain)


def _in_chain(seen: Plain, chain: Chain) -> Iterator[Finding]:
    first = 0
    while first < len(chain.groups):
        found = _longest(seen, chain, first)
        if found is None:
            first += 1
            continue
        last, score, number = found
        certainty = _certainty(score, number)
        if certainty is not None:
            start = chain.groups[first].start
            yield Finding("phone number", seen.places[start - _plus(seen.text, start)], certainty)
        first = last + 1


def _longest(seen: Plain, chain: Chain, first: int) -> tuple[int, int, Number] | None:
    """The best number that begins with this group: where it ends, its score, what it is."""
    best: tuple[int, int, Number] | None = None
    digits, plus = "", _plus(seen.text, chain.groups[first].start) > 0
    for last in range(first, len(chain.groups)):
        digits += chain.groups[last].digits
        if len(digits) > MAX_DIGITS:
            break
        number = number_of(digits, plus=plus) if len(digits) >= MIN_DIGITS else None
        if number is not None:
            score = _score(seen.text, chain, first, last, number)
            if best is None or score >= best[1]:
                best = (last, score, number)
    return best


def _plus(text: str, start: int) -> int:
    """How far before the digits a plus stands, with at most one sign between; 0 if there is none."""
    before = text[max(0, start - 2) : start]
    return len(before) - before.index("+") if "+" in before else 0


def _certainty(score: int, number: Number) -> Certainty | None:
    if score >= 3:
        return "certain" if number.kind == "mobile" else "likely"
    if score == 2:
        return "likely"
    return "doubtful" if score == 1 else None


def _score(text: str, chain: Chain, first: int, last: int, number: Number) -> int:
    groups, gaps = chain.groups[first : last + 1], chain.gaps[first:last]
    contact = _contact(text, groups)
    return _shape(groups, gaps, number) + contact + _against(text, chain, first, last, bool(contact))


def _shape(groups: list[Group], gaps: list[str], number: Number) -> int:
    """How much the digits themselves look like a number to call."""
    sizes = tuple(len(group.digits) for group in groups)
    for many in (2, 1):
        if tuple(group.digits for group in groups[:many]) in _COUNTRY and len(groups) > many:
            sizes = sizes[many:]
            break
    standard = sizes in _STANDARD
    if number.kind == "service":
        return _service_shape(groups, gaps)
    if number.kind == "line":
        if not number.is_valid:
            return 0 if sizes in _ELSEWHERE else -4
        return 2 if number.is_international or standard else 1
    score = 3 if standard or number.is_international else 2
    if not number.is_valid:
        score -= 1
    # Digits written as words or with look-alikes were meant not to be found.
    disguised = {group.script for group in groups} - {"digits"}
    uniform = len({gap.strip() for gap in gaps}) <= 1
    return score + (1 if disguised and score < 3 and (uniform or len(groups) == 1) else 0)


def _service_shape(groups: list[Group], gaps: list[str]) -> int:
    """1588-3847 is a service number, 1600-2000 and 1588-2019 are ranges or names of standards."""
    if groups[0].digits in ("400", "800"):
        return 2 if tuple(len(g.digits) for g in groups) == (3, 3, 4) else 1
    is_range = groups[-1].digits.endswith("0") or bool(_YEAR.fullmatch(groups[-1].digits))
    return 2 if gaps in (["-"], ["."]) and not is_range else 1


def _contact(text: str, groups: list[Group]) -> int:
    start, end = groups[0].start, groups[-1].end
    before, after = text[max(0, start - BEFORE) : start], text[end : end + AFTER]
    return (2 if CONTACT.search(before) else 0) + (1 if CONTACT_AFTER.match(after) else 0)


def _against(text: str, chain: Chain, first: int, last: int, has_contact: bool) -> int:
    """What says that the digits are something else; 0 or less."""
    groups = chain.groups[first : last + 1]
    start, end = groups[0].start, groups[-1].end
    before, after = text[max(0, start - BEFORE) : start], text[end : end + AFTER]
    digits = "".join(group.digits for group in groups)
    score = 0
    plain = all(group.script == "digits" for group in groups)
    if plain and _is_code(text, start, end) and not (len(groups) == 1 and has_contact):
        score -= 4
    if plain and GOODS.search(before) and not has_contact:
        score -= 4
    if UNIT_AFTER.match(after) and not has_contact:
        score -= 4
    if len(groups) == 1 and digits.endswith("000000") and not _plus(text, start):
        score -= 4
    if _THOUSANDS.fullmatch(text[start:end]) or _are_years(groups) or _is_decimal(chain, first, last):
        score -= 4
    gaps = chain.gaps[first:last]
    if _is_network_address(groups, gaps):
        score -= 4
    if any("\t" in gap for gap in gaps):  # cells of a table
        score -= 3
    if not _is_standard(groups) and _are_values(groups, gaps):
        score -= 3
    return score + _continues(chain, first, last)


def _is_code(text: str, start: int, end: int) -> bool:
    """Letters touch it, or a sign that joins it to letters: `TR-1800-2400`, `SF1380013800138`, `1860-0123R`."""
    before, after = text[max(0, start - 6) : start], text[end : end + 3]
    joined = re.search(r"([A-Za-z][A-Za-z0-9]*)[-_./#]?$", before)
    if joined and not CONTACT.search(joined[0].lower()) and joined[1].lower() not in ("vx", "wx", "qq", "v"):
        return True
    return bool(re.match(r"-?[A-Za-z]{1,3}(?![a-z])", after)) and not after.lower().startswith(("or", "ask"))


def _are_years(groups: list[Group]) -> bool:
    """A range of years at the end: `02. 2024-2026`."""
    years = [bool(_YEAR.fullmatch(group.digits)) for group in groups]
    return len(years) >= 2 and years[-1] and years[-2]


def _is_decimal(chain: Chain, first: int, last: int) -> bool:
    """A gap inside is the point of a decimal number: the only dot of its run, with other gaps beside it."""
    for gap in range(first, last):
        if chain.gaps[gap] == "." and last - first > 1:
            around = chain.gaps[max(0, gap - 1) : gap] + chain.gaps[gap + 1 : gap + 2]
            if "." not in around:
                return True
    # 91.7%, 0.56 0.78: the number begins or ends within one
    edges = (chain.gaps[first - 1 : first] if first else []) + chain.gaps[last : last + 1]
    return "." in edges and "." not in chain.gaps[first:last]


def _are_values(groups: list[Group], gaps: list[str]) -> bool:
    """Round figures in a row, or the sides of something: 1500/2000/300, 1380*2440*180."""
    round_ones = len(groups) > 1 and all(len(g.digits) > 1 and g.digits.endswith("0") for g in groups)
    return round_ones or any("*" in gap or "=" in gap for gap in gaps)


def _is_standard(groups: list[Group]) -> bool:
    return tuple(len(group.digits) for group in groups) in _STANDARD


def _is_network_address(groups: list[Group], gaps: list[str]) -> bool:
    return len(groups) == 4 and set(gaps) == {"."} and all(int(group.digits) < 256 for group in groups)


def _has_extension(chain: Chain, first: int, last: int) -> bool:
    """022-24681357-205: a line, and whom to ask for behind it."""
    groups = chain.groups
    return (
        first == 0 < last == len(groups) - 2
        and groups[0].digits.startswith("0")
        and len(groups[last].digits) in (7, 8)
        and len(groups[-1].digits) in (2, 3, 4)
    )


def _continues(chain: Chain, first: int, last: int) -> int:
    """A number within a longer row of digits is a part of something else, the more the tighter it is joined."""
    if _has_extension(chain, first, last):
        return 0
    around = (chain.gaps[first - 1 : first] if first else []) + chain.gaps[last : last + 1]
    inside = chain.gaps[first:last]
    tight = [gap for gap in around if gap == "" or gap in _TIGHT]
    if any(gap == "~" for gap in around):
        tight = [gap for gap in tight if gap != "~"]
    if tight:
        return -3
    # 2048 4096 8192 16384: the row goes on as it began.
    same = [gap for gap in around if inside and gap == inside[0]]
    return -1 * len(same)
