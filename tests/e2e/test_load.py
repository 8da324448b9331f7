"""`make load`: bounded in number and time, to this machine only, and what it reports."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.load import targets
from deploy.load.targets import NotLoopback, Targets
from deploy.local.run_file import RunFile

ROOT = Path(__file__).parents[2]
HERE = ["http://127.0.0.1:8101", "http://127.8.9.1", "http://[::1]:8101", "https://localhost:8443/profiles"]
ELSEWHERE = [
    *("http://192.0.2.7:8101", "https://magpie.example/profiles", "http://0.0.0.0:8101", "http://10.0.0.1"),
    *("http://127.0.0.1.magpie.example", "http://127.0.0.1@magpie.example", "http://localhost.example", "profiles"),
]


def load(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.load", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=150)


@pytest.mark.slow
def test_participants_do_all_steps_and_nothing_fails(tmp_path: Path) -> None:
    report = tmp_path / "load.html"
    done = load("--users", "8", "--seconds", "20", "--dir", str(tmp_path / "none"), "--report", str(report))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["requests"] > 100 and said["failures"] == 0
    rows = {(row["method"], row["name"]): row for row in json.loads(report.with_suffix(".json").read_text())}
    assert rows["POST", "profiles /v1/profiles"]["num_requests"] == 8
    assert set(rows) >= {
        ("PUT", "notifications /v1/recipients/{sub}"),
        ("POST", "profiles /v1/profiles/{profile_id}/publish"),
        ("GET", "matching /v1/matches"),
        ("POST", "matching /v1/matches/{match_id}/accept"),
        ("GET", "matching /v1/meetings"),
        ("GET", "notifications /v1/recipients/{sub}/inbox"),
    }
    assert "<html" in report.read_text() and "/v1/matches/{match_id}/accept" in report.read_text()


@pytest.mark.parametrize("url", HERE)
def test_this_machine_may_be_asked(url: str, tmp_path: Path) -> None:
    assert Targets({"profiles": url}, tmp_path).urls["profiles"] == url


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("url", ELSEWHERE)
def test_no_other_host_is_asked(url: str, guarded: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not guarded:
        monkeypatch.setattr(targets, "must_be_loopback", lambda url: None)
    for name, value in Targets({}, tmp_path).environment().items():
        monkeypatch.setenv(name, value.replace("{}", json.dumps({"profiles": url})))
    try:
        targets.from_environment()
    except NotLoopback:
        assert guarded
    else:
        assert not guarded


def test_a_system_that_says_another_host_is_refused(tmp_path: Path) -> None:
    run = {"services": {name: [{"url": f"http://192.0.2.7:{n}"}] for n, name in enumerate(("profiles", "matching"))}}
    RunFile(tmp_path).write(run)
    done = load("--dir", str(tmp_path), "--report", str(tmp_path / "load.html"))
    assert done.returncode == 1 and "192.0.2.7 is not this machine" in done.stderr
    assert not (tmp_path / "load.html").exists()


@pytest.mark.parametrize(
    "arguments", [("--users", "201"), ("--users", "0"), ("--seconds", "601"), ("--seconds", "4"), ("--users", "x")]
)
def test_more_than_the_bounds_is_refused(arguments: tuple[str, ...]) -> None:
    done = load(*arguments)
    assert done.returncode == 2 and "a number from" in done.stderr
