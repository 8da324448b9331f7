"""The interface of an engine."""

from __future__ import annotations

from typing import Protocol

from schemas.common import Text

from ..domain.glossary import Glossary
from ..domain.texts import Rendering


class Engine(Protocol):
    """Turns texts into another language."""

    @property
    def name(self) -> str:
        """Name with version, as it is shown to readers."""
        ...

    @property
    def is_metered(self) -> bool:
        """Whether its work costs, so that organisations have a quota of it."""
        ...

    async def render(self, text: Text, target: str, glossary: Glossary) -> Rendering | None:
        """The text in the language `target`; None if the engine has nothing for it. Raises Unavailable if the engine is
        away, and any other error for what it cannot do with this text: that one counts as a try of the job."""
        ...

    async def serve(self) -> None:
        """Runs until cancelled, then releases what the engine holds. Returns at once if it holds nothing."""
        ...
