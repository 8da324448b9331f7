"""Prometheus and promtool for tests: those of the machine, or Debian's, unpacked without being installed."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx2
import pytest
import yaml

from deploy.local.kafka import cache_directory
from deploy.local.ports import free_port

RULES = Path(__file__).parents[2] / "deploy" / "prometheus"
RULE_FILES = [str(RULES / "recording.yaml"), str(RULES / "alerts.yaml")]
PACKAGE = "prometheus"


def program(name: str) -> str:
    """The path of `prometheus` or `promtool`. Skips the test where neither the machine nor Debian has it."""
    if found := shutil.which(name):
        return found
    unpacked = cache_directory() / PACKAGE
    path = unpacked / "usr" / "bin" / name
    if not path.exists() and not _unpack(unpacked):
        pytest.skip(f"{name} is not on this machine, and Debian's package cannot be had")
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


class Prometheus:
    """A real Prometheus with the rules as they are, which scrapes every second; started and stopped with `with`."""

    def __init__(self, directory: Path, targets: Mapping[str, str]) -> None:
        """`targets`: an address `host:port` by service."""
        self.directory, self.port = directory, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        static = [{"targets": [address], "labels": {"service": name}} for name, address in targets.items()]
        self._config: dict[str, Any] = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": RULE_FILES,
            "scrape_configs": [{"job_name": "magpie", "static_configs": static}],
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Prometheus:
        self.directory.mkdir(parents=True, exist_ok=True)
        config = self.directory / "prometheus.yml"
        config.write_text(yaml.safe_dump(self._config))
        command = [program("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={self.directory / 'data'}"]
        log = (self.directory / "prometheus.log").open("wb")
        self._process = subprocess.Popen(
            [*command, f"--web.listen-address=127.0.0.1:{self.port}"], stdout=log, stderr=log
        )
        end = time.monotonic() + 30
        while not self._is_ready():
            assert time.monotonic() < end and self._process.poll() is None, "Prometheus does not start"
            time.sleep(0.1)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)

    def _is_ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/-/ready", timeout=1).status_code == 200
        except httpx2.HTTPError:
            return False

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The samples of an expression now."""
        answer = httpx2.get(f"{self.url}/api/v1/query", params={"query": expression}, timeout=10).json()
        assert answer["status"] == "success", answer
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    def firing(self) -> set[str]:
        """Names of the alerts that fire now, without the one that always does."""
        alerts = httpx2.get(f"{self.url}/api/v1/alerts", timeout=10).json()["data"]["alerts"]
        return {a["labels"]["alertname"] for a in alerts if a["state"] == "firing"} - {"Watchdog"}
