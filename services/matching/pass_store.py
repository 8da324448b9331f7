"""Links to the board and the visits that they begin, and how they are found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from services.chassis.model import Collection, Index
from services.chassis.mongo import Database

from .domain.board_pass import PassBook
from .store import REGISTRATIONS

PASS_BOOKS = Collection("pass_books", PassBook, indexes=(Index(("passes.hash",)), Index(("visits.hash",))))


async def book_with(database: Database, kind: Literal["passes", "visits"], hash: str) -> PassBook | None:
    """The book that has a link, or a visit, with this hash."""
    found = await database.find(PASS_BOOKS, {f"{kind}.hash": hash}, limit=1)
    return found[0] if found else None


async def registered_among(database: Database, forum_id: str, profiles: Sequence[str]) -> set[str]:
    """Those of these profiles that take part in a forum."""
    query = {"forum_id": forum_id, "profile_id": {"$in": list(profiles)}}
    return set(await database.db[REGISTRATIONS.name].distinct("profile_id", query))
