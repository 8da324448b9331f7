"""The report of a forum over HTTP: as JSON, as a table for spreadsheets, as a page to print."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from services.chassis.http import CallerDep, DatabaseDep, StrictRoute

from ..domain.after.forum_report import ForumReport
from ..prints import report_csv, report_page
from ..usecases.forum_reports import report_of
from .parameters import Id, LangQuery
from .schedules import PAGE_HEADERS

router = APIRouter(prefix="/v1/forums", route_class=StrictRoute, tags=["forums"])
CSV = "text/csv; charset=utf-8"
_Media = dict[int | str, dict[str, Any]]
CSV_OF: _Media = {200: {"content": {"text/csv": {}}}}
PAGE_OF: _Media = {200: {"content": {"text/html": {}}}}


@router.get("/{forum_id}/report", response_model=ForumReport)
async def read_report(forum_id: Id, caller: CallerDep, database: DatabaseDep) -> ForumReport:
    """How far the participants of a forum came, how evenly, and what came of it; for organisers. A count of one to four
    is null, so that no organisation can be told from it."""
    return (await report_of(database, caller, forum_id))[1]


@router.get("/{forum_id}/report.csv", response_class=Response, responses=CSV_OF)
async def download_report(forum_id: Id, caller: CallerDep, database: DatabaseDep, lang: LangQuery = None) -> Response:
    """The same as a table for spreadsheets."""
    _, report = await report_of(database, caller, forum_id)
    return Response(report_csv(report, lang=lang or "en"), media_type=CSV, headers={"Cache-Control": "no-store"})


@router.get("/{forum_id}/report.html", response_class=HTMLResponse, responses=PAGE_OF)
async def show_report(forum_id: Id, caller: CallerDep, database: DatabaseDep, lang: LangQuery = None) -> HTMLResponse:
    """The same as a page to print."""
    forum, report = await report_of(database, caller, forum_id)
    names, language = forum.setup.names, lang or "en"
    name = getattr(names, language) or names.en or names.ko or names.zh or ""
    page = await asyncio.to_thread(report_page, report, name=name, lang=language)
    return HTMLResponse(page, headers=PAGE_HEADERS)
