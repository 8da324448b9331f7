"""Which meeting tools work on both sides, and how to join, over HTTP."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from services.chassis.http import CallerDep, DatabaseDep, Output, StrictRoute
from services.chassis.model import InvalidState

from .. import store
from ..domain.meeting_tools import WORKS, Tool, joining, shipped_tools
from ..usecases.access import readable_meeting
from .parameters import Id, LangQuery

router = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["meeting tools"])
Country = Literal["KR", "CN"]
Countries = Annotated[list[Country], Query(max_length=2, description="Of both sides; KR and CN by default.")]


class ReachOut(Output):
    """How far a tool works in a country, the day on which that was read, and where."""

    state: str
    checked: dt.date
    source: str


class ToolOut(Output):
    """A tool. `works`: it is known that both sides can join."""

    id: str
    name: str
    works: bool
    countries: dict[str, ReachOut]


class ToolsOut(Output):
    """The tools, the best ones for these countries first: propose the first one, and keep the second one ready."""

    items: list[ToolOut]


class WayOut(Output):
    """A link, what it is known to do where this side is, and how to join."""

    url: str | None = None
    tool: str | None = None
    state: str
    how: str


class SideOut(Output):
    """How one side joins. The best way comes first."""

    country: str
    ways: list[WayOut]


class JoiningOut(Output):
    """How both sides join. `is_sure`: a link is known to work on both sides. Where none is, add one of the tool
    `advised`."""

    meeting_id: str
    sides: dict[str, SideOut]
    is_sure: bool
    advised: str | None = None


@router.get("/meeting-tools", response_model=ToolsOut)
async def list_tools(caller: CallerDep, country: Countries = ["KR", "CN"], lang: LangQuery = None) -> ToolsOut:  # noqa: B006
    """Which tool to meet with: data with dates and sources."""
    return ToolsOut(items=[_tool(tool, country, lang or "en") for tool in shipped_tools().ranked(country)])


@router.get("/meetings/{meeting_id}/joining", response_model=JoiningOut, response_model_exclude_none=True)
async def read_joining(meeting_id: Id, caller: CallerDep, database: DatabaseDep, lang: LangQuery = None) -> JoiningOut:
    """How each side of a remote meeting joins."""
    meeting, tools = await readable_meeting(database, caller, meeting_id), shipped_tools()
    if meeting.venue.kind != "online":
        raise InvalidState(
            "onsite", "The sides meet at a place; there is nothing to join.", extra={"state": meeting.state}
        )
    rows = await store.rows(database, meeting.parties)
    of_side = {side: rows[side].country if side in rows else "" for side in meeting.parties}
    countries, language = sorted(set(of_side.values())), lang or "en"
    found = {
        side: joining(tools, meeting.venue, country=country, countries=countries, lang=language)
        for side, country in of_side.items()
    }
    first = next(iter(found.values()))
    sides = {
        side: SideOut(
            country=of_side[side],
            ways=[
                WayOut(url=way.url, tool=way.tool.names[language] if way.tool else None, state=way.state, how=way.how)
                for way in one.ways
            ],
        )
        for side, one in found.items()
    }
    advised = first.advised.names[language] if first.advised else None
    return JoiningOut(meeting_id=meeting.id, sides=sides, is_sure=first.is_sure, advised=advised)


def _tool(tool: Tool, countries: list[Country], lang: str) -> ToolOut:
    reach = {name: ReachOut(**known.model_dump()) for name, known in tool.countries.items()}
    return ToolOut(id=tool.id, name=tool.names[lang], works=tool.worst(countries) >= WORKS, countries=reach)
