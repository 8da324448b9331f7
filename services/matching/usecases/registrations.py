"""Who takes part in a forum: a profile registers its delegates, an organiser sets whom it must meet."""

from __future__ import annotations

from collections.abc import Sequence

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, IfMatch
from services.chassis.mongo import Database

from ..domain.desk import Desk
from ..domain.forums.forum import must_be_going_on, must_take_registrations
from ..domain.forums.registration import (
    Delegate,
    Registration,
    Roster,
    Targets,
    must_be_delegates,
    must_be_wishes,
    registration_id,
)
from ..domain.match import Match
from ..pass_store import PASS_BOOKS
from ..store import DESKS, FORUMS, PROFILES, REGISTRATIONS, ROSTERS
from .access import must_be_public, not_there, owned_row
from .forums import known_forum
from .look_again import plan_another_look


async def register(
    uow: UnitOfWork,
    *,
    caller: Caller,
    forum_id: str,
    profile_id: str,
    delegates: Sequence[Delegate],
    if_match: IfMatch,
) -> Registration:
    """Registers a profile with its delegates, or replaces them.

    Raises NotFound, StaleRevision, Invalid, InvalidState (registration-closed, withdrawn, forum-full,
    too-many-forums)."""
    row = await owned_row(uow, caller, profile_id)
    forum = await known_forum(uow, forum_id)
    must_take_registrations(forum)
    must_be_delegates(delegates, forum.setup)
    await must_be_public(uow, [profile_id])
    # What is registered while registration ends would be missed by the plan.
    uow.expect(FORUMS, forum_id)
    id = registration_id(forum_id, profile_id)
    before = await uow.get(REGISTRATIONS, id)
    if_match.must_match(before.revision if before else 0, required=False)
    if before is None:
        await one_more(uow, forum_id, profile_id)
    base = before or Registration(id=id, forum_id=forum_id, profile_id=profile_id, owner=row.owner, delegates=delegates)
    saved = uow.put(REGISTRATIONS, base.model_copy(update={"delegates": list(delegates)}))
    if before is None or saved.revision != before.revision:
        plan_another_look(uow, forum_id)  # who comes earlier or stays longer may fit into a time that stayed free
    return saved


async def must_meet(uow: UnitOfWork, forums: Sequence[str], match: Match) -> bool:
    """Whether its two profiles must meet at one of these forums, which goes on."""
    for forum_id in forums:
        forum = await uow.get(FORUMS, forum_id)
        both = {side: await uow.get(REGISTRATIONS, registration_id(forum_id, side)) for side in match.parties}
        named = any(found is not None and match.other(side) in found.must_meets for side, found in both.items())
        if named and all(both.values()) and forum is not None and not forum.is_closed:
            return True
    return False


async def count_more(uow: UnitOfWork, forum_id: str, count: int) -> None:
    """Counts this many participants more, or fewer if it is negative. Raises InvalidState (forum-full)."""
    roster = await uow.get_or(ROSTERS, Roster(id=forum_id))
    uow.put(ROSTERS, roster.with_more(count))


async def one_more(uow: UnitOfWork, forum_id: str, profile_id: str) -> None:
    """Counts a participant, and notes at its desk where the end of the profile must look."""
    await count_more(uow, forum_id, 1)
    desk = await uow.get_or(DESKS, Desk(id=profile_id))
    uow.put(DESKS, desk.at_forum(forum_id))


async def withdraw_registration(
    uow: UnitOfWork, *, caller: Caller, forum_id: str, profile_id: str, if_match: IfMatch
) -> None:
    """Ends the registration of a profile, by its owner or an organiser; one that is gone is none. Raises NotFound,
    StaleRevision, InvalidState (forum-closed)."""
    await _may_act(uow, caller, profile_id)
    must_be_going_on(await known_forum(uow, forum_id))
    found = await uow.get(REGISTRATIONS, registration_id(forum_id, profile_id))
    if_match.must_match(found.revision if found else 0, required=False)
    desk = await uow.get(DESKS, profile_id)
    if desk is not None:
        uow.put(DESKS, desk.model_copy(update={"forums": [id for id in desk.forums if id != forum_id]}))
    await end_registration(uow, forum_id, profile_id)


async def end_registration(uow: UnitOfWork, forum_id: str, profile_id: str) -> None:
    """Removes a registration with its links to the board, and counts it out. The desk is the caller's."""
    book = await uow.get(PASS_BOOKS, registration_id(forum_id, profile_id))
    if book is not None:
        uow.delete(PASS_BOOKS, book)
    found = await uow.get(REGISTRATIONS, registration_id(forum_id, profile_id))
    if found is None:
        return
    uow.delete(REGISTRATIONS, found)
    await count_more(uow, forum_id, -1)


async def forget_participant(uow: UnitOfWork, id: str, profile_id: str) -> None:
    """Removes what a registration has of an erased profile: all of it if it is its own, else that it must be met."""
    found = await uow.get(REGISTRATIONS, id)
    if found is None:
        return
    if found.profile_id == profile_id:
        await end_registration(uow, found.forum_id, profile_id)
    else:
        others = [other for other in found.must_meets if other != profile_id]
        uow.put(REGISTRATIONS, found.model_copy(update={"must_meets": others}))


async def set_wishes(
    uow: UnitOfWork,
    *,
    forum_id: str,
    profile_id: str,
    targets: Targets,
    must_meets: Sequence[str],
    if_match: IfMatch,
) -> Registration:
    """An organiser says how many meetings a profile shall have, and with whom surely. Raises NotFound, StaleRevision,
    Invalid, InvalidState (forum-closed)."""
    must_be_going_on(await known_forum(uow, forum_id))
    found = await uow.get(REGISTRATIONS, registration_id(forum_id, profile_id))
    if found is None:
        raise not_there("registration")
    if_match.must_match(found.revision, required=False)
    must_be_wishes(profile_id, targets, must_meets)
    fields = {"targets": targets, "must_meets": sorted(set(must_meets))}
    saved = uow.put(REGISTRATIONS, found.model_copy(update=fields))
    if targets != found.targets:
        plan_another_look(uow, forum_id)
    return saved


async def readable_registration(database: Database, caller: Caller, forum_id: str, profile_id: str) -> Registration:
    """A registration of the caller's own profile, or any for an organiser. Raises NotFound."""
    found = await database.one(REGISTRATIONS, registration_id(forum_id, profile_id))
    if found is None or not caller.may_read(found.owner):
        raise not_there("registration")
    return found


async def _may_act(uow: UnitOfWork, caller: Caller, profile_id: str) -> None:
    row = await uow.get(PROFILES, profile_id)
    if row is None or not caller.may_read(row.owner):
        raise not_there("profile", profile_id=profile_id)
