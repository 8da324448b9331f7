"""Writes docs/metrics.md from the metrics as they are declared: `python -m deploy.metrics_page [--check]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

from prometheus_client.metrics import MetricWrapperBase

import services.matching.metrics
import services.notifications.metrics
import services.profiles.metrics
import services.translation.metrics
from services.chassis.ops import metrics as chassis

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"
DECLARED: Mapping[str, ModuleType] = {
    "Every service": chassis,
    "profiles": services.profiles.metrics,
    "matching": services.matching.metrics,
    "notifications": services.notifications.metrics,
    "translation": services.translation.metrics,
}
HEAD = """# Metrics
All metrics of Magpie, as `/metrics` on the operators' port of each service shows them. `make metrics` writes this page
from their declarations, and a test compares it with running services. Units are base units. Values of labels are few:
names of routes, topics, event types and kinds, never ids, organisations or texts. Series whose labels are known exist
at 0 from the start. Counters begin at 0 with each process, and what happened is counted after the commit that it is
part of: once, also where a batch is decided again or a record comes again.

What a replica reads from MongoDB or from Kafka, all replicas say: take the maximum over them, not the sum. What to
look at first is in [README.md](../README.md); [runbook.md](runbook.md) has each alert.
"""


def families(module: ModuleType) -> Iterator[MetricWrapperBase]:
    """The metrics of a module, in the order in which it declares them."""
    for value in vars(module).values():
        if isinstance(value, MetricWrapperBase):
            yield value


def shown_name(metric: MetricWrapperBase) -> str:
    """The name as Prometheus shows it."""
    return next(iter(metric.describe())).name + ("_total" if metric._type == "counter" else "")


def text() -> str:
    """The page."""
    found = [HEAD]
    for title, module in DECLARED.items():
        found.append(f"\n## {title}\n| Metric | Type | Unit | Labels | Means |\n|---|---|---|---|---|\n")
        found += [_row(metric) for metric in families(module)]
    return "".join(found)


def _row(metric: MetricWrapperBase) -> str:
    labels = ", ".join(f"`{name}`" for name in metric._labelnames)
    help_ = metric._documentation.replace("|", "\\|")
    return f"| `{shown_name(metric)}` | {metric._type} | {metric._unit or '1'} | {labels} | {help_} |\n"


def main() -> None:
    """The command. With `--check` it writes nothing and exits with 1 if the page is not as declared."""
    if "--check" not in sys.argv:
        PAGE.write_text(text())
    elif PAGE.read_text() != text():
        sys.exit("docs/metrics.md is not as the metrics are declared; run `make metrics`.")


if __name__ == "__main__":
    main()
