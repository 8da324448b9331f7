"""The board's pages: complete in three languages, small, without scripts or other hosts, and safe to read."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from schemas.common import Text
from schemas.matches import Evidence, EvidenceEntry
from schemas.meetings import Venue
from schemas.profiles import Names
from services.matching.board import (
    STYLE,
    DayFacts,
    ForumFacts,
    MoveView,
    Place,
    Wish,
    day_page,
    day_view,
    forum_page,
    forum_view,
    forums_page,
    move_page,
    refused_page,
    sign_in_page,
)
from services.matching.board import html as pages
from services.matching.board.counts import funnel
from services.matching.board.words import REFUSALS, WORDS
from services.matching.domain.after.attendance import Attendance, CheckIn
from services.matching.domain.asks import Move
from services.matching.domain.forum_plans.openings import Opening, OpeningBook
from services.matching.domain.forum_plans.plan import ForumPlan, Left, PlanReport, Publication, plan_id
from services.matching.domain.forums.forum import Forum
from services.matching.domain.forums.setup import ForumSetup
from services.matching.domain.meeting import Meeting
from services.matching.domain.profile_row import EntryRow, ProfileRow
from services.matching.domain.schedule import Lang
from tests.support.forums import forum_of_2027
from tests.unit.matching.test_lives import a_match, asked

LANGS: tuple[Lang, ...] = ("ko", "zh", "en")
ORGANISER, PARTICIPANT = frozenset({"organiser"}), frozenset({"participant"})
OPENS = dt.datetime(2027, 3, 4, 1, tzinfo=dt.UTC)  # 10:00 in Seoul
NOW = OPENS + dt.timedelta(minutes=7)
HOSTILE = '<script>alert("x")</script>'
MAX_BYTES = 100_000


def row(id: str, name: str, country: str, text: str = "라이다 신호 처리 기술") -> ProfileRow:
    entry = EntryRow(id=f"e-{id}", kind="technology", text_id="t", text=Text(lang="ko", text=text))
    owner = {"a": "hanbit", "b": "huaqiao"}.get(id, f"org-{id}")
    names = Names(ko=name, zh=name)
    return ProfileRow(
        id=id, owner=owner, state="published", country=country, names=names, offers=[entry], needs=[entry]
    )


ROWS = {"a": row("a", "한빛센서", "KR"), "b": row("b", "华桥汽车电子", "CN")}
WHY = Evidence(
    need=EvidenceEntry(profile_id="a", id="e-a", text_id="t", start=0, end=3),
    offer=EvidenceEntry(profile_id="b", id="e-b", text_id="t"),
    fit=0.8,
    parts={},
)


def booked(minutes: int = 0, **fields: Any) -> Meeting:
    start = OPENS + dt.timedelta(minutes=minutes)
    times = {"start": start, "end": start + dt.timedelta(minutes=20), "state": "booked", "lapses_at": start}
    return asked(**({"id": f"t{minutes}", "venue": Venue(kind="onsite", place="A-1")} | times | fields))


def a_forum(**other: Any) -> Forum:
    return Forum(id="f", owner="kic", setup=ForumSetup.model_validate(forum_of_2027(**other)), announced_at=OPENS)


def facts(*meetings: Meeting, **other: Any) -> ForumFacts:
    present = Attendance(id="t0", start=OPENS, here={"a": CheckIn(at=OPENS)})
    fields: dict[str, Any] = {
        "forum": a_forum(),
        "participants": ["a", "b"],
        "rows": ROWS,
        "matches": [a_match(expires_at=OPENS + dt.timedelta(days=1), accepted_by=["a"], state="accepted")],
        "meetings": meetings or (booked(),),
        "attendances": {"t0": present},
    }
    return ForumFacts(**(fields | other))


def of_day(*meetings: Meeting, **other: Any) -> DayFacts:
    match = a_match(expires_at=OPENS + dt.timedelta(days=1), evidence=[WHY])
    fields: dict[str, Any] = {
        "org": "hanbit",
        "member_id": "kim",
        "rows": ROWS,
        "matches": {"m": match},
        "meetings": meetings,
    }
    return DayFacts(**(fields | other))


def all_pages(lang: Lang, *, rows: dict[str, ProfileRow] | None = None) -> dict[str, str]:
    known = rows or ROWS
    moved = booked(60, move=a_move(), conflicts=["kim"])
    requested = booked(90, state="requested", asked_by="b", venue=Venue(kind="online", url="https://meet.example/x"))
    meetings = (booked(), moved, requested, booked(120, state="requested"))
    shown = forum_view(facts(*meetings, rows=known, plans=[a_plan(), a_plan(2)]), Wish(lang), NOW)
    place = Place(lang, "../", ORGANISER | PARTICIPANT)
    return {
        "sign_in": sign_in_page(Place(lang), is_wrong=True),
        "refused": refused_page(place, 409, "It is taken."),
        "forums": forums_page(place, [a_forum()]),
        "forum": forum_page(place, shown),
        "day": day_page(place, day_view(of_day(*meetings, rows=known), lang, NOW)),
        "move": move_page(place, MoveView("t0", 3, "华桥", [OPENS])),
    }


def a_plan(number: int = 1, **fields: Any) -> ForumPlan:
    left = [Left(match_id=f"m{n}", cause="no_common_slot") for n in range(3)]
    report = PlanReport(
        scheduled=480,
        bound=486,
        bound_by="pairs",
        bounds={},
        is_best=False,
        solver="feasible",
        by_step={},
        musts_missed=0,
        targets_missed=0,
        without_meeting=0,
        gaps=0,
        hybrid=1,
        score=1.0,
        tables={},
        interpreters={},
        left_out=left,
        helps=[],
    )
    made = {
        "id": plan_id("f", number),
        "forum_id": "f",
        "number": number,
        "made_by": "kic",
        "made_at": OPENS,
        "seed": 1,
    }
    return ForumPlan(**(made | {"state": "draft", "report": report} | fields))


def a_move() -> Move:
    start = OPENS + dt.timedelta(hours=5)
    return Move(
        start=start,
        end=start + dt.timedelta(minutes=20),
        venue=Venue(kind="onsite", place="B-2"),
        asked_by="b",
        asked_by_member="wang",
        lapses_at=OPENS + dt.timedelta(minutes=60),
    )


@pytest.mark.parametrize("lang", LANGS)
def test_every_word_is_there_in_every_language(lang: str) -> None:
    for texts in (*WORDS.values(), *REFUSALS.values()):
        assert texts.keys() == set(LANGS) and texts[lang].strip()
        assert texts[lang].count("{") == texts["en"].count("{")


@pytest.mark.parametrize("lang", LANGS)
def test_pages_have_no_script_no_style_of_their_own_and_no_other_host(lang: Lang) -> None:
    for name, page in all_pages(lang).items():
        assert f'<html lang="{lang}">' in page and page.count("<h1") == page.count("<main") == 1, name
        assert "<script" not in page and "<style" not in page and not re.search(r"\s(on\w+|style)=", page), name
        hosts = re.findall(r"(?:https?:)?//[^\s\"'<]+", page)
        assert hosts in ([], ["https://meet.example/x"] * len(hosts)), "only the link of a meeting, to be followed"
        assert 'src="' not in page and "@import" not in STYLE and "url(" not in STYLE
        assert len(page.encode()) + len(STYLE.encode()) < MAX_BYTES, name


@pytest.mark.parametrize("name", ["forum", "day", "forums", "move"])
@pytest.mark.parametrize("is_escaped", [True, False])
def test_what_firms_write_is_text(name: str, is_escaped: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages.TEMPLATES, "autoescape", is_escaped)
    monkeypatch.setattr(pages.TEMPLATES, "cache", None)
    rows = {id: row(id, HOSTILE, country, HOSTILE) for id, country in (("a", "KR"), ("b", "CN"))}
    forum = a_forum(names={"ko": HOSTILE})
    place = Place("ko", "../", ORGANISER)
    page = {
        "forum": lambda: forum_page(place, forum_view(facts(rows=rows), Wish("ko"), NOW)),
        "day": lambda: day_page(place, day_view(of_day(booked(30), rows=rows), "ko", NOW)),
        "forums": lambda: forums_page(place, [forum]),
        "move": lambda: move_page(place, MoveView("t0", 3, HOSTILE, [])),
    }[name]()
    assert ("<script" not in page) == is_escaped
    assert ("&lt;script&gt;" in page) == is_escaped


def test_a_link_that_is_none_is_not_shown() -> None:
    meeting = booked(30, venue=Venue(kind="online", url="javascript:alert(1)"))
    assert "javascript:" not in day_page(Place("en"), day_view(of_day(meeting), "en", NOW))


def test_the_organiser_sees_how_far_it_is_who_is_missing_and_what_waits() -> None:
    view = forum_view(facts(booked(), booked(-60, state="completed")), Wish("ko"), NOW)
    counts = [(stage.word, stage.count) for stage in view.stages]
    assert counts == [("등록 기업", 2), ("매칭 제안", 1), ("상호 수락", 0), ("미팅 확정", 1), ("미팅 완료", 1)]
    assert view.missing == [("华桥汽车电子", "A-1", 7)]
    assert [(who, count) for who, count, _ in view.waiting] == [("华桥汽车电子", 1)]
    [hall] = view.tables
    assert (hall.name, hall.lines[0].state) == ("대연회장", "now")
    assert hall.lines[0].sides == (("한빛센서", True), ("华桥汽车电子", False))
    assert hall.lines[0].times.clocks == (("서울", "10:00–10:20"), ("베이징", "09:00–09:20"))


def test_firms_of_one_name_are_told_apart_and_one_alone_has_checked_in() -> None:
    rows = {"a": row("a", "한빛센서", "KR"), "b": row("b", "한빛센서", "CN")}
    view = forum_view(facts(booked(), booked(60, conflicts=["kim"]), rows=rows), Wish("ko"), NOW)
    assert view.tables[0].lines[0].sides == (("한빛센서 (a)", True), ("한빛센서 (b)", False))
    assert forum_page(Place("ko", "../", ORGANISER), view).count(WORDS["checked_in"]["ko"]) == 1
    assert [name for name, *_ in (*view.missing, *view.waiting)] == ["한빛센서 (b)"] * 2
    assert view.conflicts[0][0] == "한빛센서 (a) · 한빛센서 (b)"
    unknown = forum_view(facts(booked(), rows={"a": rows["a"]}), Wish("ko"), NOW)
    assert unknown.tables[0].lines[0].sides[1] == ("(비공개 기관)", False)


@pytest.mark.parametrize(
    ("zone", "said", "clocks"),
    [
        ("Asia/Seoul", "12:00 (서울)", ["서울", "베이징"]),
        ("Asia/Shanghai", "11:00 (베이징)", ["베이징", "서울"]),
        ("Asia/Tokyo", "12:00 (Asia/Tokyo)", ["Asia/Tokyo", "서울", "베이징"]),
    ],
)
def test_times_of_a_forum_are_by_its_own_clock(zone: str, said: str, clocks: list[str]) -> None:
    at, until = OPENS + dt.timedelta(hours=2), dt.timedelta(days=1)
    waits = a_match(expires_at=at + until, accepted_by=["a"], state="accepted")
    opening = Opening(start=at, place="A-1", until=at)
    known: dict[str, Any] = {"forum": a_forum(zone=zone), "matches": [waits]}
    view = forum_view(
        facts(booked(120, conflicts=["kim"]), openings=OpeningBook(id="f", openings={"o": opening}), **known),
        Wish("ko"),
        at - dt.timedelta(hours=1),
    )
    told = [view.conflicts[0][1], view.openings[0].at, view.openings[0].until, view.waiting[0][2]]
    assert all(one.endswith(said) for one in told)
    assert f"({clocks[0]})" in view.as_of
    [[line]] = [hall.lines for hall in view.tables]
    assert [city for city, _ in line.times.clocks] == clocks


def test_a_meeting_between_the_days_of_a_forum_is_none_of_its() -> None:
    """The report does not count it either."""
    assert [funnel(facts(booked(minutes)))["booked"] for minutes in (0, 20 * 24 * 60)] == [1, 0]


def test_what_is_over_has_left_today_and_another_day_or_hall_is_chosen() -> None:
    meetings = booked(-60), booked(), booked(30, venue=Venue(kind="onsite", place="B-1")), booked(24 * 60)

    def shown(**wish: str) -> list[tuple[str, str]]:
        view = forum_view(facts(*meetings), Wish("en", **wish), NOW)
        return [(hall.id, line.state) for hall in view.tables for line in hall.lines]

    assert shown() == [("A", "now"), ("B", "next")]
    assert shown(hall="B") == [("B", "next")]
    assert shown(date="2027-03-05") == [("A", "next")]
    assert shown(date="no day") == shown()
    wish = Wish("en", date="2027-03-05", hall="A")
    assert wish.address(hall="") == "?lang=en&date=2027-03-05"


def test_a_plan_stands_against_its_bound_and_a_draft_is_published_by_one_button() -> None:
    said = {"f/0001": Publication(id="f/0001", done=20, booked=18, refused={"m": "taken"})}
    plans = [a_plan(1, state="published"), *(a_plan(n) for n in (2, 3, 4, 5))]
    views = forum_view(facts(plans=plans, publications=said), Wish("en"), NOW).plans
    assert [(one.number, one.state, one.may_publish) for one in views] == [
        *((n, "Draft", True) for n in (5, 4, 3)),
        (1, "Published", False),
    ]
    assert (views[0].scheduled, views[0].bound, views[0].percent, views[-1].said) == (
        480,
        486,
        99,
        "18 booked, 1 refused",
    )
    assert [count for _, count in views[0].causes] == [3] and views[0].needs_link
    closed = a_forum().model_copy(update={"state": "closed"})
    assert not any(one.may_publish for one in forum_view(facts(plans=plans, forum=closed), Wish("en"), NOW).plans)
    busy = [*plans, a_plan(6, state="publishing")]
    assert not any(one.may_publish for one in forum_view(facts(plans=busy), Wish("en"), NOW).plans)


def test_who_has_to_answer_a_move_or_a_request_is_counted() -> None:
    later = NOW + dt.timedelta(minutes=10)
    meetings = booked(60, move=a_move()), booked(90, state="requested", asked_by="a", lapses_at=later)
    view = forum_view(facts(*meetings, matches=[]), Wish("en"), NOW)
    assert sorted((who, count) for who, count, _ in view.waiting) == [("华桥汽车电子", 1), ("한빛센서", 1)]
    view = forum_view(facts(*meetings, matches=[]), Wish("en"), later)
    assert [(who, count) for who, count, _ in view.waiting] == [("한빛센서", 1)], "it has lapsed, if not by its job"


def test_a_participant_sees_whom_it_meets_when_where_and_why() -> None:
    [(day, [meeting])] = day_view(of_day(booked(30)), "ko", NOW).days
    assert (day, meeting.who, meeting.place) == ("3월 4일 (목)", "华桥汽车电子", "A-1")
    assert meeting.times.clocks == (("서울", "10:30–10:50"), ("베이징", "09:30–09:50"))
    assert meeting.reason is not None and meeting.reason.is_my_need and not meeting.is_colleagues
    assert (meeting.reason.need, meeting.reason.offer) == ("라이다", "라이다 신호 처리 기술")
    [(_, [theirs])] = day_view(of_day(booked(30), org="huaqiao", member_id="wang"), "zh", NOW).days
    assert theirs.times.clocks[0] == ("北京", "09:30–09:50")
    assert theirs.reason is not None and not theirs.reason.is_my_need


def test_what_is_the_readers_to_answer_is_not_the_other_sides() -> None:
    mine = booked(90, state="requested", asked_by="b")
    theirs = booked(120, state="requested", asked_by="a")
    moved = booked(60, move=a_move())
    view = day_view(of_day(mine, theirs, moved), "en", NOW)
    assert [one.id for one in view.asked] == ["t60", "t90"]
    assert [one.id for one in view.waits] == ["t120"]
    assert [one.id for one in view.proposals] == ["m"] and view.pending == []
    accepted = a_match(accepted_by=["a"], state="accepted", expires_at=OPENS + dt.timedelta(days=1))
    after = day_view(of_day(matches={"m": accepted}), "en", NOW)
    assert (after.proposals, [one.id for one in after.pending]) == ([], ["m"])


@pytest.mark.parametrize(("minutes", "opens"), [(31, False), (20, True), (-5, True)])
def test_one_checks_in_from_half_an_hour_before(minutes: int, opens: bool) -> None:
    [(_, [meeting])] = day_view(of_day(booked(7 + minutes)), "en", NOW).days
    assert meeting.can_check_in == opens
    here = Attendance(id=meeting.id, start=NOW + dt.timedelta(minutes=minutes), here={"a": CheckIn(at=NOW)})
    [(_, [after])] = day_view(of_day(booked(7 + minutes), attendances={meeting.id: here}), "en", NOW).days
    assert after.is_here and not after.can_check_in


@pytest.mark.parametrize("lang", LANGS)
def test_a_page_of_the_largest_forum_stays_small(lang: Lang) -> None:
    ids = [f"p{n}" for n in range(400)]
    rows = {id: row(id, f"{id} 주식회사 한중첨단산업기술연구소", "KR") for id in ids}
    at = [booked(10 * (n % 40), id=f"x{n}", parties=[ids[n % 400], ids[(n + 1) % 400]]) for n in range(2000)]
    view = forum_view(facts(*at, rows=rows, participants=ids), Wish(lang), NOW)
    page = forum_page(Place(lang, "../", ORGANISER), view)
    assert view.more_lines > 1000 and len(page.encode()) + len(STYLE.encode()) < MAX_BYTES
    meetings = [booked(10 * n, id=f"x{n}") for n in range(100)]
    long = {id: row(id, "한" * 300, "KR", "긴 문장 " * 400) for id in ("a", "b")}
    until = OPENS + dt.timedelta(days=1)
    proposals = {f"m{n}": a_match(id=f"m{n}", evidence=[WHY], expires_at=until) for n in range(40)}
    of = of_day(*meetings, rows=long, matches={"m": a_match(evidence=[WHY], state="agreed"), **proposals})
    day = day_view(of, lang, NOW)
    assert day.more == 72 + 30
    assert len(day_page(Place(lang, "", PARTICIPANT), day).encode()) + len(STYLE.encode()) < MAX_BYTES


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("status", [403, 404, 409, 412, 413, 422, 429, 500, 503])
def test_a_refusal_says_what_to_do(lang: Lang, status: int) -> None:
    page = refused_page(Place(lang, "../"), status, "It is taken & gone.")
    assert "It is taken &amp; gone." in page and f'href="../?lang={lang}"' in page


@pytest.mark.parametrize(("status", "like"), [(413, 422), (500, 503), (502, 503), (503, 503), (405, 422)])
def test_a_failure_of_ours_is_not_said_to_be_a_change_meanwhile(status: int, like: int) -> None:
    for lang in LANGS:
        assert REFUSALS[like][lang] in refused_page(Place(lang, "../"), status, "")
