"""The gold set of partners: pairs of an offer and a need that two people wrote without each other's text in view, each
with a tempting wrong one beside it, in three dresses: a bare sentence, within a profile text, and as one of several
offers and needs in one text."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from schemas.common import Text

from .lines import Line, lines

Dress = Literal["bare", "profiles", "several"]
DRESSES: tuple[Dress, ...] = ("bare", "profiles", "several")
STRICT_DRESSES: tuple[Dress, ...] = ("bare", "profiles")
Gold = Literal["partners", "strict", "english", "settling", "indirect"]
"""`strict`: all of one kind, so that each text is compared with all others; the tempting ones answer nothing. It has no
`several`. `english`: one of the sides, or both, in English. `settling`: the kinds `landing` and `programme`.
`indirect`: unusual trades, and needs that tell of a trouble in other words than the offer that ends it."""
GOLDS_BESIDE: tuple[Gold, ...] = ("english", "settling", "indirect")
"""Those whose texts are looked for among those of `partners`."""
LEARNT_FROM: tuple[Gold, ...] = ("partners", "english", "settling")
TEMPTING_PAIRS: tuple[Gold, ...] = ("partners", "indirect")
"""Those whose two tempting texts answer each other."""
Side = Literal["offer", "need"]
MAX_OTHERS = 3
"""Other offers and needs in a text of several."""
COUNTRIES = {"ko": "KR", "zh": "CN"}


@dataclass(frozen=True)
class Said:
    """One text of the set. `pair` is the id of the pair whose side it is; `is_hard`: the tempting wrong one; `meets`:
    the other side's text of the same sort answers it, which the two tempting ones of a strict pair do not."""

    pair: str
    half: str
    kind: str
    country: str
    side: Side
    text: Text
    is_hard: bool
    meets: bool = True


def language(text: str) -> str:
    """By script, as for every short text (docs/rules.md, section 10)."""
    if re.search("[가-힣]", text):
        return "ko"
    return "zh" if re.search("[\u4e00-\u9fff]", text) else "en"


def texts(half: str, dress: Dress, gold: Gold = "partners") -> Iterator[Said]:
    """All texts of a half in one dress. Introductions come from the same half, so that none is met in both."""
    pairs, boilerplate = lines(f"{gold}.{half}"), lines(f"boilerplate.{half}")
    for pair in pairs:
        for lang, country in COUNTRIES.items():
            side: Side = "offer" if pair["offers"] == country else "need"
            for is_hard in (False, True):
                text = _dressed(pair, lang, is_hard, dress, boilerplate, pairs)
                said = Text(lang=language(text), text=text)
                meets = not is_hard or gold in TEMPTING_PAIRS
                yield Said(pair["id"], half, pair["kind"], country, side, said, is_hard, meets)


def _dressed(pair: Line, lang: str, is_hard: bool, dress: Dress, boilerplate: list[Line], pairs: list[Line]) -> str:
    if dress == "bare":
        return str(pair[lang]["hard" if is_hard else "bare"])
    core = str(pair[lang]["hard_core" if is_hard else "core"])
    # The same dress in every run, and another one for each text.
    draw = random.Random(f"{pair['id']}{lang}{is_hard}")
    if dress == "several":
        return _among_others(draw, core, pair, lang, pairs)
    spoken = language(core)
    known = [line["text"] for line in boilerplate if line["lang"] == spoken]
    # Firms of both countries write English, but not the same sentences.
    known = known[list(COUNTRIES).index(lang) :: len(COUNTRIES)] if spoken == "en" else known
    parts = draw.sample(known, draw.choice([2, 2, 3]))
    parts.insert(draw.choice([0, 1, 1, 2]), core)
    return draw.choice(["\n", "\n\n", " "]).join(parts)


def _among_others(draw: random.Random, core: str, pair: Line, lang: str, pairs: list[Line]) -> str:
    """One of a list of two to four things that a firm offers and needs. The others are of other kinds, so that no text
    has two right partners: fits are asked for between entries of one kind."""
    bare = [str(other[lang]["bare"]) for other in pairs if other["kind"] != pair["kind"]]
    alike = [one for one in bare if language(one) == language(core)]
    others = alike if len(alike) >= MAX_OTHERS else bare
    items = draw.sample(others, draw.choice(range(1, MAX_OTHERS + 1)))
    items.insert(draw.randrange(len(items) + 1), core)
    mark = draw.choice(["- ", "• ", "■ ", "{}. ", "{}) "])
    return "\n".join(mark.format(number) + item for number, item in enumerate(items, start=1))


def may_meet(need: Said, offer: Said) -> bool:
    """Whether the two would be compared: of one kind, across the border."""
    return offer.side == "offer" and offer.kind == need.kind and offer.country != need.country


def is_right(need: Said, offer: Said) -> bool:
    """Whether the two belong together: the same pair, and both the wanted ones, or both the tempting ones."""
    return need.pair == offer.pair and need.is_hard == offer.is_hard and need.meets
