"""Where a sentence ends. A full stop after an abbreviation or an initial, and a slash within a term, end none."""

from __future__ import annotations

import re
from collections.abc import Iterator

_OPENERS = (
    "We|Our|The|This|These|It|Its|They|You|Your|Please|Contact|Call|All|Both|Each|For|In|At|As|An|A|If|With|Now|Also"
    "|Looking|Seeking|There"
)
"""With these a sentence begins, also after an abbreviation."""
_OPENER = re.compile(rf"(?:{_OPENERS})\s")
_END = re.compile(
    r"(?<=[。！？；])|(?<=[!?;])\s|(?<=[^\d\s.][.])\s|(?<=\s)/(?=\s)"
    r"|(?<=[가-힣][다요][.])(?=[가-힣A-Z])|(?<=[가-힣\u4e00-\u9fff][!?])(?=[가-힣\u4e00-\u9fff])"
    rf"|(?<=[a-z]{{2}}[.])(?=(?:{_OPENERS})\s)"
)
_TITLES = frozenset("Dr Mr Mrs Ms Prof No Nos Univ Nat Fig approx incl e.g i.e vs".split())
"""After one of these no sentence ends."""
_FIRMS = frozenset("Co Ltd Inc Corp Bros Pte Pty Mfg Intl".split())
"""After one of these none ends if small letters or another of these follow."""
_SHORT = frozenset(
    "al assoc ave bldg blvd cat dept dia eng est ext fig ft gen govt hr hrs inst jr lb lbs max min mt oz pcs qty rd ref"
    " rev sci sec spec sr st tech tel temp vol jan feb apr jun jul aug sep sept oct nov dec".split()
)
"""After one of these one ends if the next word opens a sentence."""
_INITIALS = re.compile(r"(?:[A-Za-z][.])+[A-Za-z]")
_PART = re.compile(r"[A-Za-z0-9.,%]{1,3}|[가-힣\u4e00-\u9fff]")
"""A part of a term with spaces about its slash: `AC / DC`, `입 / 출력`."""
_LONGEST = 16
"""Characters of a word beside a mark that are looked at."""


def sentences(line: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a line begin and end, in order, with the white space about them; some may be empty."""
    start = 0
    for found in _END.finditer(line):
        before = line[max(start, found.start() - _LONGEST) : found.start()].split()
        after = line[found.end() : found.end() + _LONGEST].lstrip()
        if before and after and _goes_on(found[0], before[-1], after):
            continue
        yield start, found.start()
        start = found.end()
    yield start, len(line)


def _goes_on(mark: str, word: str, after: str) -> bool:
    if mark == "/":
        return any(_PART.fullmatch(part) for part in (word, after.split()[0]))
    is_small = after[0].isascii() and after[0].islower()
    if word[-1] == "!":
        return is_small
    return mark.isspace() and word[-1] == "." and _is_abbreviation(word[:-1].lstrip("([\"'“‘"), after, is_small)


def _is_abbreviation(word: str, after: str, is_small: bool) -> bool:
    """Whether the full stop after a word ends no sentence."""
    opens = bool(_OPENER.match(after))
    if word in _TITLES:
        return True
    if word in _FIRMS:
        return is_small or after.split()[0].rstrip(".,") in _FIRMS
    if _INITIALS.fullmatch(word) or word.lower() in _SHORT:
        return not opens
    if word == "no":
        return after[0].isdigit()
    if len(word) == 1 and word.isascii() and word.isupper():
        return after[0].isascii() and after[0].isalpha() and not opens
    return is_small and len(word) <= 5 and word.isascii() and word.isalpha()
