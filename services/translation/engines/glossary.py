"""The default engine, and the terms that are shipped with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from schemas.common import Text

from ..domain.glossary import Glossary, Term, duplicates
from .port import Rendered

GLOSSARY_FILE = Path(__file__).parents[1] / "glossary.yaml"


@dataclass(frozen=True)
class GlossaryEngine:
    """Needs nothing but the terms, renders those, and never pretends to be a translation."""

    name: str = "glossary-1"

    async def render(self, text: Text, target: str, glossary: Glossary) -> Rendered | None:
        gloss = glossary.gloss(text.text, source=text.lang, target=target)
        return None if gloss is None else Rendered(gloss, "gloss")

    async def stay_open(self) -> None:
        """It holds nothing."""


def read_glossary(path: Path = GLOSSARY_FILE) -> Glossary:
    """Raises ValueError for a word that stands for two terms."""
    terms = [Term.model_validate(entry) for entry in yaml.safe_load(path.read_text())]
    if doubled := duplicates(terms):
        raise ValueError(f"{path.name}: these words stand for two terms: {', '.join(doubled)}")
    return Glossary(terms)
