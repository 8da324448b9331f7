"""The texts of the evaluation, as they are kept beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).parent / "texts"
Line = dict[str, Any]


def lines(name: str) -> list[Line]:
    """All lines of one file, for example `ordinary.held`."""
    with (TEXTS / f"{name}.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
