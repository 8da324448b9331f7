"""Targets are of a profile; where several delegates meet for it, each has a share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def shared(target: int, shares: Mapping[int, int]) -> dict[int, int]:
    """A target in parts that add up to it, by the size of the shares; the largest get what is left over."""
    total, order = sum(shares.values()), sorted(shares, key=lambda person: (-shares[person], person))
    parts = {person: target * shares[person] // total for person in order}
    for person in _cycle(order, target - sum(parts.values())):
        parts[person] += 1
    return parts


def _cycle(order: Sequence[int], count: int) -> Iterable[int]:
    return (order[n % len(order)] for n in range(count))
