"""What translation keeps."""

from __future__ import annotations

from services.chassis.documents import Collection, Document

from .domain.glossary import Term
from .domain.texts import ProfileRow, SourceText, Translation


class TermRow(Document):
    """An organiser's term."""

    ko: str
    zh: str
    en: str
    topic: str
    locked: bool = False

    @classmethod
    def of(cls, term: Term, before: TermRow | None) -> TermRow:
        row = cls(**term.model_dump())
        return row if before is None else row.model_copy(update={"revision": before.revision, "at": before.at})

    def term(self) -> Term:
        return Term.model_validate(self.model_dump(exclude={"revision", "at"}))


class GlossaryVersion(Document):
    """Which terms organisers have added. Its revision grows with each change: replicas read it to know of one."""

    term_ids: list[str] = []
    changes: int = 0


VERSION_ID = "glossary"
PROFILES = Collection("profiles", ProfileRow)
TEXTS = Collection("texts", SourceText)
TRANSLATIONS = Collection("translations", Translation, topic="translations")
TERMS = Collection("terms", TermRow)
VERSIONS = Collection("versions", GlossaryVersion)
ALL = (PROFILES, TEXTS, TRANSLATIONS, TERMS, VERSIONS)
