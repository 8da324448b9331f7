"""What firms do, as a tree of nodes: sectors at the top, which may complete each other. A topic is a node by its id, a
label or a synonym; any other topic scores nothing (docs/rules.md, section 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from services.chassis.model import fold

from .names import NATIVE

LANGS = ("ko", "zh", "en")
NARROWER, SAME_SECTOR, RELATED = 0.75, 0.5, 0.5
"""The overlap of a node with a part of it, of two nodes of one sector, and of two that are near although their sectors
differ. The same node has 1. A sector itself is only that: the same sector."""
_BETWEEN = re.compile(r"[\s_-]+")
_AND = re.compile(r"[·、]|与")


Degrees = tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]
"""Nodes by their number in a taxonomy, and to what degree in [0, 1] each is true."""


@dataclass(frozen=True)
class Node:
    """A node of the tree. `label` and `synonyms` are by language. `broader`: what it is a part of; a sector is part
    of nothing. `completes`: sectors whose firms need this one's. `related`: nodes elsewhere that are near."""

    id: str
    label: Mapping[str, str]
    synonyms: Mapping[str, tuple[str, ...]]
    broader: str | None = None
    completes: frozenset[str] = frozenset()
    related: frozenset[str] = frozenset()

    def names(self) -> list[str]:
        """Everything that it is called, its id first."""
        return [self.id, *(name for lang in LANGS for name in (self.label[lang], *self.synonyms.get(lang, ())))]


@dataclass(frozen=True)
class Taxonomy:
    """The nodes by id, and which node each name means, as `key` writes it."""

    nodes: Mapping[str, Node]
    named: Mapping[str, str]
    _sectors: Mapping[str, str] = field(repr=False)

    def known(self, topics: Iterable[str]) -> frozenset[str]:
        """The nodes of the topics that the taxonomy knows."""
        return frozenset(node for topic in topics if (node := self.named.get(key(topic))) is not None)

    def sectors(self, topics: Iterable[str]) -> frozenset[str]:
        """The sectors of the topics that the taxonomy knows."""
        return frozenset(self._sectors[node] for node in self.known(topics))

    def include(self, wider: Iterable[str], topics: Iterable[str]) -> bool:
        """Whether any of the topics is one of the wider ones, by any name that a node has, or is a part of one. A topic
        that the taxonomy does not know is compared by its name."""
        wider = set(wider)
        names, nodes = {key(name) for name in wider}, self.known(wider)
        return any(key(topic) in names or not nodes.isdisjoint(self._with_wider(topic)) for topic in topics)

    def _with_wider(self, topic: str) -> Iterator[str]:
        node = self.named.get(key(topic))
        while node is not None:
            yield node
            node = self.nodes[node].broader

    def nearness(self, a: str, b: str) -> float:
        """How near two nodes are in the tree, in [0, 1]; the same in both orders."""
        if a == b:
            return 1.0
        x, y = self.nodes[a], self.nodes[b]
        if (x.broader == b and y.broader) or (y.broader == a and x.broader):
            return NARROWER
        if self._sectors[a] == self._sectors[b]:
            return SAME_SECTOR
        return RELATED if a in y.related or b in x.related else 0.0

    def degrees(self, found: Mapping[str, float]) -> Degrees:
        """Nodes that are each true to a degree in [0, 1]. What is no node any more counts nothing."""
        known = [(self._numbers[node], degree) for node, degree in found.items() if node in self.nodes]
        return np.array([n for n, _ in known], dtype=np.intp), np.array([degree for _, degree in known])

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {node: number for number, node in enumerate(self.nodes)}

    def overlaps(self, mine: Degrees, theirs: Sequence[Degrees]) -> npt.NDArray[np.float64]:
        """The overlap of some nodes with each of the others, in [0, 1]: the best of any two of them, how near they are
        times the smaller degree."""
        found = np.zeros(len(theirs))
        some = [at for at, (nodes, _) in enumerate(theirs) if len(nodes)]
        if some and len(mine[0]):
            nodes, degrees = (np.concatenate(part) for part in zip(*(theirs[at] for at in some), strict=True))
            best = (np.minimum(mine[1][:, None], degrees) * self._nearnesses[np.ix_(mine[0], nodes)]).max(axis=0)
            starts = [0, *accumulate(len(theirs[at][0]) for at in some)][:-1]
            found[some] = np.maximum.reduceat(best, starts)
        return found

    @cached_property
    def _nearnesses(self) -> npt.NDArray[np.float64]:
        return np.array([[self.nearness(a, b) for b in self.nodes] for a in self.nodes])

    def is_complementary(self, a: Iterable[str], b: Iterable[str]) -> bool:
        """Whether they have no sector in common, and one has a sector that complements one of the other."""
        return self.complete_each_other(self.sectors(a), self.sectors(b))

    def complete_each_other(self, sectors_a: frozenset[str], sectors_b: frozenset[str]) -> bool:
        """The same of two sets of sectors."""
        if sectors_a & sectors_b:
            return False
        completes = {sector: self.nodes[sector].completes for sector in sectors_a | sectors_b}
        return any(y in completes[x] or x in completes[y] for x in sectors_a for y in sectors_b)

    def written(self) -> Iterator[tuple[str, list[str]]]:
        """Each node with its names as texts have them: of `고분자·플라스틱` they have one of the two."""
        for node in self.nodes.values():
            names = ((_AND.split(name) if NATIVE.search(name) else [name]) for name in node.names())
            yield node.id, [one for parts in names for one in parts if one]

    def label(self, node: str, lang: str) -> str:
        """What a node is called in a language; its id if it is no node any more."""
        known = self.nodes.get(node)
        return known.label.get(lang, node) if known else node


@lru_cache(maxsize=20_000)
def key(name: str) -> str:
    """A name as it is compared: `smart-farm` and `Smart Farm` are one."""
    return _BETWEEN.sub("", fold(name))


def taxonomy(content: Mapping[str, Mapping[str, Any]]) -> Taxonomy:
    """Builds a taxonomy from the content of the shipped file. Raises ValueError, which names the node, for a label that
    is missing, a node that is named and unknown, one that is part of itself, and a name that two nodes have."""
    nodes = {id: _node(id, entry) for id, entry in content.items()}
    for node in nodes.values():
        _check_references(node, nodes)
    sectors = {id: _sector(id, nodes) for id in nodes}
    named: dict[str, str] = {}
    for node in nodes.values():
        for name in node.names():
            if named.setdefault(key(name), node.id) != node.id:
                raise ValueError(
                    f"taxonomy: {name} means two nodes, {named[key(name)]} and {node.id}; keep one of them"
                )
    return Taxonomy(nodes, named, sectors)


def _node(id: str, entry: Mapping[str, Any]) -> Node:
    label = entry.get("label", {})
    if missing := [lang for lang in LANGS if not label.get(lang)]:
        raise ValueError(f"taxonomy: {id} has no label in {', '.join(missing)}")
    return Node(
        id,
        dict(label),
        {lang: tuple(entry.get(lang, ())) for lang in LANGS},
        entry.get("broader"),
        frozenset(entry.get("completes", ())),
        frozenset(entry.get("related", ())),
    )


def _check_references(node: Node, nodes: Mapping[str, Node]) -> None:
    named = {*node.completes, *node.related, *([node.broader] if node.broader else [])}
    if unknown := sorted(named - nodes.keys()):
        raise ValueError(f"taxonomy: {node.id} names nodes that are none: {', '.join(unknown)}")
    if node.completes and node.broader:
        raise ValueError(f"taxonomy: {node.id} completes others, but only a sector may; it is a part of {node.broader}")
    if below := sorted(other for other in node.completes if nodes[other].broader):
        raise ValueError(f"taxonomy: {node.id} completes what is no sector: {', '.join(below)}")


def _sector(id: str, nodes: Mapping[str, Node]) -> str:
    seen = {id}
    while (broader := nodes[id].broader) is not None:
        if broader in seen:
            raise ValueError(f"taxonomy: {id} is a part of itself, by way of {broader}; one of the two must be broader")
        seen.add(id := broader)
    return id
