"""A difference that breaks a reader, as a sentence: what, whom and how, and what to do instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

OUTSIDE = {
    "public": "every subscriber outside",
    "by grant": "partners by grant",
    "owner, operators": "operators",
}


def readers_of(page: Mapping[str, Any]) -> str:
    """Who reads a topic, as its page says."""
    return ", ".join([*page["consumers"], OUTSIDE[page["classification"]]])


@dataclass(frozen=True, slots=True)
class Break:
    """`where` is an event and its field, a topic or a header; `how` says what becomes of its readers."""

    where: str
    what: str
    readers: str
    how: str
    instead: str

    def sentence(self, releases: Iterable[str]) -> str:
        """The whole of it, with the releases in which it was otherwise."""
        named = " and ".join(releases)
        return f"{self.where} {self.what} (released in {named}). {self.readers}: {self.how}. {self.instead}."


def sentences(found: Iterable[tuple[str, Break]]) -> list[str]:
    """One for each break, whatever the number of releases that it breaks."""
    ordered = sorted(found, key=lambda pair: (pair[1].where, pair[1].what, pair[0]))
    return [
        same.sentence(dict.fromkeys(release for release, _ in group))
        for same, group in ((key, list(pairs)) for key, pairs in groupby(ordered, key=lambda pair: pair[1]))
    ]
