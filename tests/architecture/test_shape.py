"""How long files and functions may be, how much of the public code is documented, and which words are not used."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ("schemas", "services", "deploy")
MAX_FILE_LINES, MAX_FUNCTION_LINES = 300, 30
MIN_DOCUMENTED = 0.95

LONG_FILES: dict[str, str] = {}
"""Files over the limit, each with the reason; one that is below it again must leave this list."""
LONG_FUNCTIONS = {
    "services/chassis/service.py:__init__": "wires the parts of a service; nothing is decided in it",
    "services/chassis/http/middleware.py:_pass": "one `except` for each refusal, in the order in which they are judged",
    "services/chassis/kafka_in/group.py:subscribe": "the settings of the one subscription, each in a line",
    "services/matching/domain/indexed_profile.py:index_profile": "copies fields",
}
RIDDLES = re.compile(r"\b(anew|whoever|whomever|nobody|for ever|so many|no longer so)\b", re.IGNORECASE)
"""Words for which plain English has a standard one: again, any caller, no one, forever, this many (or a number)."""
OLD_NAMES = re.compile(r"\b(MOST_[A-Z]+|must_go_on|Acting|Contrary|Settler|Mirror|Waking|NOTICE_TOLD)\b")
"""Names that were hard to guess and have been replaced: docs/glossary.md."""


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """(file:function, lines)"""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name_of(path)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


def test_long_files_are_named_with_a_reason() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in sources(*PRODUCT)}
    assert {name for name, lines in lengths.items() if lines > MAX_FILE_LINES} == set(LONG_FILES)


def test_long_functions_are_named_with_a_reason() -> None:
    lengths = dict(found for path in sources(*PRODUCT) for found in functions(path))
    assert {name for name, lines in lengths.items() if lines > MAX_FUNCTION_LINES} == set(LONG_FUNCTIONS)


def documented(source: str) -> tuple[int, int]:
    """(public modules, classes, functions and methods with a docstring, all of them)"""
    tree = ast.parse(source)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

    def public(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, kinds) and not child.name.startswith("_"):
                yield child
                if isinstance(child, ast.ClassDef):
                    yield from public(child)

    nodes: list[ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef] = [tree, *public(tree)]
    return sum(ast.get_docstring(node) is not None for node in nodes), len(nodes)


def test_public_code_is_documented() -> None:
    counts = [documented(path.read_text()) for path in sources(*PRODUCT)]
    assert sum(done for done, _ in counts) / sum(total for _, total in counts) >= MIN_DOCUMENTED
    assert documented('"""x"""\ndef a(): ...\nclass B:\n    "b"\n    def _c(self): ...') == (2, 3)


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Comments and docstrings of a source, or the whole text of a document; texts shown to users are not looked at."""
    text = path.read_text()
    if path.suffix != ".py":
        yield from enumerate(text.splitlines(), 1)
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(text)):
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            for n, line in enumerate(value.value.splitlines()):
                yield value.lineno + n, line


def riddles(path: Path) -> list[str]:
    return [f"{path.name}:{line} {found[0]}" for line, text in prose(path) if (found := RIDDLES.search(text))]


@pytest.mark.parametrize("folder", [*PRODUCT, "bench"])
def test_prose_of_the_code_is_plain(folder: str) -> None:
    assert [found for path in sources(folder) for found in riddles(path)] == []


def test_prose_of_the_documents_is_plain() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "services").rglob("*.md")]
    assert [found for path in documents for found in riddles(path) if path.name != "glossary.md"] == []


def test_the_check_of_the_prose_can_go_red(tmp_path: Path) -> None:
    source = tmp_path / "x.py"
    source.write_text('"""Decides anew."""\nx = "whoever reads this"  # nobody does\n')
    assert riddles(source) == ["x.py:2 nobody", "x.py:1 anew"]


def test_old_names_do_not_come_back() -> None:
    found = [name_of(p) for p in sources(*PRODUCT, "bench") if OLD_NAMES.search(p.read_text())]
    assert found == []
