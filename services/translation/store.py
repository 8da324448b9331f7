"""What translation keeps."""

from __future__ import annotations

from services.chassis.documents import Collection

from .domain.texts import ProfileRow, SourceText, Translation

PROFILES = Collection("profiles", ProfileRow)
TEXTS = Collection("texts", SourceText)
TRANSLATIONS = Collection("translations", Translation, topic="translations")
ALL = (PROFILES, TEXTS, TRANSLATIONS)
