"""A real Prometheus with our rules, for tests and pictures: that of the machine, or Debian's, unpacked without being
installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import yaml

from .kafka import cache_directory
from .ports import HOST, free_port
from .processes import Child
from .services import ServiceProcess

RULES = Path(__file__).parents[1] / "prometheus"
RULE_FILES = [str(RULES / "recording.yaml"), str(RULES / "alerts.yaml")]
PACKAGE = "prometheus"
TARGETS = "targets.json"


def program(name: str) -> str:
    """The path of `prometheus` or `promtool`. Raises FileNotFoundError where neither the machine nor Debian has it."""
    if found := shutil.which(name):
        return found
    unpacked = cache_directory() / PACKAGE
    path = unpacked / "usr" / "bin" / name
    if not path.exists() and not _unpack(unpacked):
        raise FileNotFoundError(f"{name} is not on this machine, and Debian's package cannot be had: put one on PATH.")
    return str(path)


def _unpack(target: Path) -> bool:
    """Unpacks Debian's package; nothing of it is installed or started."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return False
    target.mkdir(parents=True, exist_ok=True)
    download = ["apt-get", "download", "-qq", PACKAGE]
    if subprocess.run(download, cwd=target, capture_output=True).returncode:
        subprocess.run(["apt-get", "update", "-qq"], capture_output=True)
        if subprocess.run(download, cwd=target, capture_output=True).returncode:
            return False
    package = next(target.glob("*.deb"))
    subprocess.run(["dpkg-deb", "-x", str(package), str(target)], check=True, capture_output=True)
    package.unlink()
    return True


def targets(services: Mapping[str, Sequence[ServiceProcess]]) -> dict[str, list[str]]:
    """Where each service shows its metrics."""
    return {name: [f"{HOST}:{one.operations_port}" for one in found] for name, found in services.items()}


class Prometheus:
    """It scrapes every second; started and stopped with `with`."""

    def __init__(
        self, directory: Path, targets: Mapping[str, Sequence[str]], rule_files: Sequence[str] = RULE_FILES
    ) -> None:
        """`targets`: addresses `host:port` by service."""
        self.directory, self.port = directory, free_port()
        self.url = f"http://{HOST}:{self.port}"
        self._config: dict[str, Any] = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": list(rule_files),
            "scrape_configs": [
                {"job_name": "magpie", "file_sd_configs": [{"files": [TARGETS], "refresh_interval": "1s"}]}
            ],
        }
        self._child: Child | None = None
        self._targets = dict(targets)

    def __enter__(self) -> Prometheus:
        self.directory.mkdir(parents=True, exist_ok=True)
        self.watch(self._targets)
        config = self.directory / "prometheus.yml"
        config.write_text(yaml.safe_dump(self._config))
        command = [program("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={self.directory / 'data'}"]
        command.append(f"--web.listen-address={HOST}:{self.port}")
        self._child = Child("Prometheus", command, log=self.directory / "prometheus.log")
        self._child.wait_until(self._is_ready, seconds=30)
        return self

    def __exit__(self, *_: object) -> None:
        if self._child is not None:
            self._child.stop()

    def _is_ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/-/ready", timeout=1).status_code == 200
        except httpx2.HTTPError:
            return False

    def watch(self, targets: Mapping[str, Sequence[str]]) -> None:
        """From now on these targets, as if others were started or gone."""
        self._targets = dict(targets)
        found = [{"targets": list(places), "labels": {"service": name}} for name, places in targets.items()]
        draft = self.directory / f"{TARGETS}.draft"
        draft.write_text(json.dumps(found))
        draft.replace(self.directory / TARGETS)

    def wait_until_scraped(self, seconds: float = 60.0) -> None:
        """Waits until every target has been read once: what is counted before that has no beginning for `increase`.
        Raises DidNotStart."""
        assert self._child
        many = sum(len(found) for found in self._targets.values())
        self._child.wait_until(lambda: len(self.query("up == 1")) == many, seconds=seconds)

    def query(self, expression: str, *, at: float | None = None) -> list[dict[str, Any]]:
        """The samples of an expression now, or at a Unix time. Raises ValueError where Prometheus does not understand
        it."""
        return self._result("query", query=expression, **({} if at is None else {"time": at}))

    def query_range(self, expression: str, *, start: float, end: float, step: float) -> list[dict[str, Any]]:
        """The samples of an expression over time, each series with `values`. Raises ValueError."""
        return self._result("query_range", query=expression, start=start, end=end, step=step)

    def _result(self, path: str, **params: str | float) -> list[dict[str, Any]]:
        answer = httpx2.get(f"{self.url}/api/v1/{path}", params=params, timeout=10).json()
        if answer["status"] != "success":
            raise ValueError(f"Prometheus does not understand {params['query']}: {answer['error']}")
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    def firing(self) -> set[str]:
        """Names of the alerts that fire now, without the one that always does."""
        alerts = httpx2.get(f"{self.url}/api/v1/alerts", timeout=10).json()["data"]["alerts"]
        return {a["labels"]["alertname"] for a in alerts if a["state"] == "firing"} - {"Watchdog"}
