"""What a single decision of a batch has done so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..model.documents import Doc, Ref
from ..model.events import Cause


@dataclass(slots=True)
class Draft:
    """What one decision did. It is kept or dropped as a whole, like a savepoint."""

    cause: Cause
    docs: dict[Ref, Doc] = field(default_factory=dict)
    rows: list[Doc] = field(default_factory=list)
    jobs: dict[str, Doc] = field(default_factory=dict)
    finished: dict[str, str] = field(default_factory=dict)
    expected: set[Ref] = field(default_factory=set)
    read: set[Ref] = field(default_factory=set)
    counts: list[Callable[[], object]] = field(default_factory=list)
