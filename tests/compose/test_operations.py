"""The commands of docs/operations.md, as they stand there, in a copy of this tree with nothing in it but what is
committed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from deploy.local.services import PORTS

from .stack import ROOT, Stack, service_of

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-solver.lock")
NEEDED = ("deploy", "services", "schemas", "Makefile", *LOCKS, ".dockerignore")
PAGE = (ROOT / "docs" / "operations.md").read_text()
COMMANDS: dict[str, str] = dict(re.findall(r"<!-- ([a-z]+) -->\n```sh\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("checkout")
    for name in NEEDED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, tree / name)
    shutil.rmtree(tree / "deploy" / "secrets", ignore_errors=True)
    (tree / "deploy" / ".env").unlink(missing_ok=True)
    # Not a link to the environment that runs this: make would build that one again if it took it for an old one.
    python = tree / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (tree / ".venv" / ".ready").touch()
    return tree


@pytest.fixture(scope="module")
def stack(tree: Path) -> Iterator[Stack]:
    stack = Stack("magpie-docs", tree / "deploy" / "secrets", files=("compose.yaml",))
    yield stack
    stack.remove()


def type_in(tree: Path, stack: Stack, name: str, **words: str) -> str:
    """Types the commands of a place of the page. Only project, ports, the place of backups and these words are
    others."""
    script = COMMANDS[name].replace("/srv/backups", str(tree / "backups"))
    for word, value in words.items():
        script = script.replace(word, value)
    own = {k: v for k, v in stack.env.items() if k not in ("COMPOSE_FILE", "MAGPIE_SECRETS")}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=tree, env=own, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, f"{name}\n{script}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def running(stack: Stack) -> list[str]:
    return sorted(service_of(c) for c in stack.containers() if c["State"]["Status"] == "running")


def test_install_token_and_scale(tree: Path, stack: Stack) -> None:
    type_in(tree, stack, "install")
    assert running(stack) == sorted([*PORTS, "kafka", "mongo", "gateway"])
    assert type_in(tree, stack, "token").count(".") == 2
    type_in(tree, stack, "scale")
    assert running(stack).count("matching") == 3


def test_the_way_of_an_act(tree: Path, stack: Stack) -> None:
    refused = httpx2.get(f"{stack.system.urls('profiles')[0]}/v1/profiles", verify=stack.system.trust())
    assert refused.status_code == 401
    found = type_in(tree, stack, "trace", ID=refused.headers["x-trace-id"])
    assert "request" in found and "401" in found and "not read" not in found


def test_upgrade_and_rotate(tree: Path, stack: Stack) -> None:
    type_in(tree, stack, "upgrade")
    assert running(stack).count("matching") == 3
    type_in(tree, stack, "rotate")
    assert running(stack).count("matching") == 3


def test_save_and_restore(tree: Path, stack: Stack) -> None:
    type_in(tree, stack, "save")
    stack.remove()
    type_in(tree, stack, "restore")
    assert running(stack).count("matching") == 3


def test_logins_for_kafka_on_data_that_had_none(tree: Path, stack: Stack) -> None:
    type_in(tree, stack, "secure")
    assert running(stack).count("matching") == 3
    assert "lines of grants" in stack.compose("logs", "--no-log-prefix", "kafka-access")
