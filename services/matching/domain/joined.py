"""Statements that are joined with their neighbours, so that none of them is lost."""

from __future__ import annotations

import re
from itertools import groupby, pairwise

from .speech import cues, has_ended

Span = tuple[int, int]
_SINGLE = re.compile(r"[가-힣\u4e00-\u9fff]")
_SENTENCE = re.compile(r"(?:[.。!！?？;；]|[다요])\Z")
_NEAR, _LONGEST = 4, 80
"""Characters between a word of one character and its neighbour; of items that are joined for want of room."""


def is_single(piece: str) -> bool:
    """Whether it is a word of one character: 茶, 쌀."""
    return _SINGLE.fullmatch(piece) is not None


def singles_joined(text: str, found: list[Span]) -> list[Span]:
    """Words of one character in a row are one statement; one alone joins that before it, or else that after it."""
    joined, waiting = list[Span](), list[Span]()
    for single, group in groupby(found, lambda span: is_single(text[slice(*span)])):
        run = list(group)
        if not single:
            joined += _with(waiting[0], run[0]) + run[1:] if waiting else run
            waiting = []
        elif len(run) > 1:
            joined += _rows(run)
        elif joined and run[0][0] - joined[-1][1] <= _NEAR:
            joined[-1] = (joined[-1][0], run[0][1])
        else:
            waiting = run
    return joined


def _with(single: Span, following: Span) -> list[Span]:
    return [(single[0] if following[0] - single[1] <= _NEAR else following[0], following[1])]


def _rows(run: list[Span]) -> list[Span]:
    """A run of words as few statements, none of them longer than is joined."""
    rows = [run[0]]
    for start, end in run[1:]:
        if end - rows[-1][0] <= _LONGEST:
            rows[-1] = (rows[-1][0], end)
        else:
            rows.append((start, end))
    return rows


def at_most(text: str, found: list[Span], most: int) -> list[Span]:
    """As many statements as are scored: of longer lists the shortest neighbours are joined, as far as needed. Sentences
    and what may be a denial stay by themselves; what then is too much is left out at the end."""
    free = [len(found) > most and _is_item(text[slice(*span)]) for span in found]
    while len(found) > most:
        taken = _shortest(found, free, len(found) - most)
        if not taken:
            return found[:most]
        rest = [n for n in range(len(found)) if n - 1 not in taken]
        free = [free[n] for n in rest]
        found = [(found[n][0], found[n + 1 if n in taken else n][1]) for n in rest]
    return found


def _shortest(found: list[Span], free: list[bool], excess: int) -> set[int]:
    """The first of each pair of neighbours that are joined; no pair has a part of another."""
    pairs = sorted(
        (after[1] - before[0], n)
        for n, (before, after) in enumerate(pairwise(found))
        if free[n] and free[n + 1] and after[1] - before[0] <= _LONGEST
    )
    taken: set[int] = set()
    for _, n in pairs:
        if len(taken) < excess and not {n - 1, n + 1} & taken:
            taken.add(n)
    return taken


def _is_item(piece: str) -> bool:
    return not _SENTENCE.search(piece) and not (cues(piece)[0] or has_ended(piece))
