"""Files of a forum over HTTP: participants, tables and interpreters as CSV or XLSX, in both directions."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from services.chassis.commit import Answer
from services.chassis.http import CallerDep, DatabaseDep, Output, StrictRoute
from services.chassis.model import Invalid
from services.chassis.mongo import Database

from .. import store
from ..dependencies import OrganiserCommand
from ..domain.advice_sentences import Lang
from ..domain.forum_files.whole_file import all_sheets, file_refused, read_contents
from ..domain.forums.forum import Forum
from ..domain.forums.registration import MAX_PARTICIPANTS, Registration
from ..sheets import CSV, XLSX, read_sheets, write_csv, write_xlsx
from ..usecases.forums import readable_forum
from ..usecases.import_file import Imported, OrganisersFile, import_file
from ..usecases.open_round import must_be_organiser
from .parameters import Id

router = APIRouter(prefix="/v1/forums/{forum_id}", route_class=StrictRoute, tags=["forums"])
Kind = Literal["participants", "tables", "interpreters"]
KindQuery = Annotated[
    Kind | None,
    Query(description="What the file holds: needed for CSV. A workbook says it by the names of its sheets."),
]
ReportLang = Annotated[Lang, Query(alias="lang", description="The language of the report.")]
Format = Annotated[Literal["csv", "xlsx"], Query(alias="format")]
FILE = {"schema": {"type": "string", "format": "binary"}}
BODIES = {"requestBody": {"required": True, "content": {CSV: FILE, XLSX: FILE}}}


class ImportedOut(Output):
    """How much a file has changed."""

    forum_id: str
    added: int
    changed: int
    unchanged: int


@router.post("/import", response_model=ImportedOut, openapi_extra=BODIES)
async def post_import(
    forum_id: Id, command: OrganiserCommand, database: DatabaseDep, kind: KindQuery = None, lang: ReportLang = "en"
) -> Response:
    """Takes a file of participants, tables or interpreters: all of it, or nothing. 422 `file-refused` names every
    mistake with its line, its column and what to do. What the file does not name stays; the same file again changes
    nothing."""
    forum = await readable_forum(database, forum_id)
    file = await _read(command, database, forum, kind, lang)
    return await command.run(
        lambda uow: import_file(uow, forum_id=forum_id, file=file),
        answer=_answer,
        reads=[store.FORUMS.ref(forum_id), store.ROSTERS.ref(forum_id)],
    )


async def _read(
    command: OrganiserCommand, database: Database, forum: Forum, kind: Kind | None, lang: Lang
) -> OrganisersFile:
    """The file of a request. Raises Invalid for another one, and Refused with its mistakes."""
    media_type = command.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in (CSV, XLSX):
        raise Invalid(f"A file is CSV ({CSV}) or XLSX ({XLSX}); name its type.", pointer="/header/Content-Type")
    if media_type == CSV and kind is None:
        raise Invalid("Say which kind of lines the CSV file has.", pointer="/query/kind")
    sheets, mistakes = await read_sheets(await command.body(), is_csv=media_type == CSV, kind=kind)
    stored = await _registrations(database, forum.id) if any(one.kind == "participants" for one in sheets) else []
    contents, more = await asyncio.to_thread(lambda: read_contents(sheets, forum.setup, _models(stored)))
    if mistakes or more:
        raise file_refused([*mistakes, *more], lang)
    return OrganisersFile(contents, forum.revision, lang)


def _answer(found: Imported) -> Answer:
    body = ImportedOut(forum_id=found.forum.id, added=found.added, changed=found.changed, unchanged=found.unchanged)
    return Answer.of(body, subject=found.forum.id, revision=found.forum.revision)


@router.get("/export", response_class=Response, responses={200: {"content": {CSV: FILE, XLSX: FILE}}})
async def get_export(
    forum_id: Id, caller: CallerDep, database: DatabaseDep, format_: Format = "xlsx", kind: KindQuery = None
) -> Response:
    """Everything as a workbook of three sheets, or one kind as CSV; to import it again changes nothing."""
    must_be_organiser(caller)
    forum = await readable_forum(database, forum_id)
    if format_ == "csv" and kind is None:
        raise Invalid("A CSV file holds one kind of lines; say which.", pointer="/query/kind")
    written = await _written(database, forum, kind if format_ == "csv" else None)
    name = f"{forum_id}-{kind}.csv" if format_ == "csv" else f"{forum_id}.xlsx"
    media_type = f"{CSV}; charset=utf-8" if format_ == "csv" else XLSX
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(written, media_type=media_type, headers=headers)


async def _written(database: Database, forum: Forum, csv_kind: Kind | None) -> bytes:
    docs = await _registrations(database, forum.id)

    def write() -> bytes:
        sheets = all_sheets(forum.setup, _models(docs))
        return write_csv(sheets[csv_kind]) if csv_kind else write_xlsx(sheets)

    return await asyncio.to_thread(write)


async def _registrations(database: Database, forum_id: str) -> list[dict[str, Any]]:
    return await store.registrations_of(database, forum_id, limit=MAX_PARTICIPANTS)


def _models(docs: list[dict[str, Any]]) -> list[Registration]:
    """As models; takes long for many, so a thread calls it."""
    return [Registration.model_validate(doc) for doc in docs]
