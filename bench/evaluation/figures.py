"""How many wrong figures in translations are caught, and how many right translations are flagged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from schemas.common import Text
from services.translation.domain.quality import failed_checks
from services.translation.engines.glossary import read_glossary

from .lines import Line

FIGURE_CHECKS = frozenset({"numbers", "units", "figures_unsure"})


def evaluate(pairs: Iterable[Line]) -> dict[str, Any]:
    """Shares of the wrong pairs whose figures are flagged, and of the right ones with any flag at all.

    The flags are those of the product itself. `by_tag` has the number of pairs of each tag and how many went wrong: a
    wrong pair that passes, a right one that is flagged."""
    glossary = read_glossary()
    wrong: list[bool] = []
    right: list[bool] = []
    by_tag: dict[str, dict[str, int]] = defaultdict(lambda: {"pairs": 0, "mistakes": 0})
    for pair in pairs:
        source, target = (Text(lang=pair[f"{side}_lang"], text=pair[side]) for side in ("source", "target"))
        flags = failed_checks(source, target, glossary)
        is_flagged = bool(flags) if pair["right"] else bool(FIGURE_CHECKS & set(flags))
        (right if pair["right"] else wrong).append(is_flagged)
        by_tag[pair["tag"]]["pairs"] += 1
        by_tag[pair["tag"]]["mistakes"] += is_flagged == pair["right"]
    return {"caught_share": _share(wrong), "flagged_share": _share(right), "by_tag": dict(sorted(by_tag.items()))}


def _share(flagged: list[bool]) -> float:
    return round(sum(flagged) / len(flagged), 4) if flagged else 0.0
