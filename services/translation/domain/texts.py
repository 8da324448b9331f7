"""Texts are identified by their content: translated once, even if several profiles have them, and erased when no
profile has them any more (docs/rules.md, section 10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import Field

from schemas.common import Text, text_id
from schemas.profiles import ProfileState
from schemas.translations import TextTranslated
from services.chassis.model import Document, Projection

UNUSED_TEXT_LIFETIME = dt.timedelta(hours=24)
"""How long a text is kept that no profile has, in case that its profile is published again."""
MAX_FORMER_TEXTS = 2000
"""Older ones have been swept by then, or are swept within a day."""
RANK = {"gloss": 0, "machine": 1, "human": 2}
"""A translation is replaced only by one of the same or a higher rank."""


class ProfileRow(Projection):
    """The ids of the texts that a profile has in public now; nothing of their content."""

    owner: str = ""
    state: str = "unknown"
    text_ids: list[str] = []
    former_text_ids: list[str] = []
    """Texts that it had before and that may still be stored: an erasure reaches them too."""

    def with_texts(self, text_ids: Iterable[str]) -> ProfileRow:
        """The row with the texts that the profile has now."""
        present = set(text_ids)
        former = [id for id in dict.fromkeys([*self.former_text_ids, *self.text_ids]) if id not in present]
        return self.model_copy(update={"text_ids": sorted(present), "former_text_ids": former[-MAX_FORMER_TEXTS:]})


class SourceText(Document):
    """A text as its author wrote it. `used_by` are the profiles that have it in public now, `owners` the organisations
    that have or had it; `translated` are languages, `unknown` those into which the engine could not translate it."""

    lang: str
    text: str
    used_by: list[str] = Field(default_factory=list)
    owners: list[str] = Field(default_factory=list)
    unused_since: dt.datetime | None = None
    translated: list[str] = Field(default_factory=list)
    unknown: list[str] = Field(default_factory=list)

    def with_user(self, profile_id: str, owner: str) -> SourceText:
        """The text, used by this profile of this organisation too."""
        # Sorted: an equal document is no write, and sets have no order of their own.
        used = {
            "used_by": sorted({*self.used_by, profile_id}),
            "owners": sorted({*self.owners, owner}),
            "unused_since": None,
        }
        return self.model_copy(update=used)

    def without_user(self, profile_id: str, now: dt.datetime) -> SourceText:
        """The text, no longer used by this profile."""
        left = [id for id in self.used_by if id != profile_id]
        return self.model_copy(update={"used_by": left, "unused_since": None if left else self.unused_since or now})

    def is_readable_by(self, org: str) -> bool:
        """Whether a member of this organisation may read it: everyone while it is public, then those who wrote it."""
        return bool(self.used_by) or org in self.owners

    def is_over(self, now: dt.datetime) -> bool:
        """Whether no profile has had it for a day."""
        since = self.unused_since
        return not self.used_by and (since is None or now >= since + UNUSED_TEXT_LIFETIME)

    def missing(self, languages: Iterable[str]) -> list[str]:
        """The languages for which there is no translation yet, and in which one is possible."""
        done = {self.lang, *self.translated, *self.unknown}
        return [lang for lang in languages if lang not in done]

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


class Usage(Document):
    """What an organisation has had translated on a day; its id is `org/day`. It is removed some days after `since`."""

    characters: int = 0
    since: dt.datetime | None = None

    def with_characters(self, more: int, now: dt.datetime) -> Usage:
        """The usage with a further text."""
        return self.model_copy(update={"characters": self.characters + more, "since": self.since or now})


def usage_id(owner: str, day: dt.date) -> str:
    """The id of a usage."""
    return f"{owner}/{day.isoformat()}"


class Translation(Document):
    """A stored translation; its id is `text_id:language`. `source` is the language of the original."""

    text_id: str
    source: str
    lang: str
    text: str
    made_by: str
    engine: str
    flags: list[str] = Field(default_factory=list)
    replaces: str | None = None
    """How the translation was made whose place it has taken."""

    def may_be_replaced_by(self, made_by: str) -> bool:
        """Whether a translation of this kind may take its place. A machine never replaces a person's."""
        return RANK.get(made_by, 0) >= RANK.get(self.made_by, 0)


def replaced(before: Translation | None, by: Rendering) -> str | None:
    """How the translation was made that a rendering replaces; one that says the same again replaces nothing."""
    if before is None:
        return None
    return before.replaces if (before.text, before.made_by) == (by.text, by.made_by) else before.made_by


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
        replaces=translation.replaces,
        engine=translation.engine,
        flags=translation.flags,
    )
