"""Topics have sectors, and sectors complement each other. Unknown topics score nothing (docs/rules.md, section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SAME_SECTOR = 0.5
"""The overlap of two topics of one sector; the same topic has 1."""


@dataclass(frozen=True)
class Taxonomy:
    """`sector_of` a topic, and for each sector those that complement it. It is enough if one of two sectors names the
    other."""

    sector_of: Mapping[str, str]
    complements: Mapping[str, frozenset[str]]

    def sectors(self, topics: Iterable[str]) -> frozenset[str]:
        """The sectors of the topics that the taxonomy knows."""
        return frozenset(self.sector_of[topic] for topic in topics if topic in self.sector_of)

    def overlap(self, a: Iterable[str], b: Iterable[str]) -> float:
        """The overlap of two lists of topics, in [0, 1]: the best of any two of them."""
        known_a, known_b = ({t for t in topics if t in self.sector_of} for topics in (a, b))
        if known_a & known_b:
            return 1.0
        return SAME_SECTOR if self.sectors(known_a) & self.sectors(known_b) else 0.0

    def is_complementary(self, a: Iterable[str], b: Iterable[str]) -> bool:
        """Whether they have no sector in common, and one has a sector that complements one of the other."""
        sectors_a, sectors_b = self.sectors(a), self.sectors(b)
        if sectors_a & sectors_b:
            return False
        return any(
            y in self.complements.get(x, ()) or x in self.complements.get(y, ()) for x in sectors_a for y in sectors_b
        )


def taxonomy(sectors: Mapping[str, Mapping[str, list[str]]]) -> Taxonomy:
    """Builds a taxonomy from the content of the shipped file. Raises ValueError for a topic in two sectors, and for an
    unknown sector."""
    sector_of: dict[str, str] = {}
    for sector, entry in sectors.items():
        for topic in entry["topics"]:
            if sector_of.setdefault(topic, sector) != sector:
                raise ValueError(f"{topic} stands in two sectors: {sector_of[topic]} and {sector}")
        if unknown := set(entry["completes"]) - set(sectors):
            raise ValueError(f"{sector} completes sectors that are none: {', '.join(sorted(unknown))}")
    return Taxonomy(sector_of, {sector: frozenset(entry["completes"]) for sector, entry in sectors.items()})
