"""Organisers add terms to the glossary; every replica translates with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, Forbidden, IfMatch, InvalidState
from services.chassis.mongo import Database

from ..domain.glossary import Glossary, Term, conflicting_words, merge_terms
from ..store import TERMS, VERSION_ID, VERSIONS, GlossaryVersion, TermRow

# Well below the 5,000 documents that a batch may load (docs/architecture.md, promise 10).
MAX_TERMS = 2000
"""Terms of organisers. All of them are read at each change."""


class GlossaryCache:
    """The glossary in memory: the shipped terms and those of organisers. It is read again when the stored version has
    changed."""

    def __init__(self, database: Database, shipped: Glossary) -> None:
        self._database, self.shipped = database, shipped
        self._version, self._glossary = 0, shipped

    async def current(self) -> Glossary:
        """The glossary as it is stored now. Costs one small read, and reads the terms only after a change."""
        version = await self._database.one(VERSIONS, VERSION_ID)
        if version is not None and version.revision != self._version:
            rows = await self._database.find(TERMS, {})
            self._glossary = Glossary(merge_terms(self.shipped.terms, [row.to_term() for row in rows]))
            # The version that was read before the terms: a change in between leads to one more read, not to a lost one.
            self._version = version.revision
        return self._glossary


@dataclass(frozen=True)
class TermResult:
    """A term as it is stored now, and whether the glossary did not have it before."""

    row: TermRow
    is_new: bool


async def save_term(uow: UnitOfWork, *, caller: Caller, term: Term, shipped: Glossary, if_match: IfMatch) -> TermResult:
    """Adds a term, or replaces the one with its id; texts that come later are translated with it.

    Raises Forbidden; StaleRevision; InvalidState if a word of it is another term's already, or if there are too many
    terms."""
    if not caller.is_organiser:
        raise Forbidden("Organisers keep the glossary.")
    version = await uow.get_or(VERSIONS, GlossaryVersion(id=VERSION_ID))
    rows = await _stored_terms(uow, version, term.id)
    before = rows.get(term.id)
    if before is not None:
        if_match.must_match(before.revision, required=False)
    _must_be_unambiguous(term, merge_terms(shipped.terms, [row.to_term() for row in rows.values()]))
    if before is None and len(rows) >= MAX_TERMS:
        raise InvalidState("glossary-full", f"The glossary takes {MAX_TERMS} terms of organisers; change one of those.")
    row = uow.put(TERMS, TermRow.from_term(term, before))
    if row != before:
        # Every change writes the version. Replicas look at it, and two organisers cannot take one word at a time.
        ids = sorted({*version.term_ids, term.id})
        uow.put(VERSIONS, version.model_copy(update={"term_ids": ids, "changes": version.changes + 1}))
    return TermResult(row, is_new=before is None and all(known.id != term.id for known in shipped.terms))


async def _stored_terms(uow: UnitOfWork, version: GlossaryVersion, id: str) -> dict[str, TermRow]:
    """All terms of organisers by id. The place of the term with this `id` is read too, because it will be written."""
    ids = dict.fromkeys([*version.term_ids, id])
    await uow.load([TERMS.ref(term_id) for term_id in ids])
    return {term_id: row for term_id in ids if (row := await uow.get(TERMS, term_id))}


def _must_be_unambiguous(term: Term, known: Sequence[Term]) -> None:
    found = conflicting_words(term, known)
    if found:
        errors = [
            {"pointer": f"/{lang}", "detail": f"This word stands for the term {id} already."} for lang, id in found
        ]
        raise InvalidState(
            "word-taken",
            "A word stands for one term, or a text that has it could not be rendered; change that term, or this word.",
            extra={"errors": errors},
        )
