"""Dashboards are as their code has them, say what they show, and ask for what there is."""

from __future__ import annotations

import asyncio
import re
import subprocess
import time
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from deploy.demo.forum import SEED, Forum
from deploy.grafana.__main__ import stale, text
from deploy.grafana.asking import DASHBOARDS, Question, dashboards, questions
from deploy.grafana.boards import BOARDS
from deploy.grafana.panels import SOURCE
from deploy.local.prometheus import Prometheus, targets
from deploy.local.services import free_base
from deploy.local.system import System
from tests.prometheus.test_alerts import ALERTS, RECORDED, declared, rules
from tests.support.prometheus import program
from tests.support.waiting import eventually

DEPLOY = Path(__file__).parents[2] / "deploy"
OF_EVERY_PROCESS = {"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"}
METRIC = re.compile(r"\b(?:magpie|process)_\w+(?!\w*:)|\b\w+:\w+:\w+\b")
PANELS = [(name, panel) for name, board in dashboards().items() for panel in board["panels"]]


def asked(rate: str = "30s", range_: str = "10m") -> list[Question]:
    return [found for name, panel in PANELS for found in questions(name, panel, rate=rate, range_=range_)]


def test_the_files_are_as_the_code_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stale() == [], "run `make dashboards`"
    monkeypatch.setitem(BOARDS, "bridge", BOARDS["bus"])
    monkeypatch.delitem(BOARDS, "limits")
    assert stale() == ["bridge.json", "limits.json"]
    assert text("bus") == (DASHBOARDS / "bus.json").read_text()


@pytest.mark.parametrize(("name", "panel"), PANELS, ids=[f"{name} {panel['title']}" for name, panel in PANELS])
def test_every_panel_has_title_unit_and_description(name: str, panel: dict[str, Any]) -> None:
    assert panel["title"] and panel["fieldConfig"]["defaults"]["unit"]
    assert panel["description"].endswith(".") and len(panel["description"]) > 30
    assert panel["datasource"]["uid"] == SOURCE.uid
    assert all(target["expr"] and target["legendFormat"] for target in panel["targets"])


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_panels_lie_side_by_side_and_fill_their_rows(name: str) -> None:
    panels = [panel for board, panel in PANELS if board == name]
    assert len({panel["title"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    for one, other in combinations(places, 2):
        apart = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert apart or one["y"] != other["y"]
    for one, other in pairwise([*places, {"x": 0}]):
        assert one["x"] + one["w"] == (other["x"] or 24)


def unknown(expr: str) -> set[str]:
    return set(METRIC.findall(expr)) - declared() - RECORDED - OF_EVERY_PROCESS


def test_every_metric_that_a_panel_names_is_declared() -> None:
    assert {question.expr: found for question in asked() if (found := unknown(question.expr))} == {}
    assert all(METRIC.search(question.expr) for question in asked())
    assert unknown("sum(rate(magpie_matches[5m])) / service:gone:max") == {"magpie_matches", "service:gone:max"}


@pytest.mark.parametrize("broken", [False, True])
def test_every_expression_is_understood(tmp_path: Path, broken: bool) -> None:
    exprs = [question.expr for question in asked()] + (["sum by service (up)"] if broken else [])
    file = tmp_path / "rules.yaml"
    found = [{"record": f"panel:{n}", "expr": expr} for n, expr in enumerate(exprs)]
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": found}]}))
    done = subprocess.run([program("promtool"), "check", "rules", str(file)], capture_output=True, text=True)
    assert (done.returncode == 0) is not broken, done.stderr


def test_grafana_finds_them() -> None:
    grafana = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["grafana"]
    provider = yaml.safe_load((DEPLOY / "grafana/provisioning/dashboards/magpie.yaml").read_text())["providers"][0]
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in grafana["volumes"]
    source = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yaml").read_text())["datasources"][0]
    assert source["uid"] == SOURCE.uid
    scraped = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["global"]["scrape_interval"]
    assert source["jsonData"]["timeInterval"] == scraped


def test_the_image_has_nothing_of_it() -> None:
    lock = (DEPLOY.parent / "requirements.lock").read_text()
    assert not [name for name in ("grafana-foundation-sdk", "matplotlib", "locust") if f"\n{name}==" in lock]


FIRMS = 30
EMPTY = {"Certificates": "no address is watched"}
"""Panels without a sample after a forum, those that are 0 included, and why."""
NO_SAMPLES = {
    "magpie_certificate_expiry_timestamp_seconds": "no address is watched",
    "magpie_relay_topic_set_aside": "no topic has refused events",
}
UNNAMED = {"magpie_degraded", "Degraded parts"}
"""Has samples only where a part has said once how it is."""


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_panels_and_rules_have_samples_after_a_forum(tmp_path: Path) -> None:
    program("prometheus")
    system = System(tmp_path, base_port=free_base())
    await asyncio.to_thread(system.start)
    try:
        with Prometheus(tmp_path / "prometheus", targets(system.services)) as prometheus:
            prometheus.wait_until_scraped()
            async with httpx2.AsyncClient(timeout=10) as http:
                began = time.time()
                assert await Forum(system, http, SEED, FIRMS).run() == []
            await recorded(prometheus)
            for rule in (*rules("recording.yaml"), *ALERTS.values()):
                prometheus.query(rule["expr"])
            assert without_samples(prometheus) - UNNAMED == set(NO_SAMPLES)
            assert empty_panels(prometheus, began) - UNNAMED == set(EMPTY)
    finally:
        await asyncio.to_thread(system.stop)


def empty_panels(prometheus: Prometheus, began: float) -> set[str]:
    ended, step = time.time(), 5.0
    found = [
        q for q in asked() if prometheus.query_range(q.expr.removesuffix(" > 0"), start=began, end=ended, step=step)
    ]
    return {panel["title"] for _, panel in PANELS} - {question.panel for question in found}


async def recorded(prometheus: Prometheus) -> None:
    async def there() -> bool:
        return all([await asyncio.to_thread(prometheus.query, name) for name in RECORDED])

    await eventually(there, "all recording rules have samples", 60)


def without_samples(prometheus: Prometheus) -> set[str]:
    exprs = [question.expr for question in asked()] + [str(rule["expr"]) for rule in ALERTS.values()]
    return {name for expr in exprs for name in METRIC.findall(expr) if not prometheus.query(name)}
