"""The kinds of panels that the dashboards have. Each one has a title, a unit and a description, or mypy is red."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

from grafana_foundation_sdk.builders import bargauge, common, prometheus, stat, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BigValueColorMode,
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    TooltipDisplayMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DataSourceRef, Panel

SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
"""As `provisioning/datasources` names it."""
HEIGHT, WIDTH = 8, 8
"""In cells of Grafana's grid, which is 24 cells wide."""
LAST = "lastNotNull"


@dataclass(frozen=True, slots=True)
class Series:
    """What Prometheus is asked, and how the answer is called: `{{label}}` stands for the value of a label."""

    expr: str
    name: str


@dataclass(frozen=True, slots=True)
class About:
    """What a panel says of itself. `unit` is a name of Grafana's; `description`: what is seen and what is good."""

    title: str
    unit: str
    description: str
    width: int = WIDTH


class _Common(Protocol):
    """What the builders of all kinds have in common; they have no base class for it."""

    def title(self, title: str) -> Self: ...
    def unit(self, unit: str) -> Self: ...
    def description(self, description: str) -> Self: ...
    def datasource(self, datasource: DataSourceRef) -> Self: ...
    def height(self, h: int) -> Self: ...
    def span(self, w: int) -> Self: ...
    def min(self, min_val: float) -> Self: ...
    def with_target(self, target: prometheus.Dataquery) -> Self: ...


P = TypeVar("P", bound=_Common)


def _filled(panel: P, about: About, series: Sequence[Series], *, is_range: bool) -> P:
    panel.title(about.title).unit(about.unit).description(about.description)
    panel.datasource(SOURCE).height(HEIGHT).span(about.width).min(0)
    for n, one in enumerate(series):
        query = prometheus.Dataquery().expr(one.expr).legend_format(one.name).ref_id(chr(ord("A") + n))
        panel.with_target(query.range() if is_range else query.instant())
    return panel


def lines(about: About, *series: Series) -> Builder[Panel]:
    """Values over time."""
    panel = _filled(timeseries.Panel(), about, series, is_range=True)
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
    tooltip = common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING)
    panel.legend(legend.show_legend(True)).tooltip(tooltip)
    return panel.fill_opacity(8).line_width(1).show_points(VisibilityMode.NEVER)


def numbers(about: About, *series: Series, decimals: int = 0) -> Builder[Panel]:
    """The value of each series now, as a number."""
    panel = _filled(stat.Panel(), about, series, is_range=False).decimals(decimals)
    return panel.reduce_options(_last()).graph_mode(BigValueGraphMode.NONE).color_mode(BigValueColorMode.NONE)


def bars(about: About, *series: Series, decimals: int = 0) -> Builder[Panel]:
    """The value of each series now, as a bar below the one before."""
    panel = _filled(bargauge.Panel(), about, series, is_range=False).decimals(decimals)
    panel.orientation(VizOrientation.HORIZONTAL).display_mode(BarGaugeDisplayMode.BASIC)
    return panel.reduce_options(_last())


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs([LAST])


def quantiles(metric: str, by: str, *, where: str = "") -> tuple[Series, Series]:
    """The median and the 95th percentile of a histogram, by one label or several (`route, method`)."""
    name = " ".join(f"{{{{{label.strip()}}}}}" for label in by.split(","))
    rate = f"sum by (le, {by}) (rate({metric}_bucket{where}[$__rate_interval]))"
    median, high = (Series(f"histogram_quantile({q}, {rate})", f"{name} p{int(q * 100)}") for q in (0.5, 0.95))
    return median, high


def board(name: str, description: str, panels: Iterable[Builder[Panel]]) -> Dashboard:
    """A dashboard, panels from left to right and from top to bottom."""
    found = Dashboard(f"Magpie: {name}").uid(f"magpie-{name.lower()}").description(description).tags(["magpie"])
    found.time("now-6h", "now").refresh("30s").timezone("browser").tooltip(DashboardCursorSync.CROSSHAIR).readonly()
    for panel in panels:
        found.with_panel(panel)
    return found
