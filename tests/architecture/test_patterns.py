"""No text holds up the event loop: every pattern of the product takes time in proportion to the text."""

from __future__ import annotations

import importlib
import math
import pkgutil
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.support.timing import cpu_seconds

# The standard library has its own parser of patterns, without types and without a public name.
op: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")
SIZES = (250, 1_000, 4_000)
MAX_GROWTH = 10.0
"""When the text is four times as long, a linear pattern takes four times as long; one that tries squares of ways 16
times."""
NOTICEABLE_SECONDS, TOO_LONG_SECONDS = 0.002, 0.1
FEWEST_LOOKS, LOOKS, CERTAIN_SECONDS = 3, 12, 1.0
CHARACTERS = " -_.:0193aAbq@(<{[\"“《`'`\n가中号*+/"


def modules() -> Iterator[Any]:
    for package in ("schemas", "services"):
        root = importlib.import_module(package)
        yield root
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def patterns_in(value: Any) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from patterns_in(one)
    elif isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from patterns_in(one)


def all_patterns() -> dict[str, re.Pattern[str]]:
    found: dict[tuple[str, int], tuple[str, re.Pattern[str]]] = {}
    for module in modules():
        for name, value in vars(module).items():
            for n, pattern in enumerate(patterns_in(value)):
                found.setdefault((pattern.pattern, pattern.flags), (f"{module.__name__}.{name}[{n}]", pattern))
    return dict(found.values())


PATTERNS = all_patterns()


def sample(tokens: Any) -> str:
    """A short text that these tokens are likely to match."""
    return "".join(_sample(kind, value) for kind, value in tokens)


def _sample(kind: Any, value: Any) -> str:
    if kind is op.LITERAL:
        return chr(value)
    if kind is op.IN:
        return _one_of(value)
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return sample(value[2]) * int(max(value[0], 1 if value[0] else 0))
    if kind is op.SUBPATTERN:
        return sample(value[3])
    if kind is op.ATOMIC_GROUP:
        return sample(value)
    if kind is op.BRANCH:
        return sample(value[1][0])
    return "x" if kind in (op.ANY, op.NOT_LITERAL) else ""


def _one_of(items: Any) -> str:
    return next((c for c in CHARACTERS if any(_takes(item, c) for item in items)), "a")


def _takes(item: Any, character: str) -> bool:
    kind, value = item
    if kind is op.LITERAL:
        return bool(ord(character) == value)
    if kind is op.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    if kind is op.CATEGORY:
        return bool(
            {"CATEGORY_DIGIT": str.isdigit, "CATEGORY_SPACE": str.isspace}.get(str(value), str.isalnum)(character)
        )
    return False


def prefixes(tokens: Any) -> Iterator[str]:
    """What leads to each place of a pattern at which something repeats, however deep it stands."""
    tokens = list(tokens)
    for n, (kind, value) in enumerate(tokens):
        before = sample(tokens[:n])
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            yield before
            for inner in prefixes(value[2]):
                yield before + inner
        elif kind is op.SUBPATTERN:
            for inner in prefixes(value[3]):
                yield before + inner
        elif kind is op.BRANCH:
            for branch in value[1]:
                for inner in prefixes(branch):
                    yield before + inner


def attacks(pattern: re.Pattern[str], size: int) -> Iterator[str]:
    """Texts of one size that make a search try many ways: a run after each prefix, and prefixes that repeat."""
    found = {""} | set(prefixes(parser.parse(pattern.pattern, pattern.flags)))
    for prefix in sorted(found):
        for character in CHARACTERS:
            yield prefix + character * size + "!"
            yield (prefix + character) * (size // (len(prefix) + 1)) + "!"


def seconds(pattern: re.Pattern[str], text: str) -> float:
    return cpu_seconds(lambda: list(pattern.finditer(text)), looks=1)


def _stays(pattern: re.Pattern[str], shorter: str, longer: str) -> bool:
    """Whether a suspicion holds however often one looks: a busy machine spoils a look, at either text, but not the best
    of many."""
    least, most = math.inf, math.inf
    for look in range(1, LOOKS + 1):
        least, most = min(least, seconds(pattern, shorter)), min(most, seconds(pattern, longer))
        if most > CERTAIN_SECONDS:
            return True
        if look >= FEWEST_LOOKS and most <= _limit(least):
            return False
    return True


def _limit(before: float) -> float:
    """Seconds for a text four times as long as one that took `before`."""
    return max(NOTICEABLE_SECONDS, min(TOO_LONG_SECONDS, before * MAX_GROWTH))


def explodes(pattern: re.Pattern[str]) -> str | None:
    """The beginning of a text on which the time grows faster than the size, or None. Sizes grow step by step, so that
    the check itself does not hang on what it looks for."""
    for texts in dict.fromkeys(zip(*(attacks(pattern, size) for size in SIZES), strict=True)):
        before = seconds(pattern, texts[0])
        for shorter, text in pairwise(texts):
            took = seconds(pattern, text)
            if took > _limit(before) and _stays(pattern, shorter, text):
                return str(text[:20])
            before = took
    return None


def test_patterns_are_found() -> None:
    assert len(PATTERNS) > 40


@pytest.mark.timeout(600)  # each is timed again when another process took the machine
@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_is_linear(name: str) -> None:
    assert explodes(PATTERNS[name]) is None


@pytest.mark.parametrize("pattern", [r"QQ[\s_-]*(?:id)?\s*:?\s*[1-9]", r"“[^”]*”", r"[\w.]+@x"])
def test_a_pattern_that_explodes_is_found(pattern: str) -> None:
    assert explodes(re.compile(pattern))
