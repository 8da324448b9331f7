"""The scripts of deploy/, with a docker that only writes down what it is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
DOCKER = """#!/bin/bash
echo "$*" >>"$ASKED"
case "$*" in
  "compose config --services") printf '%s\\n' $SERVICES ;;
  "compose config --format json")
    env() { sed -n "s/^$1=//p" "$DEPLOY/.env" 2>/dev/null; }
    secrets=${MAGPIE_SECRETS:-$(env MAGPIE_SECRETS)} image=${MAGPIE_IMAGE:-$(env MAGPIE_IMAGE)}
    file=$(sed 's/&/\\\\u0026/g' <<<"${secrets:-$DEPLOY/secrets}/jwks.json")
    printf '{\\n  "name": "unit",\\n  "secrets": {\\n    "jwks": {\\n      "file": "%s"\\n    }\\n  },\\n' "$file"
    for service in mongo profiles; do
      printf '    "%s": {\\n      "image": "%s:2",\\n    },\\n' $service "$service-${image:-magpie}"
    done ;;
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
        self, script: str, *arguments: str, services: str = "kafka topics profiles", **shell: str
    ) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("MAGPIE_")}
        env |= {"PATH": f"{self.path / 'bin'}:{os.environ['PATH']}", "SERVICES": services}
        env |= {"ASKED": str(self.path / "asked"), "COMPOSE_FILE": "compose.yaml"}
        env |= {"DEPLOY": str(self.path / "deploy")} | shell
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


def test_the_secrets_and_the_image_are_those_of_compose(host: Host, tmp_path: Path) -> None:
    """Of the shell, or else of the installation's own file, wherever they are."""
    place = tmp_path / "kept & safe"
    place.mkdir()
    (place / "links-key").write_text("another")
    installed(host, f"MAGPIE_SECRETS={place}\nMAGPIE_IMAGE=ours\n")
    saved = host.run("backup.sh", "save", str(tmp_path / "saved"))
    assert saved.returncode == 0, saved.stderr
    assert (tmp_path / "saved" / "secrets" / "links-key").read_text() == "another"
    assert all("profiles-ours:2" in line for line in host.asked if " tar " in line)
    by_shell = {"MAGPIE_SECRETS": str(host.path / "deploy" / "secrets"), "MAGPIE_IMAGE": "theirs"}
    assert host.run("backup.sh", "save", str(tmp_path / "shell"), **by_shell).returncode == 0
    assert (tmp_path / "shell" / "secrets" / "links-key").read_text() == "key"
    assert "profiles-theirs:2" in host.asked[-2]


def test_secrets_are_restored_to_where_the_restored_settings_say(host: Host, tmp_path: Path) -> None:
    place = tmp_path / "vault" / "magpie"
    place.mkdir(parents=True)
    (place / "links-key").write_text("key")
    installed(host, f"MAGPIE_SECRETS={place}\n").run("backup.sh", "save", str(tmp_path / "saved"))
    shutil.rmtree(place.parent)
    other = new_host(tmp_path / "other")
    restored = other.run("backup.sh", "restore", str(tmp_path / "saved"))
    assert restored.returncode == 0, restored.stderr
    assert (place / "links-key").read_text() == "key" and not (other.path / "deploy" / "secrets").exists()


def test_what_is_not_restored_leaves_no_settings_behind(host: Host, tmp_path: Path) -> None:
    installed(host, "MAGPIE_PORT=1\n").run("backup.sh", "save", str(tmp_path / "saved"))
    other = new_host(tmp_path / "other")
    (other.path / "deploy" / "secrets").mkdir()
    (other.path / "deploy" / "secrets" / "links-key").write_text("of other data")
    restored = other.run("backup.sh", "restore", str(tmp_path / "saved"))
    assert restored.returncode == 1 and "nothing was restored" in restored.stderr
    assert not (other.path / "deploy" / ".env").exists()
