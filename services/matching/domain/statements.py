"""A text is a list of statements: sentences, list items, headings. Each is scored by itself, so that an introduction
does not speak for the whole (docs/rules.md, section 4)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .joined import at_most, is_single, singles_joined
from .list_marks import DEGREES, items
from .markup import masked
from .sentence_ends import sentences

MAX_STATEMENTS = 40
"""Of one text. Items of longer lists are joined, and what is still too much is not scored. A text of 2,000 characters
has about 30 at most."""
MIN_CHARACTERS, MAX_CHARACTERS = 4, 240
_WORD = re.compile(r"[가-힣\u4e00-\u9fff]{2}|\A(?=.*[A-Z])(?=.*\d|.+[A-Z])[A-Za-z0-9]{2,3}\Z")
"""What says something in fewer characters: 电池, 로봇, LED, GaN, 6G."""
_SOFT = re.compile(r"[,，、](?!\d)")
_SPACE = re.compile(r"(?<=\S)\s")
_EDGE = "-–—·∙‧:：,，;；"
_LETTER = re.compile(r"[^\W\d_]")


def spans(text: str) -> list[tuple[int, int]]:
    """Where the statements of a text begin and end, in order, without bullets and numbering. At least one."""
    found, seen = list[tuple[int, int]](), set[str]()
    clear = masked(text)
    for start, end in singles_joined(clear, list(_statements(clear))):
        said = text[start:end]
        if said not in seen:
            found.append((start, end))
            seen.add(said)
    return at_most(clear, found, MAX_STATEMENTS) or [(0, len(text))]


def statements(text: str) -> list[str]:
    """The statements of a text in order."""
    return [text[start:end] for start, end in spans(text)]


def _statements(text: str) -> Iterator[tuple[int, int]]:
    for item_start, item_end in items(text):
        for start, end in sentences(text[item_start:item_end]):
            for piece in _pieces(text, item_start + start, item_start + end):
                stripped = _stripped(text, *piece)
                said = text[slice(*stripped)]
                if _says_something(said) or is_single(said):
                    yield stripped


def _says_something(piece: str) -> bool:
    return bool((len(piece) >= MIN_CHARACTERS and _LETTER.search(piece)) or _WORD.search(piece))


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """Without white space and marks at the edges; the sign of a temperature stays."""
    while start < end and _is_edge(text[start]) and not DEGREES.match(text, start, end):
        start += 1
    while start < end and _is_edge(text[end - 1]):
        end -= 1
    return start, end


def _is_edge(character: str) -> bool:
    return character.isspace() or character in _EDGE


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence that is too long is divided at its commas, or else between words, or else where it becomes too
    long."""
    while end - start > MAX_CHARACTERS:
        window = text[start : start + MAX_CHARACTERS]
        commas = [found.end() for found in _SOFT.finditer(window)]
        length = (commas or [found.end() for found in _SPACE.finditer(window)] or [MAX_CHARACTERS])[-1]
        yield start, start + length
        start += length
    yield start, end
