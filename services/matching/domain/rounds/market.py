"""Two sides that are ranked for each other at once, and the three ways to do it (docs/rules.md, section 5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Ranks = npt.NDArray[np.int64]
BETA = 0.1
MAX_STEPS, ENOUGH = 1000, 1e-10
LARGE = 30.0
"""Of the logarithm of h: beyond it asinh(h) is log(2h) to the last bit."""
SPREAD = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9], dtype=np.uint64)
"""Odd numbers whose products, modulo 2^64, are in no order (those of splitmix64)."""
DIGITS = 9
"""Of what is ranked by: the last bits differ between machines, and must decide nothing."""


@dataclass(frozen=True)
class Market:
    """All matrices have the shape (left, right). `to_right`: the interest of each left one in each right one.
    `to_left`: that of each right one in each left one. Both are in [0, 1]. Only `allowed` pairs may be ranked."""

    to_right: Matrix
    to_left: Matrix
    allowed: Mask

    def flipped(self) -> Market:
        """The same market, seen from the other side."""
        return Market(self.to_left.T, self.to_right.T, self.allowed.T)


def harmonic(market: Market) -> Matrix:
    """The harmonic mean of both interests: the score of each pair; -inf where it is not allowed."""
    total = market.to_right + market.to_left
    mean = 2 * market.to_right * market.to_left / np.where(total > 0, total, 1)
    return _only(market, np.round(mean, DIGITS))


def joint(market: Market, beta: float = BETA) -> Matrix:
    """The logarithm of mu, the equilibrium of a market in which what a pair gains can be shared: a pair that both want,
    and that others want less, is large. Solved by IPFP with logarithms, so no interest and no beta overflows. -inf
    where a pair is not allowed."""
    log_k = _only(market, (market.to_right + market.to_left) / (2 * beta))
    log_a, log_b = np.zeros(log_k.shape[0]), np.zeros(log_k.shape[1])
    for _ in range(MAX_STEPS):
        before = log_b
        log_a = _share(_log_sum(log_k + log_b, axis=1))
        log_b = _share(_log_sum(log_k + log_a[:, None], axis=0))
        if log_b.size == 0 or float(np.abs(log_b - before).max()) < ENOUGH:
            break
    return np.round(log_k + log_a[:, None] + log_b, DIGITS)


def naive(market: Market) -> Matrix:
    """Each left one's own interest; -inf where a pair is not allowed. From the right it is another matrix."""
    return _only(market, market.to_right)


def ranks(values: Matrix) -> Ranks:
    """The place of each right one in the list of each left one, from 1; 0 where it is -inf."""
    order = best_first(values)
    places = np.empty(values.shape, dtype=np.int64)
    np.put_along_axis(places, order, np.broadcast_to(np.arange(1, values.shape[1] + 1), values.shape), axis=1)
    return np.where(np.isneginf(values), 0, places)


def best_first(values: Matrix) -> Ranks:
    """The right ones in the order of each left one. Equals are in another order for each: many profiles say the same,
    and whichever stood first would be first for all."""
    left, right = (np.arange(size, dtype=np.uint64) for size in values.shape)
    mixed = (left[:, None] * SPREAD[0] + right) * SPREAD[1]
    return np.lexsort(((mixed ^ (mixed >> np.uint64(29))) * SPREAD[0], -values), axis=1)


def _only(market: Market, values: Matrix) -> Matrix:
    return np.where(market.allowed, values, -np.inf)


def _log_sum(logs: Matrix, *, axis: int) -> Matrix:
    """The logarithm of the sum; -inf where there is nothing to sum up."""
    if logs.size == 0:
        return np.full(logs.shape[1 - axis], -np.inf)
    top = logs.max(axis=axis)
    base = np.where(np.isneginf(top), 0.0, top)
    with np.errstate(divide="ignore"):
        found: Matrix = base + np.log(np.exp(logs - np.expand_dims(base, axis)).sum(axis=axis))
    return found


def _share(log_sum: Matrix) -> Matrix:
    """log(sqrt(1 + h^2) - h), which is -asinh(h), for h = exp(log_sum) / 2."""
    log_h = log_sum - np.log(2)
    small = np.arcsinh(np.exp(np.minimum(log_h, LARGE)))
    found: Matrix = -np.where(log_h > LARGE, log_h + np.log(2), small)
    return found
