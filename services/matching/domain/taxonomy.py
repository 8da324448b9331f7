"""Topics have sectors; sectors complete each other. What the taxonomy does not know scores nothing (rules 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SAME_SECTOR = 0.5
"""Two topics of one sector, beside 1 for the same topic."""


@dataclass(frozen=True)
class Taxonomy:
    """`sector_of` a topic; `completing` the sectors that complete a sector, said from either side."""

    sector_of: Mapping[str, str]
    completing: Mapping[str, frozenset[str]]

    def sectors(self, topics: Iterable[str]) -> frozenset[str]:
        return frozenset(self.sector_of[topic] for topic in topics if topic in self.sector_of)

    def overlap(self, a: Iterable[str], b: Iterable[str]) -> float:
        """How near two lists of topics come, in [0, 1]: the best that any two of them reach."""
        known_a, known_b = ({t for t in topics if t in self.sector_of} for topics in (a, b))
        if known_a & known_b:
            return 1.0
        return SAME_SECTOR if self.sectors(known_a) & self.sectors(known_b) else 0.0

    def is_complementary(self, a: Iterable[str], b: Iterable[str]) -> bool:
        """No sector in common, and one of the one completes one of the other."""
        sectors_a, sectors_b = self.sectors(a), self.sectors(b)
        if sectors_a & sectors_b:
            return False
        return any(
            y in self.completing.get(x, ()) or x in self.completing.get(y, ()) for x in sectors_a for y in sectors_b
        )


def taxonomy(sectors: Mapping[str, Mapping[str, list[str]]]) -> Taxonomy:
    """From the shipped file's content. Raises ValueError for a topic in two sectors or a sector that is none."""
    sector_of: dict[str, str] = {}
    for sector, said in sectors.items():
        for topic in said["topics"]:
            if sector_of.setdefault(topic, sector) != sector:
                raise ValueError(f"{topic} stands in two sectors: {sector_of[topic]} and {sector}")
        if unknown := set(said["completes"]) - set(sectors):
            raise ValueError(f"{sector} completes sectors that are none: {', '.join(sorted(unknown))}")
    return Taxonomy(sector_of, {sector: frozenset(said["completes"]) for sector, said in sectors.items()})
