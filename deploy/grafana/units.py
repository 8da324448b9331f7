"""Values as Grafana writes them, by the unit of a panel."""

from __future__ import annotations

import math

SECONDS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"), (0.001, "ms"))
BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "KB"))
SUFFIXES = {"reqps": " req/s", "cps": "/s"}


def shown(value: float, unit: str) -> str:
    """A value with its unit, short enough for an axis."""
    if not math.isfinite(value):
        return "-"
    if unit == "percentunit":
        return f"{_rounded(100 * value)} %"
    if unit in ("s", "decbytes"):
        return _scaled(value, SECONDS if unit == "s" else BYTES)
    if abs(value) >= 10_000:
        return f"{_rounded(value / 1000)} K{SUFFIXES.get(unit, '')}"
    return f"{_rounded(value)}{SUFFIXES.get(unit, '')}"


def _scaled(value: float, steps: tuple[tuple[float, str], ...]) -> str:
    for size, name in steps:
        if abs(value) >= size:
            return f"{_rounded(value / size)} {name}"
    return f"{_rounded(value)}"


def _rounded(value: float) -> str:
    """Three digits, and none after the point that says nothing."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"
