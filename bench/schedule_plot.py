"""How plans and their cost grow with the number of pairs, as a plot: results/schedule.svg."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

PLOT = Path(__file__).parent / "results" / "schedule.svg"
COLOURS = {"ours": "#246", "greedy": "#a63", "solver": "#888"}
PANELS = (("share of the bound", "of_bound", 1.0), ("seconds", "seconds", 60.0), ("memory, MB", "resident_mb", 1024.0))
"""Title, figure, and the greatest value of the axis."""
WIDTH, HEIGHT, LEFT, TOP, BETWEEN = 230, 190, 60, 60, 70


def draw(results: Mapping[str, Any]) -> None:
    """Writes the plot of the plain forums that were measured."""
    sizes = {int(name.split("/")[1]): found for name, found in results.items() if name[0].isdigit()}
    if len(sizes) < 2:
        return
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + 3 * (WIDTH + BETWEEN)}" height="{TOP + HEIGHT + 50}"'
    )
    parts = [part for n, panel in enumerate(PANELS) for part in _panel(n, panel, dict(sorted(sizes.items())))]
    names = {"ours": "Magpie", "greedy": "greedy alone", "solver": "CP-SAT alone, all cores"}
    legend = [
        f'<text x="{LEFT + n * 170}" y="20" fill="{COLOURS[way]}">■ {name}</text>'
        for n, (way, name) in enumerate(names.items())
    ]
    PLOT.write_text("\n".join([f'{head} font-family="sans-serif" font-size="11">', *legend, *parts, "</svg>"]) + "\n")


def _panel(number: int, panel: tuple[str, str, float], sizes: Mapping[int, Any]) -> Iterator[str]:
    title, figure, top = panel
    left, most = LEFT + number * (WIDTH + BETWEEN), max(sizes)

    def x(size: float) -> float:
        return left + WIDTH * size / most

    def y(value: float) -> float:
        return TOP + HEIGHT * (1 - min(value / top, 1))

    yield f'<text x="{left}" y="{TOP - 12}">{title}</text>'
    yield from _grid(left, top, y)
    for size in sizes:
        yield f'<text x="{x(size):.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{size:,}</text>'
    yield f'<text x="{left + WIDTH}" y="{TOP + HEIGHT + 36}" text-anchor="end">pairs</text>'
    for way, colour in COLOURS.items():
        points = " ".join(f"{x(size):.1f},{y(found[way][figure]):.1f}" for size, found in sizes.items())
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _grid(left: int, top: float, y: Callable[[float], float]) -> Iterator[str]:
    for quarter in range(5):
        value = top * quarter / 4
        yield f'<path d="M{left} {y(value):.1f}h{WIDTH}" stroke="#ddd"/>'
        yield f'<text x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:g}</text>'
