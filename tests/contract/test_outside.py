"""What other firms start from is typed as strictly as the rest, and with the models that the wheel has."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.contract import outside


@pytest.mark.parametrize(
    "added, said",
    [
        ("", "Success"),
        ("def no_types(x): return x", "missing a type annotation"),
        ("import magpie_events\nmagpie_events.imagined", "has no attribute"),
    ],
)
def test_the_examples_and_the_package_are_typed_and_the_check_can_go_red(added: str, said: str, tmp_path: Path) -> None:
    copy = shutil.copytree(outside.EXAMPLES, tmp_path / "python", ignore=shutil.ignore_patterns(".venv"))
    with (copy / "typed.py").open("a") as file:
        file.write(f"\n{added}\n")
    done = outside.judged(copy)
    assert said in done.stdout and (done.returncode == 0) is (added == ""), done.stdout + done.stderr
