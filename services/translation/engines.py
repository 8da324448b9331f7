"""Engines that turn a text into another language: a port, chosen in the composition root."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import yaml

from schemas.common import Text

from .domain.glossary import Glossary, Term, duplicates

GLOSSARY_FILE = Path(__file__).parent / "glossary.yaml"


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

    async def render(self, text: Text, target: str) -> Rendered | None:
        """None where the engine has nothing to say. Raises whatever its network does: the job is tried again."""
        ...


@dataclass(frozen=True)
class GlossaryEngine:
    """The default: needs nothing but its terms, renders those, and never pretends to be a translation."""

    glossary: Glossary
    name: str = "glossary-1"

    async def render(self, text: Text, target: str) -> Rendered | None:
        gloss = self.glossary.gloss(text.text, source=text.lang, target=target)
        return None if gloss is None else Rendered(gloss, "gloss")


def read_glossary(path: Path = GLOSSARY_FILE) -> Glossary:
    """Raises ValueError for a word that stands for two terms."""
    terms = [Term.model_validate(entry) for entry in yaml.safe_load(path.read_text())]
    if doubled := duplicates(terms):
        raise ValueError(f"{path.name}: these words stand for two terms: {', '.join(doubled)}")
    return Glossary(terms)
