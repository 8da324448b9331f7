"""Finds in a text what it names: the nodes of the taxonomy, and concepts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from services.chassis.model import fold

MAX_CAPITALS = 4
"""Latin names in capitals of at most this length are abbreviations, and count in capitals only: IT is not it."""
NATIVE = re.compile(r"[가-힣\u4e00-\u9fff]")
"""Hangul and Chinese characters, which are written without spaces around a word."""
_WORD = re.compile(r"[a-z0-9]+[+#]*", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_LATIN = re.compile(r"[a-z0-9]{2}")
Found = tuple[str, str]
"""What is named, by its id, and the name of it that a text has."""


class Names:
    """Finds the names of many things in a text, the longest at each place; Latin ones as whole words."""

    def __init__(self, named: Iterable[tuple[str, Iterable[str]]]) -> None:
        """`named`: the id of each thing and what it is called, in any language. A name may be that of several."""
        self._native: dict[str, dict[str, list[str]]] = {}
        self._latin: dict[tuple[str, ...], list[str]] = {}
        self._capitals: dict[str, list[str]] = {}
        for id, names in named:
            for name in names:
                self._add(name, id)
        self._lengths = {
            start: sorted({len(name) for name in known}, reverse=True) for start, known in self._native.items()
        }
        self._longest = max(map(len, self._latin), default=1)

    def _add(self, name: str, id: str) -> None:
        if NATIVE.search(name):
            written = _SPACE.sub("", fold(name))
            named = self._native.setdefault(written[:2], {}).setdefault(written, [])
        elif name.isupper() and name.isalpha() and len(name) <= MAX_CAPITALS:
            named = self._capitals.setdefault(name, [])
        else:
            named = self._latin.setdefault(tuple(words(fold(name))), [])
        if id not in named:
            named.append(id)

    def found(self, text: str) -> list[Found]:
        """Each name once, in order."""
        return list(dict.fromkeys([*self._in_native(text), *self._in_latin(text)]))

    def _in_native(self, text: str) -> Iterator[Found]:
        """Spaces do not count: 전력 반도체 is 전력반도체. But a name with one in its midst begins a word: there is no
        의자 in 최고의 자동화. A name within a longer one is none."""
        parts = _SPACE.split(fold(text))
        written, end = "".join(parts), 0
        starts = {0, *accumulate(map(len, parts))}
        for at in range(len(written)):
            longest = self._starting(written, at, starts)
            if longest and at + len(longest) > end:
                end = at + len(longest)
                yield from ((id, longest) for id in self._native[longest[:2]][longest])

    def _starting(self, written: str, at: int, starts: set[int]) -> str:
        """The longest name that begins here; empty where none does. `starts`: where words begin."""
        if written[at : at + 2] not in self._lengths and written[at] not in self._lengths:
            return ""  # almost everywhere, and all else takes time
        begins = at in starts
        if not begins and _LATIN.fullmatch(written[at - 1 : at + 1]):
            return ""
        for start in (written[at : at + 2], written[at]):
            for length in self._lengths.get(start, ()):
                name = written[at : at + length]
                if name in self._native[start] and (begins or starts.isdisjoint(range(at + 1, at + length))):
                    return name
        return ""

    def _in_latin(self, text: str) -> Iterator[Found]:
        said, at = words(unicodedata.normalize("NFKC", text)), 0
        while at < len(said):
            lengths = range(min(self._longest, len(said) - at), 0, -1)
            named = ((n, ids) for n in lengths if (ids := self._named(said[at : at + n])))
            n, ids = next(named, (1, []))
            yield from ((id, " ".join(said[at : at + n]).lower()) for id in ids)
            at += n

    def _named(self, said: Sequence[str]) -> list[str]:
        """What has this name, also in the plural."""
        lower = tuple(word.lower() for word in said)
        for last in (lower[-1], lower[-1].removesuffix("s")):
            if (ids := self._latin.get((*lower[:-1], last))) is not None:
                return ids
        return self._capitals.get(said[0].removesuffix("s"), []) if len(said) == 1 else []


def words(text: str) -> list[str]:
    """The words in Latin letters and digits, in order."""
    found: list[str] = _WORD.findall(text)
    return found
