"""What a service's `api.py` builds on: the caller, preconditions, strict bodies, commands with idempotency, lists."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import inspect
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, TypeVar, cast

import pydantic_core
from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict

from .answers import ANSWERS, Answer, StoredAnswer
from .commands import Commands
from .database import Database
from .documents import Ref
from .errors import Contrary, Invalid, PreconditionMissing, Refused, Stale
from .events import Cause, fresh_id
from .tokens import Caller
from .uow import UnitOfWork

T = TypeVar("T")
MAX_KEY = 200
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY},
}


class Input(BaseModel):
    """A body: unknown fields are refused and named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StrictRequest(Request):
    """JSON as RFC 8259 has it: no NaN, no lone surrogates, no bytes that are not UTF-8."""

    async def json(self) -> Any:
        body = await self.body()
        try:
            return pydantic_core.from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise json.JSONDecodeError(str(error).partition(" at ")[0], "", 0) from None


class StrictRoute(APIRoute):
    """Takes strict JSON only, and says of a command that it takes an Idempotency-Key."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        wanted = inspect.get_annotations(endpoint, eval_str=True).values()
        if Acting in wanted:
            if Request in wanted:  # FastAPI would fill one of them, and each call would fail
                raise TypeError(f"{endpoint.__qualname__}: acting is the request; it takes no other beside")
            self.openapi_extra = {"parameters": [IDEMPOTENCY_KEY], **(self.openapi_extra or {})}

    def get_route_handler(self) -> Callable[[Request], Any]:
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(Acting(request.scope, request.receive))

        return strict


# Dependencies are async though they wait for nothing: FastAPI sends plain functions to a thread, each call.


async def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


CallerDep = Annotated[Caller, Depends(_caller)]


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


DatabaseDep = Annotated[Database, Depends(_database)]


@dataclass(frozen=True, slots=True)
class IfMatch:
    """The revisions that the client has seen. Judged after 404, so a use case asks it."""

    tags: frozenset[str] | None

    @staticmethod
    def of(header: str | None) -> IfMatch:
        return IfMatch(None if header is None else frozenset(tag.strip() for tag in header.split(",")))

    def must_match(self, revision: int, *, required: bool = True) -> None:
        """Raises PreconditionMissing (428) or Stale (412). A weak tag never matches (RFC 9110, 13.1.1)."""
        if self.tags is None:
            if required:
                raise PreconditionMissing
            return
        if "*" not in self.tags and etag(revision) not in self.tags:
            raise Stale


async def _if_match(if_match: Annotated[str | None, Header(alias="If-Match")] = None) -> IfMatch:
    return IfMatch.of(if_match)


IfMatchDep = Annotated[IfMatch, Depends(_if_match)]


def etag(revision: int) -> str:
    return f'"{revision}"'


class Acting(StrictRequest):
    """The request as one that acts: runs use cases in the group commit, with its trace and Idempotency-Key. FastAPI
    hands a request on as it is; a dependency that would wrap it costs a tenth of all that FastAPI does."""

    @property
    def caller(self) -> Caller:
        caller: Caller = self.state.caller
        return caller

    @property
    def now(self) -> dt.datetime:
        """For what is shown; a decision's own moment is its unit of work's."""
        database: Database = self.app.state.database
        return database.now()

    async def run(
        self,
        use_case: Callable[..., Awaitable[T]],
        /,
        *,
        answer: Callable[[T], Answer],
        reads: Sequence[Ref] = (),
        **arguments: Any,
    ) -> Response:
        """Answers after the commit. With an Idempotency-Key the answer is committed beside its effect: the same key
        and body get the same answer, another body 422."""
        decide, commands = partial(_call, use_case, arguments, answer), cast(Commands, self.app.state.commands)
        if (key := self.headers.get("Idempotency-Key")) is not None:
            kept = StoredAnswer.blank(self._identity(key), fingerprint=await self._fingerprint())
            decide = partial(_once, kept, decide)
            reads = (*reads, ANSWERS.ref(kept.id))
        cause = Cause(fresh_id(), traceparent=self.headers.get("traceparent", "")[:55], by_person=True)
        done: Answer = await commands.run(decide, reads=reads, cause=cause)
        return done.response()

    def _identity(self, key: str) -> str:
        """Keys are an org's own, and a route's own."""
        if not 0 < len(key) <= MAX_KEY:
            raise Invalid(f"Idempotency-Key takes 1 to {MAX_KEY} characters.", pointer="/header/Idempotency-Key")
        parts = [self.caller.org, self.caller.sub, self.method, self.scope["path"], key]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    async def _fingerprint(self) -> str:
        return hashlib.sha256(await self.body()).hexdigest()


async def _call(
    use_case: Callable[..., Awaitable[Any]], arguments: dict[str, Any], answer: Callable[[Any], Answer], uow: UnitOfWork
) -> Answer:
    return answer(await use_case(uow, **arguments))


async def _once(blank: StoredAnswer, decide: Callable[[UnitOfWork], Awaitable[Answer]], uow: UnitOfWork) -> Answer:
    known = await uow.get(ANSWERS, blank.id)
    if known is not None:
        if known.fingerprint != blank.fingerprint:
            raise Refused(
                "idempotency-key-reused",
                "This Idempotency-Key was used with another body; use a new key for a new act.",
            )
        return known.answer()
    done = await decide(uow)
    uow.put(ANSWERS, blank.holding(done, at=uow.now))
    return done


# -- lists


class Page(BaseModel):
    """`next` is opaque; it goes on only with the filters and for the caller that it was given to."""

    items: list[Any]
    next: str | None = None


def cursor_after(last: str, *scope: str) -> str:
    payload = json.dumps([last, _scope(scope)]).encode()
    return base64.urlsafe_b64encode(payload).decode().rstrip("=")


def after(cursor: str | None, *scope: str) -> str | None:
    """Where a list goes on. Raises Invalid for a cursor that is not one of this list and this caller."""
    if cursor is None:
        return None
    try:
        last, seal = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, TypeError):
        last, seal = None, None
    if not isinstance(last, str) or seal != _scope(scope):
        raise Invalid("This cursor belongs to another list; start again without it.", pointer="/query/cursor")
    return last


def _scope(scope: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(scope).encode()).hexdigest()[:16]


__all__ = [
    "Acting",
    "Answer",
    "CallerDep",
    "DatabaseDep",
    "Contrary",
    "IfMatch",
    "IfMatchDep",
    "Input",
    "Page",
    "StrictRoute",
    "after",
    "cursor_after",
    "etag",
]
