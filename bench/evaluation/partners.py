"""The gold set of partners: pairs of an offer and a need that two people wrote without each other's text in view, as a
bare sentence and within a profile text, each with a tempting wrong one beside it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from schemas.common import Text

from .lines import Line, lines

Dress = Literal["bare", "profile"]
DRESSES: tuple[Dress, ...] = ("bare", "profile")
Side = Literal["offer", "need"]
COUNTRIES = {"ko": "KR", "zh": "CN"}


@dataclass(frozen=True)
class Said:
    """One text of the set. `pair` is the id of the pair whose side it is; `is_hard`: the tempting wrong one."""

    pair: str
    half: str
    kind: str
    country: str
    side: Side
    text: Text
    is_hard: bool


def language(text: str) -> str:
    """By script, as for every short text (docs/rules.md, section 10)."""
    if re.search("[가-힣]", text):
        return "ko"
    return "zh" if re.search("[\u4e00-\u9fff]", text) else "en"


def texts(half: str, dress: Dress) -> Iterator[Said]:
    """All texts of a half in one dress. Introductions come from the same half, so that none is met in both."""
    boilerplate = lines(f"boilerplate.{half}")
    for pair in lines(f"partners.{half}"):
        for lang, country in COUNTRIES.items():
            side: Side = "offer" if pair["offers"] == country else "need"
            for is_hard in (False, True):
                text = _dressed(pair, lang, is_hard, dress, boilerplate)
                said = Text(lang=language(text), text=text)
                yield Said(pair["id"], half, pair["kind"], country, side, said, is_hard)


def _dressed(pair: Line, lang: str, is_hard: bool, dress: Dress, boilerplate: list[Line]) -> str:
    said = pair[lang]
    if dress == "bare":
        return str(said["hard" if is_hard else "bare"])
    # The same dress in every run, and another one for each text.
    draw = random.Random(f"{pair['id']}{lang}{is_hard}")
    parts = draw.sample([line["text"] for line in boilerplate if line["lang"] == lang], draw.choice([2, 2, 3]))
    parts.insert(draw.choice([0, 1, 1, 2]), said["hard_core" if is_hard else "core"])
    return draw.choice(["\n", "\n\n", " "]).join(parts)


def may_meet(need: Said, offer: Said) -> bool:
    """Whether the two would be compared: of one kind, across the border."""
    return offer.side == "offer" and offer.kind == need.kind and offer.country != need.country


def is_right(need: Said, offer: Said) -> bool:
    """Whether the two belong together: the same pair, and both the wanted ones, or both the tempting ones."""
    return need.pair == offer.pair and need.is_hard == offer.is_hard
