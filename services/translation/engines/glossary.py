"""The default engine, and the terms that are shipped with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from schemas.common import Text

from ..domain.glossary import Glossary, Term, ambiguous_words
from ..domain.texts import Rendering

GLOSSARY_FILE = Path(__file__).parents[1] / "glossary.yaml"


@dataclass(frozen=True)
class GlossaryEngine:
    """Renders the known terms of a text, and labels the result as a list of terms."""

    name: str = "glossary-1"
    is_metered: bool = False

    async def render(self, text: Text, target: str, glossary: Glossary) -> Rendering | None:
        """A gloss; None if the text has no known term."""
        gloss = glossary.gloss(text.text, source=text.lang, target=target)
        return None if gloss is None else Rendering(gloss, "gloss")

    async def serve(self) -> None:
        """Returns at once: it holds nothing."""


def read_glossary(path: Path = GLOSSARY_FILE) -> Glossary:
    """The shipped terms. Raises ValueError if a word stands for two terms."""
    terms = [Term.model_validate(entry) for entry in yaml.safe_load(path.read_text())]
    if found := ambiguous_words(terms):
        raise ValueError(f"{path.name}: these words stand for two terms: {', '.join(found)}")
    return Glossary(terms)
