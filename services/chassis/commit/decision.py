"""One decision of a batch, and what guards a batch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..model.documents import Doc, Ref
from ..model.events import Cause
from ..model.failures import Rejected
from .unit_of_work import Operation, UnitOfWork

Decide = Callable[[UnitOfWork], Awaitable[object]]
Follow = Callable[[UnitOfWork], Iterable[Ref]]


@dataclass(slots=True, eq=False, kw_only=True)
class Decision:
    """One call of a use case, and its outcome. `rejected` is set when MongoDB has refused the writes of this decision
    alone: it is then refused without being tried again."""

    decide: Decide
    cause: Cause
    reads: Sequence[Ref] = ()
    follow: Follow | None = None
    """What else it will read, by what was loaded so far; asked again until nothing is new."""
    result: object = None
    refusal: Exception | None = None
    rejected: Rejected | None = None
    withdrawn: bool = False
    """Its caller has given up and it has not taken effect: it is skipped."""
    committing: bool = False
    """Its commit was sent: from here on only the outcome of the commit tells whether it takes effect."""

    def committed(self) -> None:
        """Called once, after the commit that contains it."""

    def dead_letter(self, error: Exception, at: int) -> Doc | None:
        """The outbox row to write if it is refused, or None. `at` is in microseconds."""
        return None


class Guard(Protocol):
    """What else must be true at the commit, and which decisions have taken effect before.

    `at` (microseconds) is that of the last commit under this guard: the next one writes a later `at`."""

    @property
    def at(self) -> int:
        """In microseconds."""
        ...

    async def refresh(self, decisions: Iterable[Decision]) -> None:
        """Reads the guard's own state from MongoDB."""
        ...

    def begin(self) -> None:
        """Begins an attempt; whatever the last one noted is forgotten."""
        ...

    def admits(self, decision: Decision) -> bool:
        """Whether the decision is still to be made; false if it has taken effect before."""
        ...

    def stops(self, decision: Decision) -> bool:
        """Whether the batch ends after this decision."""
        ...

    def guards(self) -> Iterable[tuple[str, Operation]]:
        """Operations by collection that must take effect together with the batch."""
        ...

    def committed(self) -> None:
        """Called after the commit of an attempt."""
        ...


class NoGuard:
    """For commands: the caller waits for the answer and repeats the command if it has to."""

    at = 0

    async def refresh(self, decisions: Iterable[Decision]) -> None:
        """There is nothing to read."""

    def begin(self) -> None:
        """There is nothing to note."""

    def admits(self, decision: Decision) -> bool:
        """Every command is decided."""
        return True

    def stops(self, decision: Decision) -> bool:
        """No command ends its batch."""
        return False

    def guards(self) -> Iterable[tuple[str, Operation]]:
        """Nothing is written beside the commands."""
        return ()

    def committed(self) -> None:
        """There is nothing to keep."""
