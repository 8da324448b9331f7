"""The board over HTTP: pages for browsers, which sign in by a cookie; forms that act and lead back to the page."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from functools import partial
from typing import Annotated, Any, Literal, cast
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.commit import Answer
from services.chassis.http import CallerDep, DatabaseDep, Decide, PageRoute, Pages, form_of, signed_in, signed_out
from services.chassis.model import IfMatch, Invalid, Ref, Unauthenticated, etag

from .. import store
from ..board import (
    STYLE,
    Place,
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
from ..dependencies import Command, OrganiserCommand
from ..domain.asks import Meant
from ..domain.forum_plans.plan import plan_id
from ..domain.schedule import Lang
from ..usecases import board as use
from ..usecases.access import readable_meeting
from ..usecases.answer_match import accept_match, decline_match
from ..usecases.attendance import check_in
from ..usecases.meetings import MoveRequest, cancel_meeting, confirm_meeting, reschedule_meeting
from ..usecases.publish_plan import begin_publication
from .parameters import Id, LangQuery

PREFIX = "/board/"
router = APIRouter(prefix="/board", route_class=PageRoute, tags=["board"])
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    # Not `no-referrer`: with it browsers send `Origin: null` with a form, and it could not be told from a stranger's.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
STYLE_HEADERS = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
SEE_OTHER = 303
LINK = re.compile(r"https://\S{1,290}")
SCREEN_SECONDS = "60"
REASONS = frozenset({"not_relevant", "timing", "already_in_contact", "competitor", "other"})
FORM: dict[str, object] = {"requestBody": {"content": {"application/x-www-form-urlencoded": {}}}}


def _place(request: Request, lang: Lang | None, query: str = "") -> Place:
    """Where the page stands. The way up is relative, since a gateway may have a name for us in front."""
    depth = request.scope["path"].removeprefix(PREFIX).count("/")
    caller = getattr(request.state, "caller", None)
    return Place(lang or _accepted(request), "../" * depth or "./", caller.roles if caller else frozenset(), query)


def _accepted(request: Request) -> Lang:
    """The first language of the browser's that we speak."""
    for part in request.headers.get("accept-language", "").lower().split(","):
        if part.strip()[:2] in ("ko", "zh", "en"):
            return cast(Lang, part.strip()[:2])
    return "en"


def _html(text: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(text, status, headers=HEADERS)


def _refused(request: Request, status: int, detail: str) -> Response:
    asked = request.query_params.get("lang")
    lang = cast(Lang, asked) if asked in ("ko", "zh", "en") else None
    return _html(refused_page(_place(request, lang), status, detail), status)


PAGES = Pages(PREFIX, _refused, frozenset({"/board/sign-in", "/board/board.css"}))


def _to(place: Place, page: str) -> RedirectResponse:
    return RedirectResponse(f"{place.root}{page}?lang={place.lang}", SEE_OTHER, headers=HEADERS)


@router.get("/board.css", response_class=Response, responses={200: {"content": {"text/css": {}}}})
async def style() -> Response:
    """The style sheet of the board."""
    return Response(STYLE, media_type="text/css", headers=STYLE_HEADERS)


@router.get("/sign-in", response_class=HTMLResponse)
async def show_sign_in(request: Request, lang: LangQuery = None) -> Response:
    """Where a token is pasted."""
    return _html(sign_in_page(_place(request, lang)))


@router.post("/sign-in", response_class=HTMLResponse, openapi_extra=FORM)
async def sign_in(request: Request, lang: LangQuery = None) -> Response:
    """Gives the browser a cookie with the `token` of the form."""
    place = _place(request, lang)
    answer = _to(place, "")
    token = "".join((await form_of(request)).get("token", "").split())
    try:
        await signed_in(request, answer, token)
    except Unauthenticated:
        return _html(sign_in_page(place, is_wrong=True), 401)
    return answer


@router.post("/sign-out", response_class=HTMLResponse)
async def sign_out(request: Request, lang: LangQuery = None) -> Response:
    """Takes the cookie back."""
    answer = _to(_place(request, lang), "sign-in")
    signed_out(request, answer)
    return answer


@router.get("/", response_class=HTMLResponse)
async def home(request: Request, caller: CallerDep, database: DatabaseDep, lang: LangQuery = None) -> Response:
    """The forums, for an organiser; for a participant the way to its day."""
    place = _place(request, lang)
    if not caller.is_organiser:
        use.must_take_part(caller)
        return _to(place, "day")
    return _html(forums_page(place, await use.forums_to_show(database, caller)))


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
    wish = Wish(asked.lang or _accepted(request), asked.date, asked.hall)
    place = _place(request, wish.lang, wish.address(lang="").replace("?", "&"))

    def made() -> str:
        return forum_page(place, forum_view(facts, wish, database.now()), is_screen=bool(asked.screen))

    # In a thread: thousands of matches and meetings take longer than others should wait for.
    answer = _html(await asyncio.to_thread(made))
    if asked.screen:
        answer.headers["Refresh"] = SCREEN_SECONDS
    return answer


@router.post("/forums/{forum_id}/plans/{number}/publish", response_class=HTMLResponse, openapi_extra=FORM)
async def publish(
    forum_id: Id, number: Annotated[int, Path(ge=1, le=9999)], command: OrganiserCommand, lang: LangQuery = None
) -> Response:
    """Books the meetings of a draft. `link`: where its remote meetings take place."""
    link = (await form_of(command)).get("link")
    if link is not None and not LINK.fullmatch(link):
        raise Invalid("The link begins with https:// and has no spaces.", pointer="/link")
    await command.run(
        lambda uow: begin_publication(uow, forum_id=forum_id, number=number, link=link),
        answer=lambda _: Answer.empty(),
        reads=[store.FORUM_PLANS.ref(plan_id(forum_id, number)), store.PLAN_BOOKS.ref(forum_id)],
    )
    return _to(_place(command, lang), f"forums/{quote(forum_id, safe='')}")


@router.get("/day", response_class=HTMLResponse)
async def show_day(request: Request, caller: CallerDep, database: DatabaseDep, lang: LangQuery = None) -> Response:
    """A participant's meetings, whom it meets and why, and what it has to answer."""
    facts, place = await use.facts_of_day(database, caller), _place(request, lang)
    return _html(await asyncio.to_thread(lambda: day_page(place, day_view(facts, place.lang, database.now()))))


def _read(form: dict[str, str]) -> IfMatch:
    """The revision that the form was made from: what is done is what was seen. Without one nothing is done."""
    return IfMatch.of(etag(int(form["revision"])) if form.get("revision", "").isdecimal() else "")


async def _done(command: Command, decide: Decide[Any], about: Ref, lang: Lang | None) -> Response:
    """Runs what a form asks for, and leads back to the day."""
    await command.run(decide, answer=lambda _: Answer.empty(), reads=[about])
    return _to(_place(command, lang), "day")


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
    place = _place(request, lang)
    return _html(move_page(place, await use.other_times(database, caller, meeting_id, place.lang)))


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
