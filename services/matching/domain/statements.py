"""A text is a list of statements: sentences, list items, headings. Each is scored by itself, so that an introduction
does not speak for the whole (docs/rules.md, section 4)."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_STATEMENTS = 40
"""Of one text; what follows is not scored. A text of 2,000 characters has about 30 at most."""
MIN_CHARACTERS, MAX_CHARACTERS = 4, 240
_WORD = re.compile(r"[가-힣\u4e00-\u9fff]{2}|\A[A-Z]{2,3}\Z")
"""What says something in fewer characters: 电池, 로봇, LED."""
_LINE = re.compile(r"[\r\n•●■◆▶▷◇□◎※✅✔★☆▪▸►]|(?<!\S)(?:[-–*·]|\(?\d{1,2}[.)、]|[①-⑳]|[가-하]\.)\s")
_TITLES = r"Dr Mr Mrs Ms Prof No Nos Univ Nat Fig approx incl e\.g i\.e vs U\.S".split()
_FIRMS = "Co Ltd Inc Corp Bros Pte Pty".split()
"""Abbreviations. After one of the first no statement ends; after one of the others, unless small letters follow."""
_TITLE, _FIRM = ("".join(rf"(?<!\b{word}[.])" for word in words) for words in (_TITLES, _FIRMS))
_STOP = rf"(?<=[^\d\s.][.]){_TITLE}(?:{_FIRM}|(?=\s[^a-z]))\s+(?=\S)"
_END = re.compile(rf"(?<=[。！？；])|(?<=[!?;])\s+|{_STOP}|\s+[|/]\s+|\s{{3,}}")
_SOFT = re.compile(r"(?<=[,，、])")
_EDGE = " \t-–—·:：,，;；"
_LETTER = re.compile(r"[^\W\d_]")


def spans(text: str) -> list[tuple[int, int]]:
    """Where the statements of a text begin and end, in order, without bullets and numbering. At least one."""
    found, at, seen = list[tuple[int, int]](), 0, set[str]()
    for piece in _statements(text):
        start = text.find(piece, at)
        if start >= 0 and piece not in seen:
            found.append((start, start + len(piece)))
            at = start + len(piece)
            seen.add(piece)
    return found[:MAX_STATEMENTS] or [(0, len(text))]


def statements(text: str) -> list[str]:
    """The statements of a text in order."""
    return [text[start:end] for start, end in spans(text)]


def _statements(text: str) -> Iterator[str]:
    for line in _LINE.split(text):
        for sentence in _END.split(line):
            for piece in _pieces(sentence):
                stripped = piece.strip(_EDGE)
                if (len(stripped) >= MIN_CHARACTERS and _LETTER.search(stripped)) or _WORD.search(stripped):
                    yield stripped


def _pieces(sentence: str) -> Iterator[str]:
    """A sentence that is too long is divided at its commas, or else where it becomes too long."""
    part = ""
    for clause in _SOFT.split(sentence):
        if part and len(part) + len(clause) > MAX_CHARACTERS:
            yield part
            part = ""
        part += clause
        while len(part) > MAX_CHARACTERS:
            yield part[:MAX_CHARACTERS]
            part = part[MAX_CHARACTERS:]
    if part:
        yield part
