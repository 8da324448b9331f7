"""Draws a dashboard: its JSON, with what a Prometheus answers. A likeness of Grafana for README.md, not its twin."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from ..local.prometheus import Prometheus
from .asking import Json, questions
from .units import shown

CELLS, INCHES_A_CELL, INCHES_A_ROW, DPI = 24, 0.56, 0.31, 80
HEAD_INCHES, GAP_INCHES = 0.5, 0.05
TITLE_INCHES, LEGEND_INCHES, SIDE_INCHES = 0.34, 0.66, 0.66
GROUND, PANEL, TEXT, DIM, GRID = "#111217", "#181b1f", "#d8d9da", "#8e8e93", "#2c3235"
COLOURS = ("#73bf69", "#f2cc0c", "#5794f2", "#ff9830", "#f2495c", "#b877d9", "#8ab8ff", "#ffcb7d", "#96d98d", "#ca95e5")
MAX_NAMED = 5
"""Series in a legend or a panel of bars; more are counted."""
MAX_NAME = 34
SHOWN_COLOURS = 200


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a picture shows, in Unix time."""

    start: float
    end: float

    @property
    def step(self) -> float:
        """Seconds between two points."""
        return max(1.0, round((self.end - self.start) / 120))

    @property
    def range_(self) -> str:
        """As Prometheus writes it."""
        return f"{math.ceil(self.end - self.start)}s"


Found = list[tuple[str, list[tuple[float, float]]]]
"""Series with their names, and their values over time."""


def draw(board: Json, prometheus: Prometheus, span: Span, rate: str, to: Path) -> None:
    """Writes the picture of a dashboard as PNG, with few colours, so that it is small."""
    rows = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board["panels"])
    size = (CELLS * INCHES_A_CELL, rows * INCHES_A_ROW + HEAD_INCHES)
    figure = Figure(figsize=size, dpi=DPI, facecolor=GROUND)
    figure.text(0.012, 1 - 0.3 / size[1], board["title"], color=TEXT, fontsize=13, weight="bold", va="center")
    when = f"{datetime.fromtimestamp(span.start, UTC):%H:%M:%S} to {datetime.fromtimestamp(span.end, UTC):%H:%M:%S} UTC"
    figure.text(0.988, 1 - 0.3 / size[1], when, color=DIM, fontsize=9, va="center", ha="right")
    for panel in board["panels"]:
        _draw_panel(figure, panel, _found(board["title"], panel, prometheus, span, rate), span)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    with Image.open(drawn) as image:
        image.convert("RGB").quantize(SHOWN_COLOURS, dither=Image.Dither.NONE).save(to, optimize=True)


def _found(board: str, panel: Json, prometheus: Prometheus, span: Span, rate: str) -> Found:
    found: Found = []
    for question in questions(board, panel, rate=rate, range_=span.range_):
        if panel["type"] == "timeseries":
            series = prometheus.query_range(question.expr, start=span.start, end=span.end, step=span.step)
            named = [(one["metric"], with_gaps(_numbers(one["values"]), span.step)) for one in series]
        else:  # at the end of the span: drawing takes a while, and what happened first would leave the range
            named = [(one["metric"], _numbers([one["value"]])) for one in prometheus.query(question.expr, at=span.end)]
        found += [(named_by(question.name, labels), values) for labels, values in named]
    return [(name, values) for name, values in found if any(math.isfinite(value) for _, value in values)]


def named_by(pattern: str, labels: Mapping[str, str]) -> str:
    """The name of a series: `{{service}} p95` with the values of its labels."""
    return re.sub(r"\{\{(\w+)\}\}", lambda label: labels.get(label[1], ""), pattern)


def _numbers(values: Sequence[Sequence[Any]]) -> list[tuple[float, float]]:
    return [(float(at), float(value)) for at, value in values]


def with_gaps(values: Sequence[tuple[float, float]], step: float) -> list[tuple[float, float]]:
    """The values with a hole (NaN) where points are missing, so that no line is drawn over it."""
    found = list(values[:1])
    for before, after in pairwise(values):
        if after[0] - before[0] > 1.5 * step:
            found.append((before[0] + step, math.nan))
        found.append(after)
    return found


def _draw_panel(figure: Figure, panel: Json, found: Found, span: Span) -> None:
    width, height = figure.get_size_inches()
    place, pad = panel["gridPos"], GAP_INCHES
    left, top = place["x"] * INCHES_A_CELL + pad, height - HEAD_INCHES - place["y"] * INCHES_A_ROW - pad
    wide, high = place["w"] * INCHES_A_CELL - 2 * pad, place["h"] * INCHES_A_ROW - 2 * pad
    corner = (left / width, (top - high) / height)
    ground = Rectangle(corner, wide / width, high / height, facecolor=PANEL, edgecolor=GRID, zorder=-1)
    ground.set_transform(figure.transFigure)
    figure.patches.append(ground)
    figure.text((left + 0.1) / width, (top - 0.17) / height, panel["title"], color=TEXT, fontsize=9, va="center")
    if not found:
        middle = ((left + wide / 2) / width, (top - high / 2) / height)
        figure.text(*middle, "No data", color=DIM, fontsize=9, ha="center", va="center")
        return
    is_lines = panel["type"] == "timeseries"
    side, foot = (SIDE_INCHES, LEGEND_INCHES) if is_lines else (0.12, 0.1)
    box = (left + side, top - high + foot, wide - side - 0.12, high - TITLE_INCHES - foot)
    axes = figure.add_axes((box[0] / width, box[1] / height, box[2] / width, box[3] / height), facecolor=PANEL)
    unit = panel["fieldConfig"]["defaults"]["unit"]
    if is_lines:
        axes.set_xlim(span.start, span.end)
        _draw_lines(axes, found, unit)
    elif panel["type"] == "bargauge":
        _draw_bars(axes, found, unit, panel["fieldConfig"]["defaults"]["decimals"])
    else:
        _draw_numbers(axes, found, unit)


def _most(values: Sequence[tuple[float, float]]) -> float:
    return max((value for _, value in values if math.isfinite(value)), default=0.0)


def _draw_lines(axes: Axes, found: Found, unit: str) -> None:
    ordered = sorted(found, key=lambda one: -_most(one[1]))
    for n, (name, values) in enumerate(ordered):
        times, label = [at for at, _ in values], _cut(name) if n < MAX_NAMED else "_"
        axes.plot(times, [v for _, v in values], color=COLOURS[n % len(COLOURS)], linewidth=1.1, label=label)
    if len(found) > MAX_NAMED:
        axes.plot([], [], " ", label=f"and {len(found) - MAX_NAMED} more")
    axes.set_ylim(0, 1.06 * _most(ordered[0][1]) or 1.0)
    axes.locator_params(axis="y", nbins=4)
    axes.locator_params(axis="x", nbins=5)
    axes.yaxis.set_major_formatter(lambda value, _: shown(value, unit))
    axes.xaxis.set_major_formatter(lambda at, _: f"{datetime.fromtimestamp(at, UTC):%H:%M:%S}")
    axes.tick_params(colors=DIM, labelsize=6.5, length=0)
    axes.grid(color=GRID, linewidth=0.6)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.legend(
        loc="upper left", bbox_to_anchor=(-0.1, -0.1), ncols=2, fontsize=6.5, frameon=False, labelcolor=TEXT,
        handlelength=1.0, columnspacing=1.0, borderaxespad=0.3, labelspacing=0.25,
    )  # fmt: skip


def _cut(name: str) -> str:
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"


def _last(found: Found) -> list[tuple[str, float]]:
    return [(name, values[-1][1]) for name, values in found]


def _draw_bars(axes: Axes, found: Found, unit: str, decimals: int) -> None:
    values = _last(found)[:10]
    most = max((value for _, value in values if math.isfinite(value)), default=0.0) or 1.0
    for n, (name, value) in enumerate(values):
        axes.barh(n, 1.0, color=GRID, height=0.62)
        axes.barh(n, value / most if math.isfinite(value) else 0, color=COLOURS[n % len(COLOURS)], height=0.62)
        axes.text(-0.02, n, name, color=TEXT, fontsize=7, ha="right", va="center")
        axes.text(
            1.02,
            n,
            shown(value if unit == "percentunit" else round(value, decimals), unit),
            color=TEXT,
            fontsize=8,
            va="center",
        )
    axes.set_xlim(-0.62, 1.22)
    axes.set_ylim(max(len(values), 4) - 0.5, -0.5)
    axes.set_axis_off()


def _draw_numbers(axes: Axes, found: Found, unit: str) -> None:
    values = _last(found)[:6]
    columns = 1 if len(values) == 1 else 2
    rows = math.ceil(len(values) / columns)
    for n, (name, value) in enumerate(values):
        x, y = (n % columns + 0.5) / columns, 1 - (n // columns + 0.5) / rows
        axes.text(x, y, shown(value, unit), color=COLOURS[0], fontsize=22 / rows + 3, ha="center", va="bottom")
        axes.text(x, y - 0.04, name, color=DIM, fontsize=7, ha="center", va="top")
    axes.set_axis_off()
