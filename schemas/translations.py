"""Topic `translations`: texts of profiles in another language. The original, in its profile, stays."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from .common import Lang, Text
from .envelope import Event, Tombstone


class TextTranslated(Event):
    """Key `text_id:language`. A later one of the same key replaces an earlier one."""

    event_type: ClassVar[str] = "magpie.text.translated"
    topic: ClassVar[str] = "translations"

    text_id: Annotated[str, Field(description="Of the original: see common.text_id.")]
    source: Annotated[Lang, Field(description="Language of the original.")]
    translation: Text
    made_by: Annotated[str, Field(description="machine, human or gloss (known terms rendered, no translation).")]
    engine: Annotated[str, Field(description="Which engine and version, or `human`.")]
    flags: Annotated[list[str], Field(description="Quality checks that failed; empty is good.")] = []


class TextErased(Tombstone):
    """Nobody refers to the text any more."""

    event_type: ClassVar[str] = "magpie.text.erased"
    topic: ClassVar[str] = "translations"
