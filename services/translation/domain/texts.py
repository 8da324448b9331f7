"""Texts are identified by their content: translated once, even if several profiles have them, and erased when no
profile has them any more (docs/rules.md, section 10)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pydantic import Field

from schemas.common import Text, text_id
from schemas.profiles import ProfileState
from schemas.translations import TextTranslated
from services.chassis.model import Document, Projection

UNUSED_TEXT_LIFETIME = dt.timedelta(hours=24)
"""How long a text is kept that no profile has, in case that its profile is published again."""
RANK = {"gloss": 0, "machine": 1, "human": 2}
"""A translation is replaced only by one of the same or a higher rank."""


class ProfileRow(Projection):
    """The ids of the texts that a profile has in public now; nothing of their content."""

    state: str = "unknown"
    text_ids: list[str] = []


class SourceText(Document):
    """A text as its author wrote it. `used_by` are profiles, `translated` languages; `unknown` are the languages into
    which the engine could not translate it."""

    lang: str
    text: str
    used_by: list[str] = Field(default_factory=list)
    translated: list[str] = Field(default_factory=list)
    unknown: list[str] = Field(default_factory=list)

    def with_user(self, profile_id: str) -> SourceText:
        """The text, used by this profile too."""
        return self.model_copy(update={"used_by": sorted({*self.used_by, profile_id})})

    def without_user(self, profile_id: str) -> SourceText:
        """The text, no longer used by this profile."""
        return self.model_copy(update={"used_by": [id for id in self.used_by if id != profile_id]})

    def translated_into(self, lang: str) -> SourceText:
        """The text, with a translation into this language."""
        return self.model_copy(update={"translated": sorted({*self.translated, lang})})

    def untranslatable_into(self, lang: str) -> SourceText:
        """The text, for which the engine has nothing in this language."""
        return self.model_copy(update={"unknown": sorted({*self.unknown, lang})})


@dataclass(frozen=True)
class Rendering:
    """A text in another language. `made_by` is a key of `RANK`; `flags` are names of checks that it fails."""

    text: str
    made_by: str
    flags: tuple[str, ...] = ()


class Translation(Document):
    """A stored translation; its id is `text_id:language`. `source` is the language of the original."""

    text_id: str
    source: str
    lang: str
    text: str
    made_by: str
    engine: str
    flags: list[str] = Field(default_factory=list)

    def may_be_replaced_by(self, made_by: str) -> bool:
        """Whether a translation of this kind may take its place. A machine never replaces a person's."""
        return RANK.get(made_by, 0) >= RANK.get(self.made_by, 0)


def translation_id(text_id: str, lang: str) -> str:
    """The id of a translation: one per text and language."""
    return f"{text_id}:{lang}"


def public_texts(state: ProfileState | None) -> dict[str, Text]:
    """The texts of a profile's event, by text_id; none if the profile is not public or was erased (None)."""
    if state is None:
        return {}
    return {text_id(entry.text): entry.text for entry in (*(state.offers or ()), *(state.needs or ()))}


def to_event(translation: Translation) -> TextTranslated:
    """The event that reports a translation."""
    return TextTranslated(
        text_id=translation.text_id,
        source=translation.source,
        translation=Text(lang=translation.lang, text=translation.text),
        made_by=translation.made_by,
        engine=translation.engine,
        flags=translation.flags,
    )
