"""An attack, and what it found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .world import World


@dataclass
class Seen:
    """What an attack has seen, in words, and where that was not what it should be."""

    text: str = ""
    complaints: list[str] = field(default_factory=list)

    def expect(self, is_so: bool, otherwise: str) -> None:
        if not is_so:
            self.complaints.append(otherwise)


@dataclass(frozen=True)
class Attack:
    """A line of the table."""

    name: str
    sent: str
    run: Callable[[World], Awaitable[Seen]]
    memory_counts: bool = False
