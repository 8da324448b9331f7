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
    found_equal: set[Ref] = field(default_factory=set)
    """What was to be written as it is."""
    read: set[Ref] = field(default_factory=set)
    counts: list[Callable[[], object]] = field(default_factory=list)

    @property
    def must_stand(self) -> set[Ref]:
        """What was read and is not written, and must still be so at the commit. Documents are read one after the other:
        beside one that has changed since, an older one may seem to need no change. Where nothing is written that is no
        harm: what was done already is done again."""
        return self.expected | (self.found_equal if self.docs else set())
