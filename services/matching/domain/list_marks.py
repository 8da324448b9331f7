"""Where a text is divided by its form: lines, cells of a row, bullets and numbering.

A dash or a number says something in most places (`-20 - 60 degrees`, `2024. 5. 7.`, `class 10.`). It is a mark only
where a line begins with it, or as a part of a series."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .line_ends import wrapped

_CUT = re.compile(
    "[\r\n\x1e|｜│\t•●■◆▶▷◇□◎※✅✔★☆▪▸►◈▣❖➢➤☞①-⑳⑴-⒇⒈-⒛❶-❿㉠-㉻]"
    r"|(?<!\S)○(?![○명])|[ \u00a0\u3000]{3,}"
)
_HANGUL, _HAN, _LATIN = "가나다라마바사아자차카타파하", "一二三四五六七八九十", "abcdefghijklmnopqrstuvwxyz"
_NUMBER = re.compile(
    rf"(?<![^\s;；。，,:：])(?P<open>[(（]?)(?:(?P<digits>\d{{1,2}})(?P<sub>-\d{{1,2}})?(?P<point>[.)）、])"
    rf"|(?P<letter>[{_HANGUL}])(?P<dot>[.)）])|(?P<other>[{_HAN}a-z])(?P<close>[)）])|(?P<han>[{_HAN}]{{1,3}})、)"
    rf"(?![\d{_HAN}])",
    re.IGNORECASE,
)
_DASH = re.compile(r"(?<!\S)[-–*·∙‧](?=\s)")
_DATE_BEFORE = re.compile(r"\d[.]\s?\Z")
_DATE_AFTER = re.compile(r"\s?\d{1,2}[.](?!\d)")
_INCORPORATED = re.compile(r"[(（]사[)）](?=\S)")
"""The legal form of an association, not the seventh letter."""
DEGREES = re.compile(
    r"[-–]\s?\d{1,4}(?:[.,]\d{1,3})?\s?(?:(?:~|∼|-|–|to)\s?[-+]?\d{1,4}(?:[.,]\d{1,3})?\s?)?(?:[°℃℉度도]|摄氏|degrees)"
)
"""A temperature below zero: its sign is no bullet."""


def items(text: str) -> Iterator[tuple[int, int]]:
    """Where the parts of a text begin and end, in order, without their marks; some may be empty."""
    start, within = 0, set(wrapped(text))
    for cut in _CUT.finditer(text):
        if cut.start() in within or (cut[0] == "\n" and cut.start() - 1 in within):
            continue
        yield from _parts(text, start, cut.start())
        start = cut.end()
    yield from _parts(text, start, len(text))


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A line or a cell, divided at its marks."""
    at, line = 0, text[start:end]
    for mark_start, mark_end in _marks(line):
        yield start + at, start + mark_start
        at = mark_end
    yield start + at, end


def _marks(line: str) -> list[tuple[int, int]]:
    leads = list(_leads(line))
    return sorted({found.span() for found in (*leads, *_dashes(line, leads), *_numbers(line, leads))})


def _leads(line: str) -> Iterator[re.Match[str]]:
    """The marks with which a line begins: `- 1) `."""
    at = len(line) - len(line.lstrip())
    while found := _lead(line, at):
        yield found
        at = found.end()
        while at < len(line) and line[at].isspace():
            at += 1


def _lead(line: str, at: int) -> re.Match[str] | None:
    if found := _DASH.match(line, at):
        return None if DEGREES.match(line, at) else found
    found = _NUMBER.match(line, at)
    return found if found and not _is_other(found) else None


def _dashes(line: str, leads: list[re.Match[str]]) -> Iterator[re.Match[str]]:
    """Those of a series: the line begins with the mark, or it stands after the end of a sentence or a colon."""
    series = {found[0] for found in leads}
    for found in _DASH.finditer(line):
        before = line[max(0, found.start() - 4) : found.start()].rstrip()[-1:]
        after = line[found.end() : found.end() + 4].lstrip()[:1]
        if before.isdigit() and after.isdigit():
            continue
        if (before and before in ":：.。!?！？") and not DEGREES.match(line, found.start()):
            series.add(found[0])
        if found[0] in series:
            yield found


def _numbers(line: str, leads: list[re.Match[str]]) -> Iterator[re.Match[str]]:
    """Numbers and letters that run 1, 2, 3: two at least, or one after that with which the line begins."""
    runs: dict[str, list[re.Match[str]]] = {}
    following = {_style(lead): _ordinal(lead) + 1 for lead in leads if lead.re is _NUMBER}
    begun = set(following)
    for found in _NUMBER.finditer(line):
        style = _style(found)
        if _is_other(found) or _ordinal(found) != following.get(style, 1):
            continue
        if style in following or not _belongs_to_a_word(line, found):
            following[style] = _ordinal(found) + 1
            runs.setdefault(style, []).append(found)
    for style, run in runs.items():
        if style in begun or len(run) > 1:
            yield from run


def _is_other(found: re.Match[str]) -> bool:
    """Whether it is a part of a date, closes a bracket that was opened before, or is a legal form."""
    line, start, end = found.string, found.start(), found.end()
    before = line[max(0, start - 40) : start]
    closes = not found["open"] and found[0][-1] in ")）" and _opened(before)
    is_date = bool(found["digits"]) and (_DATE_BEFORE.search(before) or _DATE_AFTER.match(line, end))
    return closes or bool(is_date) or bool(_INCORPORATED.match(line, start))


def _opened(before: str) -> bool:
    return max(before.rfind("("), before.rfind("（")) > max(before.rfind(")"), before.rfind("）"))


def _belongs_to_a_word(line: str, found: re.Match[str]) -> bool:
    """`Phase 1. We build it. Phase 2. We sell it.`"""
    before = line[max(0, found.start() - 2) : found.start()].rstrip()[-1:]
    return found[0][-1] == "." and before.isascii() and before.isalpha()


def _style(found: re.Match[str]) -> str:
    kind = next(name for name in ("digits", "letter", "other", "han") if found[name])
    if kind == "other" and found[0].strip("(（)）").isascii():
        kind = "latin"
    return f"{found['open']}{kind}{found['sub'] and '-'}{found[0][-1]}"


def _ordinal(found: re.Match[str]) -> int:
    if found["digits"]:
        return int(found["digits"])
    letter = (found["letter"] or found["other"] or found["han"]).lower()
    return 1 + max(letters.find(letter) for letters in (_HANGUL, _HAN, _LATIN))
