"""The scripts of deploy/, with a docker that only writes down what it is asked."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
DOCKER = """#!/bin/bash
echo "$*" >>"$ASKED"
case "$*" in
  "compose config --services") printf '%s\\n' $SERVICES ;;
  "compose config --format json") printf '{\\n  "name": "unit",\\n}\\n' ;;
  "compose ps --quiet "*) echo old-1 ;;
  "volume inspect "*) exit 1 ;;
  *) : ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Host:
    """A machine with a copy of deploy/ and such a docker."""

    path: Path

    def run(
        self, script: str, *arguments: str, services: str = "kafka topics profiles"
    ) -> subprocess.CompletedProcess[str]:
        env = os.environ | {"PATH": f"{self.path / 'bin'}:{os.environ['PATH']}", "SERVICES": services}
        env |= {"ASKED": str(self.path / "asked"), "COMPOSE_FILE": "compose.yaml"}
        command = [str(self.path / "deploy" / script), *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    @property
    def asked(self) -> list[str]:
        """What docker was asked to do, in order."""
        return (self.path / "asked").read_text().splitlines()


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return new_host(tmp_path / "host")


def new_host(path: Path) -> Host:
    for folder in ("bin", "deploy"):
        (path / folder).mkdir(parents=True)
    programs = {path / "bin" / "docker": DOCKER}
    programs |= {path / "deploy" / name: (DEPLOY / name).read_text() for name in ("upgrade.sh", "backup.sh")}
    for file, text in programs.items():
        file.write_text(text)
        file.chmod(0o755)
    return Host(path)


def test_an_upgrade_applies_the_grants_before_the_topics_and_the_services(host: Host) -> None:
    assert host.run("upgrade.sh", services="kafka kafka-access topics profiles").returncode == 0
    acts = [line for line in host.asked if " run " in line or " up " in line]
    assert acts[:2] == ["compose run --rm --no-deps kafka-access", "compose run --rm --no-deps topics"]
    assert [line.rpartition(" ")[2] for line in acts[2:]] == ["profiles", "translation", "notifications", "matching"]


def test_an_upgrade_without_logins_has_no_grants_to_apply(host: Host) -> None:
    assert host.run("upgrade.sh").returncode == 0
    assert not [line for line in host.asked if line.endswith("kafka-access")]
    assert "compose run --rm --no-deps topics" in host.asked
