"""Links that open a participant's side of the board once, and the visits that they begin (decision 0041). Both are
known by hashes; a visit is of one member, for one profile, at one forum."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from services.chassis.model import Caller, Document, Forbidden

MAX_OPEN = 3
"""Links of a member that were not used yet, and its visits: a new one ends the oldest. Those of organisers are counted
apart from its own organisation's."""
VISIT = dt.timedelta(hours=12)
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
"""256 random bits, as `secrets.token_urlsafe` writes them."""


class Entry(BaseModel):
    """A link that was not used yet, or a visit. `may_answer`: else it shows the day and checks in."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    hash: str
    member_id: str
    may_answer: bool
    until: dt.datetime


class PassBook(Document):
    """The links and visits of a registration, under its id: they end when it is removed."""

    forum_id: str
    profile_id: str
    owner: str
    passes: Sequence[Entry] = []
    visits: Sequence[Entry] = []

    def with_pass(self, entry: Entry, now: dt.datetime) -> PassBook:
        """With a new link."""
        return self.model_copy(update={"passes": _with(self.passes, entry, now)})

    def used(self, hash: str, visit_hash: str, now: dt.datetime) -> PassBook | None:
        """With a visit in the place of a link; None if the link is none, was used, or has ended."""
        found = _open(self.passes, hash, now)
        if found is None:
            return None
        visit = found.model_copy(update={"hash": visit_hash, "until": now + VISIT})
        left = [one for one in self.passes if one.hash != hash]
        return self.model_copy(update={"passes": left, "visits": _with(self.visits, visit, now)})

    def visit(self, hash: str, now: dt.datetime) -> Entry | None:
        """The visit with this hash, if it has not ended."""
        return _open(self.visits, hash, now)

    def without_visit(self, hash: str) -> PassBook:
        """Without a visit that its visitor has ended."""
        return self.model_copy(update={"visits": [one for one in self.visits if one.hash != hash]})


def hash_of(secret: str) -> str:
    """What is stored of the secret of a link or a visit."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _open(entries: Sequence[Entry], hash: str, now: dt.datetime) -> Entry | None:
    return next((one for one in entries if one.hash == hash and now < one.until), None)


def _with(entries: Sequence[Entry], new: Entry, now: dt.datetime) -> list[Entry]:
    left = [one for one in entries if now < one.until]
    alike = [one for one in left if (one.member_id, one.may_answer) == (new.member_id, new.may_answer)]
    ended = {one.hash for one in alike[: max(0, len(alike) + 1 - MAX_OPEN)]}
    return [*(one for one in left if one.hash not in ended), new]


@dataclass(frozen=True, slots=True)
class Visitor(Caller):
    """Who came by a link: a participant, who may do only what `must_allow` lets through."""

    forum_id: str = ""
    profile_id: str = ""
    may_answer: bool = False
    visit_hash: str = field(default="", repr=False)


def visitor(book: PassBook, entry: Entry) -> Visitor:
    """Who a visit acts for."""
    return Visitor(
        entry.member_id,
        book.owner,
        frozenset({"participant"}),
        math.floor(entry.until.timestamp()),
        forum_id=book.forum_id,
        profile_id=book.profile_id,
        may_answer=entry.may_answer,
        visit_hash=entry.hash,
    )


@dataclass(frozen=True)
class Act:
    """What a visitor asks for. `kind` and `id`: the document that it is about; both empty for the day itself."""

    kind: str = ""
    id: str = ""


_DAY = frozenset({"GET /board/", "GET /board/day", "POST /board/sign-out"})
_SHOWS = re.compile(r"POST /board/(meetings)/([^/]+)/check-in")
_ANSWERS = re.compile(
    r"(?:POST /board/(meetings)/([^/]+)/(?:confirm|accept|cancel|move)|GET /board/(meetings)/([^/]+)/move"
    r"|POST /board/(matches)/([^/]+)/(?:accept|decline))"
)


def must_allow(who: Visitor, method: str, path: str) -> Act:
    """What is asked for, if this visitor may ask for it: nothing else is open to a link, whatever pages are added.
    Raises Forbidden."""
    asked = f"{method} {path}"
    if asked in _DAY:
        return Act()
    found = _SHOWS.fullmatch(asked) or (_ANSWERS.fullmatch(asked) if who.may_answer else None)
    if found is None:
        raise Forbidden("The link that you came by does not allow this; sign in with your own token.")
    kind, id = (part for part in found.groups() if part is not None)
    return Act(kind, id)
