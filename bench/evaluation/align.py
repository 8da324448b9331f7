"""How the alignment of matching is learnt: the two sides of each pair are to be more alike than either is to the other
pairs (InfoNCE), by a map of low rank. In numpy, by Adam, from a fixed seed: the same pairs give the same map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.matching.domain.alignment import Alignment

Array = npt.NDArray[np.float64]
RANK, EPOCHS, BATCH = 32, 30, 256
TEMPERATURE, RATE, DECAY = 0.1, 0.002, 1e-4
"""Chosen by cross-validation over the tuning half; docs/decisions/0018."""
START = 0.01
FIRST, SECOND, TINY = 0.9, 0.99, 1e-8


@dataclass
class _Adam:
    weights: Array
    mean: Array
    square: Array

    @classmethod
    def of(cls, weights: Array) -> _Adam:
        return cls(weights, np.zeros_like(weights), np.zeros_like(weights))

    def step(self, slope: Array, count: int) -> None:
        self.mean = FIRST * self.mean + (1 - FIRST) * slope
        self.square = SECOND * self.square + (1 - SECOND) * slope**2
        mean, square = self.mean / (1 - FIRST**count), self.square / (1 - SECOND**count)
        self.weights -= RATE * mean / (np.sqrt(square) + TINY)


def alignment(korean: Array, chinese: Array, groups: Sequence[str]) -> Alignment:
    """The map for right pairs, a row each, shape (pairs, dimensions). Rows of one group are no wrong pairs of each
    other: the same pair in another dress."""
    draw = np.random.RandomState(0)
    many, dimensions = korean.shape
    into = _Adam.of(draw.randn(dimensions, RANK) * START)
    back = _Adam.of(draw.randn(RANK, dimensions) * START)
    names = np.unique(np.array(groups), return_inverse=True)[1]
    count = 0
    for _ in range(EPOCHS):
        order = draw.permutation(many)
        for at in range(0, many, BATCH):
            rows, count = order[at : at + BATCH], count + 1
            slope = _slope(korean[rows], chinese[rows], names[rows], into.weights, back.weights)
            by_into, by_back = slope @ back.weights.T, into.weights.T @ slope
            into.step(by_into + DECAY * into.weights, count)
            back.step(by_back + DECAY * back.weights, count)
    return Alignment(into.weights.astype(np.float32), back.weights.astype(np.float32))


def _slope(a: Array, b: Array, names: npt.NDArray[np.intp], into: Array, back: Array) -> Array:
    """The derivative of the loss of one batch by the product of the two matrices, shape (dimensions, dimensions)."""
    (x, long_x), (y, long_y) = (_unit(rows + rows @ into @ back) for rows in (a, b))
    same = (names[:, None] == names[None]) & ~np.eye(len(a), dtype=bool)
    logits = np.where(same, -np.inf, x @ y.T / TEMPERATURE)
    error = (_softmax(logits, axis=1) + _softmax(logits, axis=0) - 2 * np.eye(len(a))) / (2 * len(a) * TEMPERATURE)
    return a.T @ _through_unit(error @ y, x, long_x) + b.T @ _through_unit(error.T @ x, y, long_y)


def _unit(rows: Array) -> tuple[Array, Array]:
    length = np.linalg.norm(rows, axis=1, keepdims=True) + TINY
    return rows / length, length


def _through_unit(slope: Array, unit: Array, length: Array) -> Array:
    """The derivative by a row from that by the same row at length 1."""
    through: Array = (slope - unit * (slope * unit).sum(axis=1, keepdims=True)) / length
    return through


def _softmax(logits: Array, *, axis: int) -> Array:
    chances = np.exp(logits - logits.max(axis=axis, keepdims=True))
    shares: Array = chances / chances.sum(axis=axis, keepdims=True)
    return shares
