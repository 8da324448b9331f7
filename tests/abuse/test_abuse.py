"""The short form of the suite among the tests; `make abuse` is the long one. And the suite can go red."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.abuse.table import ATTACKS
from tests.abuse.verdict import Limits, Observation, judge, line, p95
from tests.abuse.world import growth

GOOD = Observation(
    name="texts",
    sent="a text",
    seen="422 in 3 ms",
    complaints=(),
    asked=80,
    refused=0,
    longest_ms=12,
    longest_at="profiles-0",
    growth_mib=3,
    errors=0,
)
BAD: dict[str, dict[str, Any]] = {
    "an expectation failed": {"complaints": ("it was answered 201",)},
    "/livez was slow": {"longest_ms": 251},
    "/livez was refused": {"refused": 1},
    "/livez was never asked": {"asked": 0},
    "a 5xx": {"errors": 1},
    "memory grew": {"growth_mib": 151, "memory_counts": True},
}


def test_what_no_one_noticed_is_green() -> None:
    assert judge(GOOD, Limits(250)) == []
    assert line(GOOD, []).endswith("| green")
    assert judge(replace(GOOD, growth_mib=151), Limits(250)) == [], "a model may be loaded where memory is not judged"


@pytest.mark.parametrize("what", BAD)
def test_each_thing_that_others_notice_is_red(what: str) -> None:
    reasons = judge(replace(GOOD, **BAD[what]), Limits(250))
    assert len(reasons) == 1
    assert f"red: {reasons[0]}" in line(GOOD, reasons)


def test_growth_is_that_of_the_process_that_grew_most_since_the_attack_began() -> None:
    seen = [
        {"at": at, "port": port, "mib": mib} for at, port, mib in ((1, 1, 90), (2, 1, 100), (3, 1, 140), (4, 1, 99))
    ]
    seen += [{"at": 2, "port": 2, "mib": 500}, {"at": 4, "port": 2, "mib": 510}, {"at": 3, "late_ms": 4}]
    assert growth(seen, 2.5) == 40
    assert growth([], 2.5) == 0


def test_a_percentile() -> None:
    assert p95([n / 100 for n in range(100, 0, -1)]) == 0.96
    assert p95([]) == 0


@pytest.mark.alone
def test_no_known_attack_is_noticed_by_others(tmp_path: Path) -> None:
    result = tmp_path / "abuse.json"
    command = [sys.executable, "-m", "tests.abuse", "--short", "--result", str(result)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert [one.split()[0] for one in lines] == [attack.name for attack in ATTACKS]
    assert all(one.endswith("| green") for one in lines)
    assert len(json.loads(result.read_text())) == len(ATTACKS)
