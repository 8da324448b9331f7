"""The board over HTTP: pages for browsers, which sign in by a cookie; forms that act and lead back to the page."""

from __future__ import annotations

import asyncio
import datetime as dt
from functools import partial
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.commit import Answer, UnitOfWork
from services.chassis.http import (
    CallerDep,
    CauseDep,
    CommandsDep,
    DatabaseDep,
    Decide,
    PageRoute,
    Pages,
    form_of,
    signed_in,
    signed_out,
)
from services.chassis.model import IfMatch, Invalid, Ref, Unauthenticated, etag

from .. import store
from ..board import (
    STYLE,
    Wish,
    day_page,
    day_view,
    forum_page,
    forum_view,
    forums_page,
    move_page,
    refused_page,
    sign_in_page,
)
from ..dependencies import Command
from ..domain.asks import Meant
from ..domain.board_pass import Visitor
from ..domain.schedule import Lang
from ..usecases import board as use
from ..usecases.access import readable_meeting
from ..usecases.answer_match import accept_match, decline_match
from ..usecases.attendance import check_in
from ..usecases.board_passes import end_visit
from ..usecases.meetings import MoveRequest, cancel_meeting, confirm_meeting, reschedule_meeting
from ..usecases.offer_slots import must_be_offered
from .board_answers import FORM, PREFIX, accepted, page, place_of, to_page
from .parameters import Id, LangQuery

router = APIRouter(prefix="/board", route_class=PageRoute, tags=["board"])
STYLE_HEADERS = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
SCREEN_SECONDS = "60"
REASONS = frozenset({"not_relevant", "timing", "already_in_contact", "competitor", "other"})


def _refused(request: Request, status: int, detail: str) -> Response:
    asked = request.query_params.get("lang")
    lang = cast(Lang, asked) if asked in ("ko", "zh", "en") else None
    return page(refused_page(place_of(request, lang), status, detail), status)


PAGES = Pages(PREFIX, _refused, frozenset({"/board/sign-in", "/board/enter", "/board/board.css"}))


@router.get("/board.css", response_class=Response, responses={200: {"content": {"text/css": {}}}})
async def style() -> Response:
    """The style sheet of the board."""
    return Response(STYLE, media_type="text/css", headers=STYLE_HEADERS)


@router.get("/sign-in", response_class=HTMLResponse)
async def show_sign_in(request: Request, lang: LangQuery = None) -> Response:
    """Where a token is pasted."""
    return page(sign_in_page(place_of(request, lang)))


@router.post("/sign-in", response_class=HTMLResponse, openapi_extra=FORM)
async def sign_in(request: Request, lang: LangQuery = None) -> Response:
    """Gives the browser a cookie with the `token` of the form."""
    place = place_of(request, lang)
    answer = to_page(place, "")
    token = "".join((await form_of(request)).get("token", "").split())
    try:
        await signed_in(request, answer, token)
    except Unauthenticated:
        return page(sign_in_page(place, is_wrong=True), 401)
    return answer


@router.post("/sign-out", response_class=HTMLResponse)
async def sign_out(
    request: Request, caller: CallerDep, commands: CommandsDep, cause: CauseDep, lang: LangQuery = None
) -> Response:
    """Takes the cookie back; a visit ends."""
    answer = to_page(place_of(request, lang), "sign-in")
    if isinstance(caller, Visitor):
        await commands.run(partial(end_visit, caller=caller), cause=cause)
    signed_out(request, answer)
    return answer


@router.get("/", response_class=HTMLResponse)
async def home(request: Request, caller: CallerDep, database: DatabaseDep, lang: LangQuery = None) -> Response:
    """The forums, for an organiser; for a participant the way to its day."""
    place = place_of(request, lang)
    if not caller.is_organiser:
        use.must_take_part(caller)
        return to_page(place, "day")
    return page(forums_page(place, await use.forums_to_show(database, caller)))


class BoardQuery(BaseModel):
    """What of a forum is shown. `screen`: the page renews itself every minute."""

    model_config = ConfigDict(hide_input_in_errors=True)

    lang: LangQuery = None
    date: Annotated[str, Field(max_length=10)] = ""
    hall: Annotated[str, Field(max_length=64)] = ""
    screen: Literal["", "1"] = ""


@router.get("/forums/{forum_id}", response_class=HTMLResponse)
async def show_forum(
    request: Request, forum_id: Id, asked: Annotated[BoardQuery, Query()], caller: CallerDep, database: DatabaseDep
) -> Response:
    """The organiser's board of a forum."""
    facts = await use.facts_of_forum(database, caller, forum_id)
    wish = Wish(asked.lang or accepted(request), asked.date, asked.hall)
    place = place_of(request, wish.lang, wish.address(lang="").replace("?", "&"))

    def made() -> str:
        return forum_page(place, forum_view(facts, wish, database.now()), is_screen=bool(asked.screen))

    # In a thread: thousands of matches and meetings take longer than others should wait for.
    answer = page(await asyncio.to_thread(made))
    if asked.screen:
        answer.headers["Refresh"] = SCREEN_SECONDS
    return answer


@router.get("/day", response_class=HTMLResponse)
async def show_day(request: Request, caller: CallerDep, database: DatabaseDep, lang: LangQuery = None) -> Response:
    """A participant's meetings, whom it meets and why, and what it has to answer."""
    facts, place = await use.facts_of_day(database, caller), place_of(request, lang)
    return page(await asyncio.to_thread(lambda: day_page(place, day_view(facts, place.lang, database.now()))))


def _read(form: dict[str, str]) -> IfMatch:
    """The revision that the form was made from: what is done is what was seen. Without one nothing is done."""
    return IfMatch.of(etag(int(form["revision"])) if form.get("revision", "").isdecimal() else "")


async def _done(command: Command, decide: Decide[Any], about: Ref, lang: Lang | None) -> Response:
    """Runs what a form asks for, and leads back to the day."""
    await command.run(decide, answer=lambda _: Answer.empty(), reads=[about])
    return to_page(place_of(command, lang), "day")


@router.post("/matches/{match_id}/accept", response_class=HTMLResponse, openapi_extra=FORM)
async def accept(match_id: Id, command: Command, lang: LangQuery = None) -> Response:
    """Accepts a match. It means the same whatever the other side has answered meanwhile, so it needs no revision."""
    act = partial(accept_match, caller=command.caller, match_id=match_id, if_match=IfMatch.of(None))
    return await _done(command, act, store.MATCHES.ref(match_id), lang)


@router.post("/matches/{match_id}/decline", response_class=HTMLResponse, openapi_extra=FORM)
async def decline(match_id: Id, command: Command, lang: LangQuery = None) -> Response:
    """Declines a match; the `reason` stays here."""
    form, caller = await form_of(command), command.caller
    reason = form["reason"] if form.get("reason") in REASONS else "other"
    act = partial(decline_match, caller=caller, match_id=match_id, reason=reason, if_match=_read(form))
    return await _done(command, act, store.MATCHES.ref(match_id), lang)


@router.post("/meetings/{meeting_id}/confirm", response_class=HTMLResponse, openapi_extra=FORM)
async def confirm(meeting_id: Id, command: Command, lang: LangQuery = None) -> Response:
    """Confirms the request, or the other time, that was shown."""
    read, settings = _read(await form_of(command)), command.deps.settings
    act = partial(confirm_meeting, meeting_id=meeting_id, meant=Meant(), if_match=read, settings=settings)
    return await _done(command, partial(act, caller=command.caller), store.MEETINGS.ref(meeting_id), lang)


@router.post("/meetings/{meeting_id}/accept", response_class=HTMLResponse, openapi_extra=FORM)
async def accept_offered(meeting_id: Id, command: Command, lang: LangQuery = None) -> Response:
    """Accepts what the forum offers, whatever the other side has answered meanwhile. If the time is not free any more,
    the page says so."""
    settings, ends = command.deps.settings, list[bool]()

    async def decide(uow: UnitOfWork) -> None:
        await must_be_offered(uow, command.caller, meeting_id)
        meeting = await confirm_meeting(
            uow,
            caller=command.caller,
            meeting_id=meeting_id,
            meant=Meant(),
            if_match=IfMatch.of(None),
            settings=settings,
        )
        ends.append(meeting.state == "expired")

    answer = await _done(command, decide, store.MEETINGS.ref(meeting_id), lang)
    return _refused(command, 409, "The time is not free any more.") if ends[-1:] == [True] else answer


@router.post("/meetings/{meeting_id}/cancel", response_class=HTMLResponse, openapi_extra=FORM)
async def cancel(meeting_id: Id, command: Command, lang: LangQuery = None) -> Response:
    """Cancels a booking, or declines a request."""
    read, settings = _read(await form_of(command)), command.deps.settings
    act = partial(cancel_meeting, caller=command.caller, meeting_id=meeting_id, if_match=read, settings=settings)
    return await _done(command, act, store.MEETINGS.ref(meeting_id), lang)


@router.post("/meetings/{meeting_id}/check-in", response_class=HTMLResponse, openapi_extra=FORM)
async def here(meeting_id: Id, command: Command, lang: LangQuery = None) -> Response:
    """The caller's side is there."""
    act = partial(check_in, caller=command.caller, meeting_id=meeting_id)
    return await _done(command, act, store.MEETINGS.ref(meeting_id), lang)


@router.get("/meetings/{meeting_id}/move", response_class=HTMLResponse)
async def show_move(
    request: Request, meeting_id: Id, caller: CallerDep, database: DatabaseDep, lang: LangQuery = None
) -> Response:
    """Where another time is chosen, among those at which both sides are free."""
    place = place_of(request, lang)
    return page(move_page(place, await use.other_times(database, caller, meeting_id, place.lang)))


@router.post("/meetings/{meeting_id}/move", response_class=HTMLResponse, openapi_extra=FORM)
async def move(meeting_id: Id, command: Command, database: DatabaseDep, lang: LangQuery = None) -> Response:
    """Asks for another time; the present one stands until the other side confirms."""
    form = await form_of(command)
    # First, so that a stranger learns nothing from what is said of the form.
    await readable_meeting(database, command.caller, meeting_id)
    to, settings = MoveRequest(_instant(form.get("start", ""))), command.deps.settings
    act = partial(reschedule_meeting, meeting_id=meeting_id, to=to, if_match=_read(form), settings=settings)
    return await _done(command, partial(act, caller=command.caller), store.MEETINGS.ref(meeting_id), lang)


def _instant(text: str) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("That is no time; choose one of the list.", pointer="/start") from None
    if at.tzinfo is None:
        raise Invalid("That time has no zone; choose one of the list.", pointer="/start")
    return at.astimezone(dt.UTC)
