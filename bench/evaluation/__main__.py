"""`python -m bench.evaluation [part ...]`: judges the held-out texts, prints, keeps the figures in bench/results/."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.matching.embedders import SentenceEncoder

from . import ablations, classification, figures, matching, screening, served
from .lines import lines
from .partners import DRESSES, GOLDS_BESIDE, STRICT_DRESSES, Gold

RESULTS = Path(__file__).parent.parent / "results" / "eval.json"


def _screening() -> dict[str, Any]:
    tuned, held = screening.evaluate("tuning"), screening.evaluate("held")
    print("public texts: ordinary ones refused, ways to reach a person published")
    for half, found in (("tuning", tuned), ("held out", held)):
        print(f"  {half:<9} refused {found.refused_share:.2%}, published {found.published_share:.2%}")
    return {"refused_share": round(held.refused_share, 4), "published_share": round(held.published_share, 4)}


def _figures() -> dict[str, Any]:
    print("figures in translations: wrong ones caught, right ones flagged")
    found = {half: figures.evaluate(lines(f"figures.{half}")) for half in ("tuning", "held")}
    for half, shares in found.items():
        print(f"  {half:<9} caught {shares['caught_share']:.2%}, flagged {shares['flagged_share']:.2%}")
    return {name: found["held"][name] for name in ("caught_share", "flagged_share")}


def _matching() -> dict[str, Any]:
    print("partners: R@1, R@3, tempting wrong ones beaten; what must not match")
    found = {half: matching.evaluate(half) for half in ("tuning", "held")}
    alone = matching.evaluate("held", name=SentenceEncoder.name)
    for half, figures_ in (*found.items(), ("one encoder", alone)):
        recalls = "; ".join(
            f"{d} {figures_[d]['r1']:.2f} {figures_[d]['r3']:.2f} {figures_[d]['hard']:.2f}" for d in DRESSES
        )
        print(
            f"  {half:<11} {recalls}; strangers {figures_['strangers_above_minimum']:.1%}, "
            f"introductions {figures_['boilerplate_matches']:.1%}, "
            f"negated below {figures_['negated_below_minimum']:.0%}, single denials heard "
            f"{figures_['denials_heard']:.0%}, standing ones silenced {figures_['standing_silenced']:.0%}"
        )
        for gold in GOLDS_BESIDE:
            print(f"    {gold:<9} " + "; ".join(_beside(dress, figures_[gold][dress]) for dress in STRICT_DRESSES))
    without = ablations.evaluate("held")
    for name, recalls_ in without.items():
        print(f"  {name:<18} " + "; ".join(f"{dress} {of['r1']:.2f} {of['r3']:.2f}" for dress, of in recalls_.items()))
    return {**found["held"], "one_encoder": {dress: alone[dress] for dress in DRESSES}, "ablations": without}


def _beside(dress: str, of: dict[str, Any]) -> str:
    recalls = f"{of['r1']:.2f} {of['r3']:.2f} {of['hard']:.2f}"
    return f"{dress} {recalls} right {of['right_above_minimum']:.0%} strangers {of['strangers_above_minimum']:.1%}"


def _taxonomy() -> dict[str, Any]:
    print("statements that find their node of the taxonomy: first, among the first three")
    found = {half: classification.evaluate(half) for half in ("tuning", "held")}
    found["one encoder"] = classification.evaluate("held", name=SentenceEncoder.name)
    for half, shares in found.items():
        print(f"  {half:<11} {shares['top1']:.2f} {shares['top3']:.2f}")
    return {**found["held"], "one_encoder": found["one encoder"]}


def _served() -> dict[str, Any]:
    print("partners, as a running system proposes them: R@1, R@3, tempting wrong ones beaten, other matches a firm")
    found: dict[str, Any] = {}
    golds: tuple[Gold, ...] = ("partners", "strict", "indirect")
    for gold in golds:
        for dress in STRICT_DRESSES:
            one = found.setdefault(gold, {})[dress] = served.evaluate("held", dress, gold)
            print(
                f"  {gold:<9} {dress:<9} {one['r1']:.2f} {one['r3']:.2f} {one['hard']:.2f} {one['others']:.2f}",
                flush=True,
            )
    return found


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "screening": _screening,
    "figures": _figures,
    "matching": _matching,
    "taxonomy": _taxonomy,
    "served": _served,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.evaluation", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="these alone; the figures of the others stay")
    chosen = parser.parse_args().parts or list(PARTS)
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    kept |= {name: PARTS[name]() for name in chosen}
    RESULTS.write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()
