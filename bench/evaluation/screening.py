"""How often ordinary text is refused, and how often a way to reach a person is published."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from schemas.screening import find_personal

from .lines import Line, lines

Half = str
GOALS = {"refused_share": 0.01, "published_share": 0.03}


@dataclass
class Screening:
    """Shares of wrong verdicts, and their kinds by tag: for the tuning half, where one may look."""

    refused_share: float
    published_share: float
    by_tag: Counter[str] = field(default_factory=Counter)


def evaluate(half: Half) -> Screening:
    """Both sets of one half."""
    ordinary, contacts = lines(f"ordinary.{half}"), lines(f"contacts.{half}")
    refused = [line for line in ordinary if find_personal(line["text"])]
    published = [line for line in contacts if not find_personal(line["text"])]
    return Screening(
        len(refused) / len(ordinary), len(published) / len(contacts), Counter(map(_tag, [*refused, *published]))
    )


def _tag(line: Line) -> str:
    return str(line["tag"])
