"""An organiser has many profiles ranked at once (docs/rules.md, section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, Forbidden, Invalid, InvalidState, NotFound
from services.chassis.mongo import Database

from .. import store
from ..domain.policy import LIVE
from ..domain.rounds.round import COUNTRIES, OpenRounds, Round, must_have_two_sides, round_budget, spend_round
from ..job_kinds import ROUND_KINDS, ROUND_SCORE, RoundJob
from ..settings import MatchingSettings
from ..store import BUDGETS, FORUMS, OPEN_ROUNDS, OPEN_ROUNDS_ID, POLICIES, ROUNDS
from .policies import default_policy


@dataclass(frozen=True)
class Participants:
    """The profiles of a round by country, and how many of those that were named are left out: they are not published,
    or of a third country. `failed`: the rounds before it that take no place, as they do not go on."""

    left: list[str]
    right: list[str]
    left_out: int
    failed: frozenset[str] = frozenset()
    forum_id: str | None = None


def must_be_organiser(caller: Caller) -> None:
    """Rounds and policies are read by organisers. Raises Forbidden."""
    if not caller.is_organiser:
        raise Forbidden("Rounds and policies are for organisers.")


async def participants_of(database: Database, forum_id: str, settings: MatchingSettings) -> Participants:
    """Who is registered at a forum. Raises Invalid for a forum that does not exist, and as `participants` does."""
    if await database.one(FORUMS, forum_id) is None:
        raise Invalid("There is no such forum; announce it first.", pointer="/forum")
    who = await participants(database, await store.registered(database, forum_id), settings)
    return replace(who, forum_id=forum_id)


async def participants(database: Database, ids: Sequence[str] | None, settings: MatchingSettings) -> Participants:
    """Who takes part: the profiles that are named, or all that are published. Raises Invalid and InvalidState for too
    many, and where one country has none."""
    most = settings.max_round_profiles
    if ids is not None and len(set(ids)) > most:
        raise Invalid(f"A round takes {most} profiles at most, and these are {len(set(ids))}.", pointer="/profiles")
    found = await store.countries_of(database, ids, limit=most + 1)
    if len(found) > most:
        detail = f"More than {most} profiles are published, the most of a round. Name those that you mean."
        raise InvalidState("too-many-profiles", detail)
    left, right = (sorted(id for id, country in found.items() if country == side) for side in COUNTRIES)
    must_have_two_sides(len(left), len(right))
    failed = await store.dead_rounds(database, [kind.name for kind in ROUND_KINDS])
    return Participants(left, right, len(set(ids)) - len(found) if ids is not None else 0, failed)


async def open_round(
    uow: UnitOfWork, *, caller: Caller, who: Participants, policy: str, settings: MatchingSettings
) -> Round:
    """Opens a round; jobs do the rest.

    Raises Invalid (unknown policy), InvalidState (too-many-rounds), QuotaReached."""
    rules = await uow.get(POLICIES, policy)
    if rules is None and policy != LIVE:
        raise Invalid("There is no such policy; write it first.", pointer="/policy")
    by = rules or default_policy(settings)
    budget = await uow.get_or(BUDGETS, round_budget(caller.org, uow.now))
    uow.put(BUDGETS, spend_round(budget, uow.now, most=settings.max_rounds_per_org_and_day))
    id = uow.secret_id("round")
    open_rounds = await uow.get_or(OPEN_ROUNDS, OpenRounds(id=OPEN_ROUNDS_ID))
    uow.put(OPEN_ROUNDS, open_rounds.with_one(id, now=uow.now, most=settings.max_rounds_open, failed=who.failed))
    opened = Round(
        id=id,
        opened_by=caller.org,
        opened_at=uow.now,
        policy_name=by.id,
        policy_version=by.version,
        rules=by.rules,
        left=who.left,
        right=who.right,
        left_out=who.left_out,
        forum_id=who.forum_id,
    )
    saved = await uow.create(ROUNDS, opened)
    uow.enqueue(ROUND_SCORE, RoundJob(round_id=id), cause=f"{id}:0", owner=caller.org)
    return saved


async def readable_round(database: Database, caller: Caller, round_id: str) -> Round:
    """A round, for organisers. Raises Forbidden, NotFound."""
    must_be_organiser(caller)
    found = await database.one(ROUNDS, round_id)
    if found is None:
        raise NotFound("There is no such round.")
    return found


async def why_failed(database: Database, found: Round) -> str | None:
    """Why a round does not go on: its job was tried for the last time. None while it goes on, and after its end."""
    if found.state == "done":
        return None
    return await store.why_dead(database, [kind.name for kind in ROUND_KINDS], {"payload.round_id": found.id})
