"""What a participant is asked on its board: where and when, until when, and the most urgent first."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from schemas.common import Text
from schemas.matches import Evidence
from schemas.meetings import Venue
from services.matching.board import STYLE, Place, day_page, day_view
from services.matching.board.words import WORDS
from services.matching.domain.meeting import Meeting
from services.matching.domain.profile_row import EntryRow, ProfileRow
from services.matching.domain.schedule import Lang
from tests.unit.matching.test_board import (
    LANGS,
    MAX_BYTES,
    NOW,
    OPENS,
    PARTICIPANT,
    WHY,
    a_move,
    booked,
    of_day,
    row,
)
from tests.unit.matching.test_lives import a_match

MINUTE = dt.timedelta(minutes=1)
TOMORROW = OPENS + dt.timedelta(days=1)
AT_TABLE = Venue(kind="onsite", place="A-1")
ELSEWHERE = Venue(kind="online", url="https://meet.example/x", fallback_url="https://meet.example/y")


def moving(by: str = "b", **changes: object) -> Meeting:
    """A booked meeting in an hour that one side asks to move."""
    return booked(60, move=a_move().model_copy(update={"asked_by": by} | changes))


def page_of(*meetings: Meeting, lang: Lang = "en") -> str:
    """The page without proposals."""
    place = Place(lang, "", PARTICIPANT)
    return day_page(place, day_view(of_day(*meetings, matches={}), lang, NOW))


def part(page: str, heading: str) -> str:
    """A section, by the id of its heading."""
    found = re.search(rf'<section[^>]*aria-labelledby="{heading}">(.*?)</section>', page, re.DOTALL)
    assert found is not None, page
    return found[1]


@pytest.mark.parametrize(("by", "where"), [("b", "answer"), ("a", "booked")])
def test_the_place_and_the_links_of_a_move_are_shown_before_they_are_confirmed(by: str, where: str) -> None:
    shown = part(page_of(moving(by)), where)
    assert "<strong>B-2</strong>" in shown and ("<strong>A-1</strong>" in shown) == (by == "a")
    online = part(page_of(moving(by, venue=ELSEWHERE)), where)
    assert 'href="https://meet.example/x"' in online and 'href="https://meet.example/y"' in online


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", ["move", "place", "both"])
def test_the_words_say_what_changes(lang: Lang, kind: str) -> None:
    venue = AT_TABLE if kind == "move" else ELSEWHERE
    start = OPENS + dt.timedelta(minutes=60 if kind == "place" else 90)
    for by, name, where in (("b", "asked", "answer"), ("b", "confirm", "answer"), ("a", "waits", "booked")):
        shown = part(page_of(moving(by, venue=venue, start=start), lang=lang), where)
        assert {one for one in ("move", "place", "both") if f">{WORDS[f'{one}_{name}'][lang]}<" in shown} == {kind}


def test_ones_own_move_to_another_day_is_shown_with_its_date() -> None:
    shown = part(page_of(moving("a", start=TOMORROW, end=TOMORROW + 20 * MINUTE), lang="ko"), "booked")
    assert "3월 5일 (금)" in shown


@pytest.mark.parametrize("is_late", [False, True])
def test_it_says_until_when_to_answer_and_has_no_button_after_that(is_late: bool) -> None:
    until = NOW if is_late else NOW + 8 * MINUTE
    request = booked(90, state="requested", asked_by="b", lapses_at=until)
    for meeting in (request, moving(lapses_at=until)):
        shown = part(page_of(meeting), "answer")
        assert ("/confirm?" in shown) == ("Answer by Thu 4 Mar 10:15" in shown) == (not is_late)
        assert (WORDS["late"]["en"] in shown) == is_late
        assert ("/cancel?" in shown) == (meeting is request and not is_late)
    waits = part(page_of(request.model_copy(update={"asked_by": "a"})), "others")
    assert ("Answer by Thu 4 Mar 10:15" in waits) == ("/cancel?" in waits) == (not is_late)
    own = part(page_of(moving("a", lapses_at=until)), "booked")
    assert (WORDS["both_waits"]["en"] in own) == (not is_late)


def test_what_is_asked_comes_before_the_cut_the_most_urgent_first() -> None:
    meetings = [booked(30 * n, id=f"t{n:03}") for n in range(31)]
    asked = {"state": "requested", "asked_by": "b"}
    requests = [booked(2000 + n, id=f"r{n}", lapses_at=NOW + (9 - n) * MINUTE, **asked) for n in (1, 2)]
    late = booked(3000, id="late", lapses_at=NOW, **asked)
    view = day_view(of_day(*meetings, *requests, late, matches={}), "en", NOW)
    assert [one.id for one in view.asked] == ["r2", "r1"]
    assert [one.id for _, day in view.days for one in day] == [f"t{n:03}" for n in range(26)]
    assert view.more == 6


def test_a_sentence_that_its_owner_has_changed_is_not_shown_in_part() -> None:
    rows = {"a": row("a", "한빛센서", "KR"), "b": row("b", "华桥", "CN")}
    changed = EntryRow(id="e-a", kind="technology", text_id="new", text=Text(lang="ko", text="장난감을 찾습니다."))
    edited = rows | {"a": rows["a"].model_copy(update={"needs": [changed], "offers": []})}
    evidence = [WHY, WHY.model_copy(update={"need": WHY.need.model_copy(update={"text_id": "new", "end": None})})]

    def need(of: dict[str, ProfileRow], *why: Evidence) -> str | None:
        match = a_match(expires_at=TOMORROW, evidence=list(why))
        [(_, [meeting])] = day_view(of_day(booked(60), rows=of, matches={"m": match}), "ko", NOW).days
        return meeting.reason.need if meeting.reason else None

    assert (need(rows, WHY), need(edited, WHY), need(edited, *evidence)) == ("라이다", None, "장난감을 찾습니다.")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("is_moved", "shown"), [(True, 14), (False, 28)])
def test_a_page_full_of_what_is_asked_stays_small(lang: Lang, is_moved: bool, shown: int) -> None:
    rows = {id: row(id, "한" * 300, "KR", "긴 문장 " * 400) for id in ("a", "b")}
    url = f"https://meet.example/{'x' * 40}"
    venue = Venue(kind="onsite", place="A-1", url=url, fallback_url=url)
    request = booked(60, state="requested", asked_by="b", venue=venue)
    one = moving(venue=venue) if is_moved else request
    asked = [one.model_copy(update={"id": f"x{n:02}"}) for n in range(40)]
    proposals = {f"m{n}": a_match(id=f"m{n}", evidence=[WHY], expires_at=TOMORROW) for n in range(40)}
    matches = {"m": a_match(evidence=[WHY], state="agreed"), **proposals}
    view = day_view(of_day(*asked, rows=rows, matches=matches), lang, NOW)
    assert (len(view.asked), view.more) == (shown, 40 - shown + 30)
    assert len(day_page(Place(lang, "", PARTICIPANT), view).encode()) + len(STYLE.encode()) < MAX_BYTES
