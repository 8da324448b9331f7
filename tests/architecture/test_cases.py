"""docs/cases.md names tests that exist, for every case, and says why where there is none."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cases.md").read_text()
CASES = (
    "A1 A3 A5 B3 B5 B8 B9 C1 C5 C6 D1 D4 D6 D9 E1 F1 F4 F6 F8 G3 G5 H1 H3 H4 I2 I3 I4 I5 I6 J1 J2 "
    "K1 K2 K3 K4 K5 K6 K7 K8 K9 K10 K11 K12 K13 K14"
).split()
ROW = re.compile(r"^\| ([A-Z]\d+) \| [^|]+ \| ([^|]+) \| (held|partly: [^|]+|not held: [^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def missing(page: str) -> list[str]:
    """Tests that the page names and that do not exist."""
    return [f"{file}::{name}" for file, name in NAMED.findall(page) if name not in _names_in(ROOT / "tests" / file)]


def _names_in(file: Path) -> set[str]:
    if not file.exists():
        return set()
    found = ast.walk(ast.parse(file.read_text()))
    return {node.name for node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_case_has_one_row_with_its_state() -> None:
    assert [case for case, _, _ in ROW.findall(PAGE)] == CASES


def test_every_named_test_exists() -> None:
    assert missing(PAGE) == []


@pytest.mark.parametrize("name", ["`unit/test_cases.py::test_nothing`", "`unit/test_none.py::test_k1`"])
def test_a_test_that_does_not_exist_is_found(name: str) -> None:
    assert missing(f"| K1 | what | {name} | held |") == [name.strip("`")]


@pytest.mark.parametrize("case", [row for row in ROW.findall(PAGE) if not row[2].startswith("not held")])
def test_what_is_held_names_a_test(case: tuple[str, str, str]) -> None:
    assert NAMED.search(case[1]), case[0]
