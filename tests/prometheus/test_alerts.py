"""Every alert fires by its fault and clears, has a heading in the runbook, and asks for metrics that exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.prometheus import RULE_FILES, RULES
from deploy.metrics_page import DECLARED, PAGE, families, shown_name, text
from tests.prometheus.faster import rule_files, shorter
from tests.prometheus.faults import FAULTS, UPS, Fault
from tests.support.prometheus import program

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"
FIRING = 'count by (alertname) (ALERTS{alertstate="firing", alertname!="Watchdog"})'
SUFFIXES = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("",), "gauge": ("",)}


def rules(file: str) -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load((RULES / file).read_text())["groups"] for rule in group["rules"]]


ALERTS = {rule["alert"]: rule for rule in rules("alerts.yaml")}
RECORDED = {rule["record"] for rule in rules("recording.yaml")}


def firing_at(minute: int, names: set[str]) -> dict[str, Any]:
    samples = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(names)]
    return {"expr": FIRING, "eval_time": f"{minute}m", "exp_samples": samples}


def judged(fault: Fault, name: str) -> dict[str, Any]:
    ups = UPS | ({} if any("notifications" in s and s.startswith("up{") for s in fault.series) else OTHER_UP)
    return {
        "interval": "1m",
        "input_series": [{"series": s, "values": v} for s, v in {**ups, **fault.series}.items()],
        "promql_expr_test": [
            firing_at(9, set()),
            firing_at(fault.fires, {name, *fault.also}),
            firing_at(fault.clears, set()),
        ],
    }


OTHER_UP = {"up{job='magpie', service='notifications', instance='a'}": "1+0x2000"}


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_it_fires_by_its_fault_alone_and_clears(name: str, tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    test = {"rule_files": RULE_FILES, "evaluation_interval": "1m", "tests": [judged(FAULTS[name], name)]}
    case.write_text(yaml.safe_dump(test))
    done = subprocess.run([program("promtool"), "test", "rules", str(case)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout


def test_the_watchdog_always_fires(tmp_path: Path) -> None:
    expected = {"exp_labels": {"severity": "none"}, "exp_annotations": ALERTS["Watchdog"]["annotations"]}
    alerts = [{"eval_time": "1m", "alertname": "Watchdog", "exp_alerts": [expected]}]
    case = tmp_path / "case.yaml"
    case.write_text(yaml.safe_dump({"rule_files": RULE_FILES, "tests": [{"alert_rule_test": alerts}]}))
    subprocess.run([program("promtool"), "test", "rules", str(case)], check=True)


def test_every_alert_has_a_fault_a_severity_a_summary_and_a_heading() -> None:
    assert set(FAULTS) | {"Watchdog"} == set(ALERTS)
    headings = re.findall(r"^### (\w+)$", RUNBOOK.read_text(), re.MULTILINE)
    assert sorted(headings) == sorted(ALERTS)
    for name, rule in ALERTS.items():
        assert rule["labels"]["severity"] in {"critical", "warning", "none"}, name
        assert rule["annotations"]["summary"], name
        assert rule["annotations"]["runbook_url"] == f"docs/runbook.md#{name.lower()}"


def test_each_heading_says_what_it_means_how_to_look_and_what_to_do() -> None:
    for section in re.split(r"^### ", RUNBOOK.read_text(), flags=re.MULTILINE)[1:]:
        for part in ("**Means.**", "**Look.**", "**Do.**"):
            assert part in section, section.splitlines()[0]


def declared() -> set[str]:
    """All series names that services show."""
    found = set[str]()
    for module in DECLARED.values():
        for metric in families(module):
            found |= {shown_name(metric) + suffix for suffix in SUFFIXES[str(metric._type)]}
    return found


def test_every_metric_that_a_rule_or_the_runbook_names_is_declared() -> None:
    for rule in (*rules("recording.yaml"), *rules("alerts.yaml")):
        assert set(re.findall(r"\bmagpie_\w+", rule["expr"])) <= declared(), rule
        assert set(re.findall(r"\b\w+:\w+:\w+\b", rule["expr"])) <= RECORDED, rule
    known = declared() | {shown_name(m) for module in DECLARED.values() for m in families(module)}
    assert set(re.findall(r"`(magpie_\w+)", RUNBOOK.read_text())) <= known


def test_the_page_is_as_the_metrics_are_declared() -> None:
    assert PAGE.read_text() == text(), "run `make metrics`"


def test_the_rules_are_only_faster(tmp_path: Path) -> None:
    assert [shorter(text, 20) for text in ("5m", "6h", "1d", "10s")] == ["15s", "1080s", "4320s", "1s"]
    alerts = Path(rule_files(tmp_path, days_later=10)[1]).read_text()
    assert "time() + 864000" in alerts and "for: 10s" in alerts and "10m" not in alerts


NOT_FIRED = {
    "Watchdog": "it always fires",
    "WebhooksDisabled": "tests/integration/notifications/test_webhooks.py sees them disabled",
    "RecordsLost": "tests/integration/chassis/test_logs.py sees them counted",
}


@pytest.mark.parametrize("what", ["fires", "clears"])
def test_every_alert_fires_for_real_in_a_slow_test_and_clears(what: str) -> None:
    text = "".join(path.read_text() for path in Path(__file__).parent.glob("test_firing*.py"))
    named = {
        name for call in re.findall(rf"{what}\(prometheus, ([^)]+)\)", text) for name in re.findall(r'"(\w+)"', call)
    }
    assert set(ALERTS) - named == set(NOT_FIRED)
