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
  *" -czf "*) for word; do [ "${word#*:}" != /backup ] || : >"${word%%:*}/$(basename "${*: -4:1}")"; done ;;
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
        env = {name: value for name, value in os.environ.items() if not name.startswith("MAGPIE_")}
        env |= {"PATH": f"{self.path / 'bin'}:{os.environ['PATH']}", "SERVICES": services}
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


def installed(host: Host, env: str | None) -> Host:
    """With a secret, and with the settings of its installation."""
    (host.path / "deploy" / "secrets").mkdir()
    (host.path / "deploy" / "secrets" / "links-key").write_text("key")
    if env is not None:
        (host.path / "deploy" / ".env").write_text(env)
    return host


@pytest.mark.parametrize("env", ["MAGPIE_PUBLIC_URL=https://magpie.example:8443\n", None])
def test_a_backup_holds_the_settings_of_the_installation(env: str | None, host: Host, tmp_path: Path) -> None:
    """Without them a new host would say other names of schemas, and send links to itself."""
    saved = installed(host, env).run("backup.sh", "save", str(tmp_path / "saved"))
    assert saved.returncode == 0, saved.stderr
    restored = (other := new_host(tmp_path / "other")).run("backup.sh", "restore", str(tmp_path / "saved"))
    assert restored.returncode == 0, restored.stderr
    found = other.path / "deploy" / ".env"
    assert (found.read_text() if found.exists() else None) == env
    assert (other.path / "deploy" / "secrets" / "links-key").read_text() == "key"


def test_a_restoration_never_writes_over_settings(host: Host, tmp_path: Path) -> None:
    installed(host, "MAGPIE_PORT=1\n").run("backup.sh", "save", str(tmp_path / "saved"))
    other = new_host(tmp_path / "other")
    (other.path / "deploy" / ".env").write_text("MAGPIE_PORT=2\n")
    restored = other.run("backup.sh", "restore", str(tmp_path / "saved"))
    assert restored.returncode == 0, restored.stderr
    assert (other.path / "deploy" / ".env").read_text() == "MAGPIE_PORT=2\n"
    assert "kept" in restored.stdout and str(tmp_path / "saved" / "env") in restored.stdout


def test_settings_that_were_changed_in_a_backup_are_not_restored(host: Host, tmp_path: Path) -> None:
    installed(host, "MAGPIE_PORT=1\n").run("backup.sh", "save", str(tmp_path / "saved"))
    (tmp_path / "saved" / "env").write_text("MAGPIE_PORT=3\n")
    other = new_host(tmp_path / "other")
    restored = other.run("backup.sh", "restore", str(tmp_path / "saved"))
    assert restored.returncode == 1 and "nothing was restored" in restored.stderr
    assert not (other.path / "deploy" / ".env").exists()
