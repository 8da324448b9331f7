"""Texts are identified by their content: translated once, whoever publishes them, and gone when nobody uses them."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from schemas.common import Text, text_id
from schemas.profiles import ProfileState
from schemas.translations import TextTranslated
from services.chassis.documents import Document, Projection

UNUSED_FOR = dt.timedelta(hours=24)
RANK = {"gloss": 0, "machine": 1, "human": 2}
"""Who outranks whom: a person's correction is never replaced by a machine."""


class ProfileRow(Projection):
    """Which texts a profile says now; nothing of their content."""

    state: str = "unknown"
    text_ids: list[str] = []


class SourceText(Document):
    """A text as its author wrote it. `unknown` are the languages for which no engine had anything to say."""

    lang: str
    text: str
    used_by: list[str] = Field(default_factory=list)
    translated: list[str] = Field(default_factory=list)
    unknown: list[str] = Field(default_factory=list)

    def used(self, profile_id: str) -> SourceText:
        return self.model_copy(update={"used_by": sorted({*self.used_by, profile_id})})

    def unused(self, profile_id: str) -> SourceText:
        return self.model_copy(update={"used_by": [id for id in self.used_by if id != profile_id]})


class Translation(Document):
    """Id `text_id:language`."""

    text_id: str
    source: str
    lang: str
    text: str
    made_by: str
    engine: str
    flags: list[str] = Field(default_factory=list)

    def may_be_replaced_by(self, made_by: str) -> bool:
        return RANK.get(made_by, 0) >= RANK.get(self.made_by, 0)


def translation_id(text_id: str, lang: str) -> str:
    return f"{text_id}:{lang}"


def texts_of(state: ProfileState | None) -> dict[str, Text]:
    """By text_id, what a profile says in public; nothing where it is no longer public."""
    if state is None:
        return {}
    return {text_id(entry.text): entry.text for entry in (*(state.offers or ()), *(state.needs or ()))}


def told(translation: Translation) -> TextTranslated:
    return TextTranslated(
        text_id=translation.text_id,
        source=translation.source,
        translation=Text(lang=translation.lang, text=translation.text),
        made_by=translation.made_by,
        engine=translation.engine,
        flags=translation.flags,
    )
