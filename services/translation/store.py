"""Collections of translation."""

from __future__ import annotations

from schemas.translations import TextErased
from services.chassis.model import Collection, Document, Index

from .domain.glossary import Term
from .domain.texts import ProfileRow, SourceText, Translation, Usage, to_event


class TermRow(Document):
    """A term that an organiser has added, or that replaces the shipped term with the same id."""

    ko: str
    zh: str
    en: str
    topic: str
    locked: bool = False

    @classmethod
    def from_term(cls, term: Term, before: TermRow | None) -> TermRow:
        """The row to store for a term. `before` is the row that it replaces."""
        row = cls(**term.model_dump())
        return row if before is None else row.model_copy(update={"revision": before.revision, "at": before.at})

    def to_term(self) -> Term:
        """The term of the domain."""
        return Term.model_validate(self.model_dump(exclude={"revision", "at"}))


class GlossaryVersion(Document):
    """The ids of all stored terms. There is one such document, written with every change of a term: its revision shows
    replicas that they must read the terms again."""

    term_ids: list[str] = []
    # A replaced term leaves the ids as they are. The count differs, so the version is written all the same.
    changes: int = 0


VERSION_ID = "glossary"
PROFILES = Collection("profiles", ProfileRow)
TEXTS = Collection("texts", SourceText)
TRANSLATIONS = Collection(
    "translations", Translation, topic="translations", state_event=to_event, erased_event=TextErased
)
TERMS = Collection("terms", TermRow)
VERSIONS = Collection("versions", GlossaryVersion)
USAGES = Collection("usages", Usage, indexes=(Index(("since",), expires_seconds=3 * 86400),))
ALL = (PROFILES, TEXTS, TRANSLATIONS, TERMS, VERSIONS, USAGES)
