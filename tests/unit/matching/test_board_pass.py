"""What a one-time link to the board may do, how long, and how many there are."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from fastapi import FastAPI

from services.chassis.model import Forbidden
from services.matching.api import router
from services.matching.domain.board_pass import MAX_OPEN, VISIT, Act, Entry, PassBook, hash_of, must_allow, visitor

NOW = dt.datetime(2027, 3, 4, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(hours=24)
BOOK = PassBook(id="f/p", forum_id="f", profile_id="p", owner="hanbit")


def entry(name: str, member: str = "kim-1", *, may_answer: bool = True) -> Entry:
    return Entry(hash=hash_of(name), member_id=member, may_answer=may_answer, until=NOW + DAY)


def test_a_link_is_good_once_until_its_end_and_its_visit_for_half_a_day() -> None:
    book = BOOK.with_pass(entry("a"), NOW)
    assert book.used(hash_of("b"), "v", NOW) is None and book.used(hash_of("a"), "v", NOW + DAY) is None
    used = book.used(hash_of("a"), "v", NOW)
    assert used is not None and used.used(hash_of("a"), "w", NOW) is None and used.passes == []
    found = used.visit("v", NOW + VISIT - dt.timedelta(seconds=1))
    assert found is not None and used.visit("v", NOW + VISIT) is None and used.without_visit("v").visits == []
    who = visitor(used, found)
    assert (who.org, who.sub, who.profile_id) == ("hanbit", "kim-1", "p") and who.roles == {"participant"}
    assert not who.is_organiser and "visit_hash" not in repr(who)


def test_a_new_link_ends_the_oldest_of_its_kind_and_no_other() -> None:
    book = BOOK.with_pass(entry("lee", "lee-1"), NOW)
    for n in range(MAX_OPEN + 2):
        book = book.with_pass(entry(f"own-{n}"), NOW).with_pass(entry(f"office-{n}", may_answer=False), NOW)
    kept = {one.hash for one in book.passes}
    newest = range(2, MAX_OPEN + 2)
    assert kept == {hash_of(name) for n in newest for name in (f"own-{n}", f"office-{n}")} | {hash_of("lee")}
    assert len(book.with_pass(entry("late"), NOW + DAY).passes) == 1, "what has ended is not kept"


SHOWN = {
    "GET /board/": Act(),
    "GET /board/day": Act(),
    "POST /board/sign-out": Act(),
    "POST /board/meetings/m-1/check-in": Act("meetings", "m-1"),
}
ANSWERED = {
    **{f"POST /board/meetings/m-1/{act}": Act("meetings", "m-1") for act in ("confirm", "accept", "cancel", "move")},
    **{f"POST /board/matches/m-1/{act}": Act("matches", "m-1") for act in ("accept", "decline")},
    "GET /board/meetings/m-1/move": Act("meetings", "m-1"),
}
OTHERS = (
    *("GET /board/forums/f", "POST /board/forums/f/plans/1/publish", "POST /board/forums/f/plans/1/locks"),
    *("GET /board/meetings/m-1/check-in", "POST /board/meetings/a/b/check-in", "POST /board/day", "DELETE /board/day"),
    *("POST /board/meetings/m-1/check-in/", "GET /board/day/x", "POST /board/matches/m-1/check-in", "GET /v1/forums"),
)


@pytest.mark.parametrize("may_answer", [True, False])
def test_what_is_not_listed_is_refused(may_answer: bool) -> None:
    who = visitor(BOOK, entry("a", may_answer=may_answer))
    allowed = SHOWN | (ANSWERED if may_answer else {})
    for asked in (*SHOWN, *ANSWERED, *OTHERS):
        method, _, path = asked.partition(" ")
        if asked in allowed:
            assert must_allow(who, method, path) == allowed[asked]
        else:
            with pytest.raises(Forbidden, match="sign in"):
                must_allow(who, method, path)


def test_every_page_of_a_participant_is_listed_or_left_out_on_purpose() -> None:
    """A page that is added is closed to visits, and named here."""
    listed = {asked.replace("m-1", "{}") for asked in (*SHOWN, *ANSWERED)}
    app, found = FastAPI(), set[str]()
    app.include_router(router)
    for path, methods in app.openapi()["paths"].items():
        shape = re.sub(r"\{(?:meeting|match)_id\}", "{}", path)
        found |= {f"{method.upper()} {shape}" for method in methods if path.startswith("/board/")}
    open_to_all = {"GET /board/sign-in", "POST /board/sign-in", "GET /board/enter", "POST /board/enter"}
    assert {one for one in found - listed if "/forums/" not in one} == open_to_all | {"GET /board/board.css"}
    assert listed <= found
