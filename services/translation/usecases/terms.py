"""Organisers add to the glossary; every replica works with what they have added."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.database import Database
from services.chassis.errors import Contrary
from services.chassis.http import IfMatch
from services.chassis.tokens import Caller, Forbidden
from services.chassis.uow import UnitOfWork

from ..domain.glossary import Glossary, Term, clashes, joined
from ..store import TERMS, VERSION_ID, VERSIONS, GlossaryVersion, TermRow

MOST_TERMS = 2000


class Terms:
    """The shipped terms and, by id in their place, the organisers'. Read again when the version has moved on."""

    def __init__(self, database: Database, shipped: Glossary) -> None:
        self._database, self.shipped = database, shipped
        self._version, self._known = 0, shipped

    async def current(self) -> Glossary:
        """One small read; the terms themselves only after somebody has changed one."""
        version = await self._database.one(VERSIONS, VERSION_ID)
        if version is not None and version.revision != self._version:
            rows = await self._database.find(TERMS, {})
            self._known = Glossary(joined(self.shipped.terms, [row.term() for row in rows]))
            # The version of before the read: a term that came in between is read twice rather than never.
            self._version = version.revision
        return self._known


@dataclass(frozen=True)
class Put:
    """A term as it is kept now."""

    row: TermRow
    is_new: bool


async def put_term(uow: UnitOfWork, *, caller: Caller, term: Term, shipped: Glossary, if_match: IfMatch) -> Put:
    """Adds a term, or puts it in the place of the one with its id; texts that come later are rendered with it.

    Raises Forbidden; Contrary where one of its words stands for another term already."""
    if not caller.is_organiser:
        raise Forbidden("Organisers keep the glossary.")
    version = await uow.get(VERSIONS, VERSION_ID) or GlossaryVersion(id=VERSION_ID)
    await uow.load([TERMS.ref(id) for id in {*version.term_ids, term.id}])
    rows = {id: row for id in version.term_ids if (row := await uow.get(TERMS, id))}
    before = await uow.get(TERMS, term.id)
    if before is not None:
        if_match.must_match(before.revision, required=False)
    _must_be_unambiguous(term, joined(shipped.terms, [row.term() for row in rows.values()]))
    if before is None and len(rows) >= MOST_TERMS:
        raise Contrary("glossary-full", f"The glossary takes {MOST_TERMS} terms of organisers; change one of those.")
    row = uow.put(TERMS, TermRow.of(term, before))
    if row != before:
        # Written with every change: it is what replicas look at, and what keeps two organisers from one word.
        ids = sorted({*version.term_ids, term.id})
        uow.put(VERSIONS, version.model_copy(update={"term_ids": ids, "changes": version.changes + 1}))
    return Put(row, is_new=before is None and all(known.id != term.id for known in shipped.terms))


def _must_be_unambiguous(term: Term, known: list[Term]) -> None:
    found = clashes(term, known)
    if found:
        errors = [
            {"pointer": f"/{lang}", "detail": f"This word stands for the term {id} already."} for lang, id in found
        ]
        raise Contrary(
            "word-taken",
            "A word stands for one term, or a text that has it could not be rendered; change that term, or this word.",
            extra={"errors": errors},
        )
