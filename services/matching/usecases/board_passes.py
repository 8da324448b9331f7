"""One-time links to the board: made for a delegate, used once, ended with the registration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, Invalid, NotFound, Unauthenticated
from services.chassis.mongo import Database

from ..domain.board_pass import Entry, PassBook, Visitor, hash_of, must_allow, visitor
from ..domain.forums.forum import must_be_going_on
from ..domain.forums.registration import Registration, registration_id
from ..domain.match import Match
from ..domain.meeting import Meeting
from ..pass_store import PASS_BOOKS, book_with, registered_among
from ..store import MATCHES, MEETINGS, REGISTRATIONS
from .access import not_there
from .forums import known_forum

STALE = "This link was used, has expired or was taken back. Ask for another one, or sign in with your token."


@dataclass(frozen=True)
class Wish:
    """A link that is to be made: for which delegate, by the hash of its secret, for how long."""

    member_id: str
    hash: str
    lasts: dt.timedelta


async def make_pass(uow: UnitOfWork, *, caller: Caller, forum_id: str, profile_id: str, wish: Wish) -> Entry:
    """A link for a delegate. Made by its own organisation it may do what its token may at this forum; made by an
    organiser, who answers for no participant, it shows the day and checks in. Raises NotFound, Invalid,
    InvalidState (forum-closed)."""
    registration = await _registration(uow, caller, forum_id, profile_id)
    must_be_going_on(await known_forum(uow, forum_id))
    if registration.delegate(wish.member_id) is None:
        raise Invalid("This member is no delegate of the profile at this forum.", pointer="/member_id")
    # Who is withdrawn at this moment gets no link that stays.
    uow.expect(REGISTRATIONS, registration.id)
    blank = PassBook(id=registration.id, forum_id=forum_id, profile_id=profile_id, owner=registration.owner)
    book = await uow.get_or(PASS_BOOKS, blank)
    may_answer = caller.owns(registration.owner)
    entry = Entry(hash=wish.hash, member_id=wish.member_id, may_answer=may_answer, until=uow.now + wish.lasts)
    uow.put(PASS_BOOKS, book.with_pass(entry, uow.now))
    return entry


async def end_passes(uow: UnitOfWork, *, caller: Caller, forum_id: str, profile_id: str) -> None:
    """Ends all links and visits of a registration: a phone was lost. Raises NotFound."""
    registration = await _registration(uow, caller, forum_id, profile_id)
    book = await uow.get(PASS_BOOKS, registration.id)
    if book is not None:
        uow.delete(PASS_BOOKS, book)


async def _registration(uow: UnitOfWork, caller: Caller, forum_id: str, profile_id: str) -> Registration:
    found = await uow.get(REGISTRATIONS, registration_id(forum_id, profile_id))
    if found is None or not caller.may_read(found.owner):
        raise not_there("registration")
    return found


async def use_pass(uow: UnitOfWork, *, book_id: str, hash: str, visit_hash: str) -> None:
    """A visit begins, and the link opens nothing any more. Raises NotFound."""
    book = await uow.get(PASS_BOOKS, book_id)
    used = book.used(hash, visit_hash, uow.now) if book else None
    if used is None:
        raise NotFound(STALE)
    uow.put(PASS_BOOKS, used)


async def end_visit(uow: UnitOfWork, *, caller: Visitor) -> None:
    """Ends the caller's visit."""
    book = await uow.get(PASS_BOOKS, registration_id(caller.forum_id, caller.profile_id))
    if book is not None:
        uow.put(PASS_BOOKS, book.without_visit(caller.visit_hash))


async def visitor_with(database: Database, method: str, path: str, secret: str) -> Visitor:
    """Who comes with the secret of a visit, if what is asked for is of this member, profile and forum, and open to it.
    Raises Unauthenticated, Forbidden, NotFound."""
    hash = hash_of(secret)
    book = await book_with(database, "visits", hash)
    entry = book.visit(hash, database.now()) if book else None
    registration = await database.one(REGISTRATIONS, book.id) if book else None
    if book is None or entry is None or registration is None or registration.delegate(entry.member_id) is None:
        raise Unauthenticated("Your visit has ended; open another link, or sign in with your token.")
    who = visitor(book, entry)
    act = must_allow(who, method, path)
    if act.kind == "matches":
        match = await database.one(MATCHES, act.id)
        if match is None or not await matches_of_visit(database, who, [match]):
            raise not_there("match")
    elif act.kind == "meetings":
        meeting = await database.one(MEETINGS, act.id)
        if meeting is None or not await meetings_of_visit(database, who, [meeting]):
            raise not_there("meeting")
    return who


async def matches_of_visit(database: Database, who: Visitor, found: Sequence[Match]) -> list[Match]:
    """Those of the visitor's profile with others who take part in the forum."""
    own = [match for match in found if who.profile_id in match.parties]
    there = await registered_among(database, who.forum_id, [match.other(who.profile_id) for match in own])
    return [match for match in own if match.other(who.profile_id) in there]


async def meetings_of_visit(database: Database, who: Visitor, found: Sequence[Meeting]) -> list[Meeting]:
    """Those that the visitor itself has, for its profile, with others who take part in the forum."""
    own = [meeting for meeting in found if meeting.sides.get(who.profile_id) == who.sub]
    others = {side for meeting in own for side in meeting.parties if side != who.profile_id}
    there = await registered_among(database, who.forum_id, sorted(others))
    return [meeting for meeting in own if set(meeting.parties) - {who.profile_id} <= there]
