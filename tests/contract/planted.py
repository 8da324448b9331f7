"""A change of the contract in a copy of the tree, with everything beside it mended: schemas generated again, examples
brought into line. What is then said of it is what the gate alone has found."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
Value = dict[str, Any]
Mend = Callable[[Value], None]
JUDGE = Path(__file__).with_name("judge.py")


@dataclass(frozen=True)
class Edit:
    """Text that is replaced, in files of `schemas` that a pattern names."""

    files: str
    old: str
    new: str


@dataclass(frozen=True)
class Plant:
    """A change: its edits, how the values of examples are mended, and what must be said of it."""

    name: str
    edits: tuple[Edit, ...]
    said: str = ""
    mend: Mend | None = None
    moved: tuple[str, str] | None = None
    """A file with its new name; without a new one it is deleted."""
    copied: tuple[str, str] | None = None
    """A file, for another event or topic."""


class Judges:
    """A process that has the libraries in memory and forks for each tree, because importing them takes a second."""

    def __init__(self) -> None:
        command = [sys.executable, str(JUDGE)]
        self._process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, directory: Path) -> dict[str, list[str]]:
        """What is said of the tree in this directory, and what else is wrong with it."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{directory}\n")
        self._process.stdin.flush()
        found: dict[str, list[str]] = json.loads(self._process.stdout.readline())
        return found

    def close(self) -> None:
        self._process.communicate(timeout=10)


def plant_in(directory: Path, plant: Plant) -> None:
    """A copy of the contract with the change."""
    shutil.copytree(ROOT / "schemas", directory / "schemas", ignore=shutil.ignore_patterns("__pycache__"))
    for edit in plant.edits:
        files = sorted((directory / "schemas").glob(edit.files))
        assert files and all(edit.old in path.read_text() for path in files), f"{plant.name}: {edit} finds nothing"
        for path in files:
            path.write_text(path.read_text().replace(edit.old, edit.new))
    if plant.moved:
        before, after = plant.moved
        source = directory / "schemas" / before
        source.rename(directory / "schemas" / after) if after else source.unlink()
    if plant.copied:
        before, after = plant.copied
        old, new = (Path(path.removesuffix("/example.json")).name.removesuffix(".yaml") for path in plant.copied)
        text = (directory / "schemas" / before).read_text()
        (directory / "schemas" / after).parent.mkdir(exist_ok=True)
        (directory / "schemas" / after).write_text(text.replace(old, new))
    for path in (directory / "schemas" / "examples").glob("*/example.json") if plant.mend else ():
        example = json.loads(path.read_text())
        if plant.mend and example["value"] is not None:
            plant.mend(example["value"])
        path.write_text(json.dumps(example, ensure_ascii=False))


def changed(name: str, change: Callable[[Any], Any]) -> Mend:
    """Each value that has this member gets another one; None takes it out."""

    def mend(value: Value) -> None:
        if name in value and (after := change(value.pop(name))) is not None:
            value[name] = after

    return mend


def without(name: str) -> Mend:
    """The member is taken out."""
    return changed(name, lambda _: None)


def renamed(before: str, after: str) -> Mend:
    """The member gets another name."""

    def mend(value: Value) -> None:
        if before in value:
            value[after] = value.pop(before)

    return mend


def added(beside: str, name: str, new: Any) -> Mend:
    """Values that have `beside` get a new member."""

    def mend(value: Value) -> None:
        if beside in value:
            value[name] = new

    return mend


def nested_without(name: str) -> Mend:
    """The member is taken out of each offer and need."""

    def mend(value: Value) -> None:
        for entry in [*(value.get("offers") or ()), *(value.get("needs") or ())]:
            entry.pop(name, None)

    return mend


def kinds(before: str, after: str) -> Mend:
    """Offers and needs of one kind are of another one."""

    def mend(value: Value) -> None:
        for entry in [*(value.get("offers") or ()), *(value.get("needs") or ())]:
            entry["kind"] = after if entry["kind"] == before else entry["kind"]

    return mend
