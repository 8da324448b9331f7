"""What the panels of a dashboard ask Prometheus, as Grafana would send it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DASHBOARDS = Path(__file__).parent / "dashboards"
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """One query of a panel. `name`: the name of its series, with `{{label}}`."""

    board: str
    panel: str
    expr: str
    name: str


def dashboards() -> dict[str, Json]:
    """The committed dashboards, by name."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(DASHBOARDS.glob("*.json"))}


def questions(board: str, panel: Json, *, rate: str, range_: str) -> Iterator[Question]:
    """The queries of a panel, with durations like `30s` for the variables of Grafana, and all services."""
    for target in panel["targets"]:
        expr = target["expr"].replace("$__rate_interval", rate).replace("$__range", range_).replace("$service", ".+")
        yield Question(board, panel["title"], expr, target["legendFormat"])
