"""Policies over HTTP: for organisers."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.chassis.commit import Answer
from services.chassis.http import CallerDep, DatabaseDep, IfMatchDep, Input, Output, StrictRoute
from services.chassis.model import etag

from .. import store
from ..dependencies import DependenciesDep, OrganiserCommand
from ..domain.policy import LIVE, Policy, PolicyRules
from ..usecases.open_round import must_be_organiser
from ..usecases.policies import policy_version, stored_policy, write_policy
from .parameters import PolicyName

router = APIRouter(prefix="/v1/policies", route_class=StrictRoute, tags=["policies"])
Version = Annotated[int | None, Query(ge=0, le=10**9, description="An earlier version; the present one by default.")]


class PolicyIn(PolicyRules, Input):
    """The whole policy."""


class PolicyOut(Output):
    """A version of a policy."""

    name: str
    version: int
    minimum_score: float
    proposals: int
    max_open: int
    complementary_places: int
    days_open: int
    beta: float
    written_at: dt.datetime | None = None


class PolicyPage(Output):
    """The names of all policies."""

    items: list[str]


@router.get("", response_model=PolicyPage)
async def list_policies(caller: CallerDep, database: DatabaseDep) -> PolicyPage:
    """The names of all policies; `live` is that of publications and of requests by name."""
    must_be_organiser(caller)
    found = await database.one(store.POLICY_NAMES, store.POLICY_NAMES_ID)
    return PolicyPage(items=sorted({LIVE, *(found.names if found else ())}))


@router.get("/{name}", response_model=PolicyOut, response_model_exclude_none=True)
async def read_policy(
    name: PolicyName,
    caller: CallerDep,
    database: DatabaseDep,
    deps: DependenciesDep,
    response: Response,
    version: Version = None,
) -> PolicyOut:
    """A policy as it is now, with its ETag, or an earlier version of it."""
    must_be_organiser(caller)
    if version is not None:
        return _out(await policy_version(database, deps.settings, name, version))
    found = await stored_policy(database, deps.settings, name)
    response.headers["ETag"] = etag(found.version)
    return _out(found)


@router.put("/{name}", response_model=PolicyOut)
async def put_policy(name: PolicyName, body: PolicyIn, command: OrganiserCommand, if_match: IfMatchDep) -> Response:
    """Writes the next version of a policy; earlier ones are kept. `live` is used from the next proposal on. A new name
    needs no If-Match."""
    rules = PolicyRules(**body.model_dump())
    return await command.run(
        lambda uow: write_policy(uow, name=name, rules=rules, if_match=if_match, settings=command.deps.settings),
        answer=_answer,
        reads=[store.POLICIES.ref(name), store.POLICY_NAMES.ref(store.POLICY_NAMES_ID)],
    )


def _answer(policy: Policy) -> Answer:
    return Answer.of(_out(policy), subject=policy.id, revision=policy.version)


def _out(policy: Policy) -> PolicyOut:
    return PolicyOut(name=policy.id, version=policy.version, written_at=policy.written_at, **policy.rules.model_dump())
