"""Topic `translations`: texts of profiles in another language. The original text stays in its profile."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from .common import Lang, Text, known
from .envelope import Event, Tombstone


class TextTranslated(Event):
    """A text in another language. The key is `text_id:language`; a later event of the same key replaces this one."""

    event_type: ClassVar[str] = "magpie.text.translated"
    topic: ClassVar[str] = "translations"

    text_id: Annotated[str, Field(description="Id of the original text: see common.text_id.")]
    source: Annotated[Lang, Field(description="Language of the original.")]
    translation: Text
    made_by: Annotated[
        str,
        known("machine", "human", "gloss"),
        Field(description="machine, human or gloss (only the known terms, not a translation)."),
    ]
    replaces: Annotated[
        Annotated[str, known("machine", "human", "gloss")] | None,
        Field(description="How the translation was made whose place it takes; absent if there was none. Since 1.1."),
    ] = None
    engine: Annotated[str, Field(description="Name and version of the engine, or `human`.")]
    flags: Annotated[
        list[str], Field(description="Quality checks that the translation failed, by name; empty if it passed all.")
    ] = []


class TextErased(Tombstone):
    """No profile contains the text any more: readers delete the translation."""

    event_type: ClassVar[str] = "magpie.text.erased"
    topic: ClassVar[str] = "translations"
