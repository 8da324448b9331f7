"""One-time links to the board: made over the API, opened by a button in a browser."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import secrets
import time
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from services.chassis.commit import Answer
from services.chassis.http import (
    CauseDep,
    CommandsDep,
    DatabaseDep,
    Input,
    Output,
    PageRoute,
    StrictRoute,
    form_of,
    must_be_of_this_site,
    visiting,
)
from services.chassis.model import NotFound, Ref

from ..board import enter_page, refused_page
from ..dependencies import Dependencies, DependenciesDep, SharedCommand
from ..domain.board_pass import SECRET, VISIT, Entry, hash_of
from ..domain.forums.programme import PersonId
from ..domain.forums.registration import registration_id
from ..domain.schedule import Lang
from ..pass_store import PASS_BOOKS, book_with
from ..store import FORUMS, REGISTRATIONS
from ..usecases import board_passes as acts
from .board_answers import FORM, page, place_of, to_page
from .parameters import Id, LangQuery
from .registrations import Profile

router = APIRouter(prefix="/v1/forums/{forum_id}/registrations", route_class=StrictRoute, tags=["forums"])
pages = APIRouter(prefix="/board", route_class=PageRoute, tags=["board"])
GONE = 410
ALONE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
"""Of the page whose address has the secret."""
HELD_SECONDS = 1.0
"""So long a wrong link waits for its answer where there are too many. A right one never waits."""
Code = Annotated[str, Query(max_length=100)]


class PassIn(Input):
    """For which delegate of the profile."""

    member_id: PersonId


class PassOut(Output):
    """The link, which is shown here and nowhere else. Who has it first acts for the member at this forum: `may_answer`,
    or reads its day and checks in alone."""

    url: str
    may_answer: bool
    until: dt.datetime


@router.post("/{profile_id}/passes", status_code=201, response_model=PassOut)
async def make(forum_id: Id, profile_id: Profile, body: PassIn, command: SharedCommand) -> Response:
    """A link that opens the board on a phone of a delegate, once, without a token. One that your own organisation has
    made may answer, move and cancel at this forum; an organiser's shows the day and checks in."""
    code, settings = secrets.token_urlsafe(32), command.deps.settings
    wish = acts.Wish(body.member_id, hash_of(code), dt.timedelta(hours=settings.board_link_hours))
    url = f"{settings.public_url.rstrip('/')}/board/enter?code={code}"

    def answer(entry: Entry) -> Answer:
        shown = PassOut(url=url, may_answer=entry.may_answer, until=entry.until)
        # Not stored with its Idempotency-Key: the secret stands nowhere.
        return Answer.of(shown, subject=registration_id(forum_id, profile_id), status=201, is_secret=True)

    act = partial(acts.make_pass, caller=command.caller, forum_id=forum_id, profile_id=profile_id, wish=wish)
    return await command.run(act, answer=answer, reads=_reads(forum_id, profile_id))


@router.delete("/{profile_id}/passes", status_code=204)
async def end(forum_id: Id, profile_id: Profile, command: SharedCommand) -> Response:
    """Ends all links of a registration, and what was opened by them: a phone was lost."""
    act = partial(acts.end_passes, caller=command.caller, forum_id=forum_id, profile_id=profile_id)
    return await command.run(act, answer=lambda _: Answer.empty(), reads=_reads(forum_id, profile_id))


def _reads(forum_id: str, profile_id: str) -> list[Ref]:
    id = registration_id(forum_id, profile_id)
    return [REGISTRATIONS.ref(id), PASS_BOOKS.ref(id), FORUMS.ref(forum_id)]


@pages.get("/enter", response_class=HTMLResponse)
async def show(request: Request, code: Code = "", lang: LangQuery = None) -> Response:
    """A page with a button. It looks nothing up and uses nothing up: mail programs open links to check them."""
    known = code if SECRET.fullmatch(code) else ""
    answer = page(enter_page(place_of(request, lang, f"&code={known}"), known))
    answer.headers.update(ALONE)
    return answer


@pages.post("/enter", response_class=HTMLResponse, openapi_extra=FORM)
async def enter(
    request: Request,
    database: DatabaseDep,
    commands: CommandsDep,
    cause: CauseDep,
    dependencies: DependenciesDep,
    lang: LangQuery = None,
) -> Response:
    """Uses the link of the form, once, and gives the browser a cookie for a visit of twelve hours at most."""
    must_be_of_this_site(dict(request.scope["headers"]))
    hash, secret = hash_of((await form_of(request)).get("code", "")), secrets.token_urlsafe(32)
    book = await book_with(database, "passes", hash)
    if book is None:
        return await _stale(request, dependencies, lang)
    act = partial(acts.use_pass, book_id=book.id, hash=hash, visit_hash=hash_of(secret))
    try:
        await commands.run(act, reads=[PASS_BOOKS.ref(book.id)], cause=cause)
    except NotFound:
        return await _stale(request, dependencies, lang)
    answer = to_page(place_of(request, lang), "day")
    is_https = dependencies.settings.public_url.startswith("https:")
    visiting(answer, secret, seconds=int(VISIT.total_seconds()), is_https=is_https)
    return answer


async def _stale(request: Request, dependencies: Dependencies, lang: Lang | None) -> Response:
    if dependencies.wrong_links.take("", now=time.monotonic()):
        await asyncio.sleep(HELD_SECONDS * random.uniform(0.5, 1.5))
    answer = page(refused_page(place_of(request, lang), GONE, acts.STALE), GONE)
    answer.headers.update(ALONE)
    return answer
