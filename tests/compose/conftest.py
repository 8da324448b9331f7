"""One installation with secrets of its own, for all tests of a file in their order."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.installation.secrets import Directory

from .stack import NEXT, ROOT, Stack


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    """Without an engine nothing here says anything, so that is no reason to pass over it."""
    answer = subprocess.run(["docker", "info"], capture_output=True, text=True)
    if answer.returncode:
        pytest.fail(f"no Docker engine answers, so no compose file was run: {answer.stderr.strip()}")
    subprocess.run([str(ROOT / "tests" / "compose" / "gateway_standin.sh")], check=True)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("installation") / "secrets"
    Directory(made).make()
    return made


@pytest.fixture(scope="module")
def stack(secrets: Path) -> Iterator[Stack]:
    """Not up yet: the first test does that. Nothing of it stays."""
    stack = Stack("magpie-test", secrets)
    stack.remove()
    yield stack
    stack.remove()
    subprocess.run(["docker", "image", "rm", NEXT], capture_output=True)
