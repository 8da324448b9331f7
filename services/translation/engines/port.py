"""What an engine is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from schemas.common import Text

from ..domain.glossary import Glossary


@dataclass(frozen=True)
class Rendered:
    """What an engine made of a text. `made_by` says what it is worth: gloss or machine."""

    text: str
    made_by: str
    flags: tuple[str, ...] = ()


class Engine(Protocol):
    """`name` with its version, as it is shown to readers."""

    @property
    def name(self) -> str: ...

    async def render(self, text: Text, target: str, glossary: Glossary) -> Rendered | None:
        """None where the engine has nothing to say. Raises whatever its network does: the job is tried again."""
        ...

    async def stay_open(self) -> None:
        """Runs as long as the service does, and gives back on its way out what the engine holds."""
        ...
