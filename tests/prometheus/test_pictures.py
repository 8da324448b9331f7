"""The pictures of the dashboards: there is one of each, and it can be drawn again."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest
from PIL import Image

from deploy.grafana.asking import dashboards
from deploy.grafana.drawing import Span, draw, named_by, with_gaps
from deploy.grafana.units import shown
from deploy.local.prometheus import Prometheus
from tests.support.prometheus import program

ROOT = Path(__file__).parents[2]
MAX_BYTES = 150_000


@pytest.mark.parametrize("name", sorted(dashboards()))
def test_there_is_a_small_picture_of_each_dashboard(name: str) -> None:
    picture = f"images/dashboard-{name}.png"
    assert f"]({picture})" in (ROOT / "docs" / "dashboards.md").read_text()
    assert (ROOT / "docs" / picture).stat().st_size < MAX_BYTES, "run `make pictures`"


def test_a_dashboard_is_drawn_with_what_prometheus_answers(tmp_path: Path) -> None:
    program("prometheus")
    board = dashboards()["limits"]
    with Prometheus(tmp_path / "prometheus", {}) as prometheus:
        now = time.time()
        empty, filled = tmp_path / "empty.png", tmp_path / "filled.png"
        draw(board, prometheus, Span(now - 60, now), "10s", empty)
        panels = [{**panel, "targets": [{"expr": "vector(1)", "legendFormat": "one"}]} for panel in board["panels"]]
        draw({**board, "panels": panels}, prometheus, Span(now - 60, now), "10s", filled)
    with Image.open(empty) as without, Image.open(filled) as image:
        assert image.size == without.size and image.tobytes() != without.tobytes()


def test_a_line_has_a_hole_where_points_are_missing() -> None:
    (_, hole), *rest = with_gaps([(0, 1.0), (2, 1.0), (8, 3.0)], 2)[2:]
    assert math.isnan(hole) and rest == [(8, 3.0)]
    assert with_gaps([(0, 1.0), (2, 1.0)], 2) == [(0, 1.0), (2, 1.0)] and with_gaps([], 2) == []


def test_counts_are_of_the_time_that_is_shown(tmp_path: Path) -> None:
    program("prometheus")
    with Prometheus(tmp_path / "prometheus", {}) as prometheus:
        (then,) = prometheus.query("vector(time())", at=1_700_000_000.0)
        assert float(then["value"][1]) == 1_700_000_000.0
        assert float(prometheus.query("vector(time())")[0]["value"][1]) > 1_700_000_000.0


def test_a_series_is_called_by_its_labels() -> None:
    assert named_by("{{service}} p95 {{none}}", {"service": "matching"}) == "matching p95 "


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0, "s", "0"),
        (0.25, "s", "250 ms"),
        (90, "s", "1.5 min"),
        (2_900_000, "s", "33.6 d"),
        (0.1234, "percentunit", "12.3 %"),
        (129_000_000, "decbytes", "129 MB"),
        (12, "reqps", "12 req/s"),
        (20_500, "short", "20.5 K"),
        (float("nan"), "s", "-"),
    ],
)
def test_values_have_their_units(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text
