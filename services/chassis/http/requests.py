"""What a service's routes build on: the caller, preconditions, strict bodies, commands with idempotency."""

from __future__ import annotations

import datetime as dt
import hashlib
import inspect
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Annotated, Any, ClassVar, Generic, TypeVar, cast, get_args
from urllib.parse import parse_qsl

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict

from ..commit.answers import ANSWERS, Answer, StoredAnswer
from ..commit.commands import Commands
from ..commit.unit_of_work import UnitOfWork
from ..model.caller import Caller
from ..model.documents import Ref
from ..model.events import Cause
from ..model.preconditions import IfMatch
from ..model.refusals import Forbidden, Invalid, NotFound, Refused
from ..mongo.database import Database
from .arrivals import Arrivals
from .page_tokens import PageTokens
from .queries import must_know_parameters
from .strict_json import StrictRequest

D = TypeVar("D")
T = TypeVar("T")
Decide = Callable[[UnitOfWork], Awaitable[T]]
Again = Callable[[UnitOfWork, str], Awaitable[Answer | None]]
MAX_KEY = 200
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY},
}


class Output(BaseModel):
    """Base of the bodies of answers."""

    model_config = ConfigDict(hide_input_in_errors=True)


class Input(BaseModel):
    """A body of a request: unknown fields are refused, and named in the answer."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class CommandRequest(StrictRequest, Generic[D]):
    """A request that changes something: it runs use cases in the group commit, with its trace and Idempotency-Key.

    A service derives its own class from this one, with the type of its dependencies (`class Command(
    CommandRequest[Dependencies])`), and its routes take that as a parameter. It is a request, not a dependency that
    wraps one, because FastAPI's handling of a dependency costs a tenth of all that FastAPI does."""

    roles: ClassVar[frozenset[str]] = frozenset({"participant"})
    """Who may send one at all; judged before its body is read, so that no one else's body costs anything."""

    def must_be_allowed(self) -> None:
        """Raises Forbidden for a caller without any of the roles."""
        if not self.roles & self.caller.roles:
            raise Forbidden(f"This needs one of the roles {', '.join(sorted(self.roles))}.")

    @property
    def caller(self) -> Caller:
        """Who calls, as the middleware has found out."""
        caller: Caller = self.state.caller
        return caller

    @property
    def deps(self) -> D:
        """What the service's composition root has built for its routes."""
        deps: D = self.app.state.dependencies
        return deps

    @property
    def now(self) -> dt.datetime:
        """The present, for what is shown. A decision is judged by `UnitOfWork.now` instead."""
        database: Database = self.app.state.database
        return database.now()

    async def run(
        self,
        decide: Decide[T],
        *,
        answer: Callable[[T], Answer],
        reads: Sequence[Ref] = (),
        again: Again | None = None,
    ) -> Response:
        """Runs one decision and answers after its commit; raises what the decision raises.

        `decide` is a use case with its arguments: `lambda uow: publish_profile(uow, caller=..., ...)`. `reads` names
        documents that it will need. With an Idempotency-Key the answer is committed together with the effect: the
        same key, query and body get the same answer, others 422. A body that is not stored is made `again` from its
        subject: the aggregate as it is by then, or None where it is gone. Else a 404 says that it was done."""
        deciding: Decide[Answer] = partial(_decide_answer, decide, answer)
        commands = cast(Commands, self.app.state.commands)
        if (key := self.headers.get("Idempotency-Key")) is not None:
            blank = StoredAnswer.blank(self._answer_id(key), org=self.caller.org, fingerprint=await self._fingerprint())
            deciding = partial(_decide_once, blank, deciding, again)
            reads = (*reads, ANSWERS.ref(blank.id))
        return to_response(await commands.run(deciding, reads=reads, cause=cause_of(self)))

    def _answer_id(self, key: str) -> str:
        """Separate for each member and route, so that keys of others never meet. Raises Invalid."""
        if not 0 < len(key) <= MAX_KEY:
            raise Invalid(f"Idempotency-Key takes 1 to {MAX_KEY} characters.", pointer="/header/Idempotency-Key")
        parts = [self.caller.org, self.caller.sub, self.method, self.scope["path"], key]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    async def _fingerprint(self) -> str:
        """Of what is asked of the route: the body and, where there is one, the query."""
        of_body = hashlib.sha256(await self.body()).hexdigest()
        asked = sorted(parse_qsl(self.url.query, keep_blank_values=True))
        return f"{of_body}?{hashlib.sha256(repr(asked).encode()).hexdigest()}" if asked else of_body


def cause_of(request: Request) -> Cause:
    """Of a command. Its id is the correlation of all that follows from it, and the answer names it."""
    act = f"{request.method} {request.scope['route'].path}"
    cause = Cause.of_a_person(act, request.state.traceparent)
    request.state.correlation = cause.chain
    return cause


async def _decide_answer(decide: Decide[T], answer: Callable[[T], Answer], uow: UnitOfWork) -> Answer:
    return answer(await decide(uow))


async def _decide_once(blank: StoredAnswer, decide: Decide[Answer], again: Again | None, uow: UnitOfWork) -> Answer:
    known = await uow.get(ANSWERS, blank.id)
    if known is not None:
        if known.fingerprint != blank.fingerprint:
            raise Refused(
                "idempotency-key-reused",
                "This Idempotency-Key was used with another body or query; use a new key for a new act.",
            )
        return await _repeated(known, again, uow)
    answer = await decide(uow)
    uow.put(ANSWERS, blank.holding(answer, at=uow.now))
    return answer


async def _repeated(known: StoredAnswer, again: Again | None, uow: UnitOfWork) -> Answer:
    stored = known.answer()
    if not known.is_cut:
        return stored
    made = await again(uow, known.subject) if again is not None else None
    if made is None:
        raise NotFound("This was done. What it was about is gone since, or is told only once.")
    return stored.model_copy(update={"body": made.body})


def to_response(answer: Answer) -> Response:
    """An answer as HTTP."""
    headers = {"ETag": answer.etag, "Location": answer.location}
    return Response(
        answer.body or None,
        answer.status,
        {name: value for name, value in headers.items() if value is not None},
        media_type="application/json" if answer.body else None,
    )


class StrictRoute(APIRoute):
    """A route that takes strict JSON only. One that takes a `CommandRequest` documents its Idempotency-Key."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        wanted = inspect.get_annotations(endpoint, eval_str=True).values()
        commands = [kind for kind in wanted if isinstance(kind, type) and issubclass(kind, CommandRequest)]
        if commands and Request in wanted:  # FastAPI would fill one of them only, and each call would fail
            raise TypeError(f"{endpoint.__qualname__}: a command is the request; it takes no other one")
        self._request_type: type[StrictRequest] = commands[0] if commands else StrictRequest
        super().__init__(path, endpoint, **options)
        if commands:
            self.openapi_extra = {"parameters": [IDEMPOTENCY_KEY], **(self.openapi_extra or {})}

    @property
    def dependencies_type(self) -> type | None:
        """What `command.deps` must be in this route; None where it takes no command."""
        bases = getattr(self._request_type, "__orig_bases__", ())
        found = [argument for base in bases for argument in get_args(base)]
        return found[0] if found and isinstance(found[0], type) else None

    def get_route_handler(self) -> Callable[[Request], Any]:
        """FastAPI's handler, given a request of our own class. What asks for something that may be on its way waits."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            own = self._request_type(request.scope, request.receive)
            if isinstance(own, CommandRequest):
                own.must_be_allowed()
            must_know_parameters(own, self)
            try:
                return await handle(own)
            except NotFound as refusal:
                if refusal.awaits is None:
                    raise
                arrivals: Arrivals = own.app.state.arrivals
                turn = getattr(own.state, "turn", None)
                return await arrivals.repeat(refusal, partial(handle, own), org=own.state.caller.org, turn=turn)

        return strict


# FastAPI runs plain functions in a thread at each call, so dependencies are async although they wait for nothing.


async def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def _commands(request: Request) -> Commands:
    commands: Commands = request.app.state.commands
    return commands


async def _cause(request: Request) -> Cause:
    return cause_of(request)


async def _if_match(if_match: Annotated[str | None, Header(alias="If-Match")] = None) -> IfMatch:
    return IfMatch.of(if_match)


async def _page_tokens(request: Request) -> PageTokens:
    tokens: PageTokens = request.app.state.page_tokens
    return tokens


CauseDep = Annotated[Cause, Depends(_cause)]
CallerDep = Annotated[Caller, Depends(_caller)]
PagesDep = Annotated[PageTokens, Depends(_page_tokens)]
"""For lists: makes and opens the tokens of their pages."""
DatabaseDep = Annotated[Database, Depends(_database)]
CommandsDep = Annotated[Commands, Depends(_commands)]
"""For routes without a caller, as those of links in mails: they cannot take a `CommandRequest`."""
IfMatchDep = Annotated[IfMatch, Depends(_if_match)]


def provided(kind: type[T]) -> Callable[[Request], Awaitable[T]]:
    """For `Depends`: the service's own dependencies, in routes that are no commands. Raises TypeError at the call if
    the service was composed with dependencies of another type."""

    async def find(request: Request) -> T:
        found = request.app.state.dependencies
        if not isinstance(found, kind):
            raise TypeError(f"this service was composed with {type(found).__name__}, not {kind.__name__}")
        return found

    return find
