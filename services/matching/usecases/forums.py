"""An organiser announces a forum, changes it, opens and ends its registration, and closes it (docs/rules.md,
section 9)."""

from __future__ import annotations

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, IfMatch, NotFound
from services.chassis.mongo import Database

from ..domain.forums import forum as forums
from ..domain.forums.forum import Forum, ForumChange, Reason, State
from ..domain.forums.setup import ForumSetup
from ..store import FORUMS
from .keep_booked import must_keep_booked
from .look_again import plan_another_look


async def announce_forum(uow: UnitOfWork, *, caller: Caller, setup: ForumSetup) -> Forum:
    """A new forum. Raises Invalid."""
    announced = forums.announce(uow.derived_id("forum"), setup, owner=caller.org, now=uow.now)
    await uow.get(FORUMS, announced.forum.id)
    return _saved(uow, announced)


async def change_forum(uow: UnitOfWork, *, forum_id: str, setup: ForumSetup, if_match: IfMatch) -> Forum:
    """Another setup; the same one again changes nothing. Raises NotFound, PreconditionMissing, StaleRevision, Invalid,
    InvalidState (forum-closed, in-use, publishing, too-much-at-once)."""
    forum = await known_forum(uow, forum_id)
    if_match.must_match(forum.revision)
    change = forums.change(forum, setup)
    await must_keep_booked(uow, forum, setup)
    saved = _saved(uow, change)
    if change.event is not None:
        plan_another_look(uow, forum_id)  # a talk that is gone frees its speaker, and there may be more tables
    return saved


async def move_forum_on(
    uow: UnitOfWork, *, forum_id: str, state: State, if_match: IfMatch, reason: Reason | None = None
) -> Forum:
    """Opens or ends its registration, or closes it. Raises NotFound, StaleRevision, InvalidState
    (not-in-this-state)."""
    forum = await known_forum(uow, forum_id)
    if_match.must_match(forum.revision, required=False)
    return _saved(uow, forums.move_on(forum, state, reason=reason))


async def forget_speaker(uow: UnitOfWork, forum_id: str, profile_id: str) -> None:
    """Takes an erased profile out of the talks of a forum, also of one that is closed."""
    forum = await uow.get(FORUMS, forum_id)
    if forum is None:
        return
    after = forums.without_speaker(forum, profile_id)
    if after != forum:
        uow.put(FORUMS, after, forums.state_event(after))


def _saved(uow: UnitOfWork, change: ForumChange) -> Forum:
    if change.event is None:
        return change.forum
    return uow.put(FORUMS, change.forum, forums.to_event(change.forum, change.event))


async def known_forum(uow: UnitOfWork, forum_id: str) -> Forum:
    """The forum. Raises NotFound."""
    return _there(await uow.get(FORUMS, forum_id))


async def readable_forum(database: Database, forum_id: str) -> Forum:
    """A forum, for everybody: what is private of it is left out of the answer. Raises NotFound."""
    return _there(await database.one(FORUMS, forum_id))


def _there(found: Forum | None) -> Forum:
    if found is None:
        raise NotFound("There is no such forum.")
    return found
