"""How the costs of the index of matching grow with the number of vectors, as a plot: results/matching.svg."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

PLOT = Path(__file__).parent / "results" / "matching.svg"
PANELS = (
    ("until the candidates are there, ms", "propose_p50_ms", "propose_p99_ms", 300),
    ("memory, GB", "resident_gb", "", 0.6),
    ("cold start, s", "cold_start_s", "", 60),
)
"""Title, figure (a line), a second one (dashed), and the goal at a million."""
WIDTH, HEIGHT, LEFT, TOP, BETWEEN = 230, 190, 60, 40, 70


def draw(results: Mapping[str, Any]) -> None:
    """Writes the plot of all sizes that were measured. Both axes are logarithmic."""
    sizes = sorted(int(name) for name in results if name.isdigit())
    if len(sizes) < 2:
        return
    parts = [part for n, panel in enumerate(PANELS) for part in _panel(n, panel, sizes, results)]
    width = LEFT + len(PANELS) * (WIDTH + BETWEEN)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{TOP + HEIGHT + 40}" font-family="sans-serif"'
    )
    PLOT.write_text("\n".join([f'{head} font-size="11">', *parts, "</svg>"]) + "\n")


def _panel(
    number: int, panel: tuple[str, str, str, float], sizes: Sequence[int], results: Mapping[str, Any]
) -> Iterator[str]:
    title, *names, goal = panel
    lines = {name: [float(results[str(size)][name]) for size in sizes] for name in names if name}
    found = [value for line in lines.values() for value in line] + [goal]
    low, high = math.floor(math.log10(max(min(found), 1e-3))), math.ceil(math.log10(max(found)))
    left = LEFT + number * (WIDTH + BETWEEN)

    def x(size: float) -> float:
        return left + WIDTH * math.log(size / sizes[0]) / math.log(sizes[-1] / sizes[0])

    def y(value: float) -> float:
        return TOP + HEIGHT * (high - math.log10(max(value, 10**low))) / (high - low)

    yield f'<text x="{left}" y="{TOP - 16}">{title}</text>'
    for power in range(low, high + 1):
        at = y(10**power)
        yield f'<path d="M{left} {at:.1f}h{WIDTH}" stroke="#ddd"/>'
        yield f'<text x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">{10**power:g}</text>'
    for size in sizes:
        yield f'<text x="{x(size):.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{size:,}</text>'
    yield f'<path d="M{left} {y(goal):.1f}h{WIDTH}" stroke="#c33" stroke-dasharray="2 3"/>'
    for name, line in lines.items():
        points = " ".join(f"{x(size):.1f},{y(value):.1f}" for size, value in zip(sizes, line, strict=True))
        dashes = ' stroke-dasharray="6 3"' if name == names[1] else ""
        yield f'<polyline points="{points}" fill="none" stroke="#246" stroke-width="2"{dashes}/>'
