"""A forum at ten past ten on its first day, for pictures of the board and for what looks at its pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from schemas.common import Text
from schemas.matches import Evidence, EvidenceEntry
from schemas.meetings import Venue
from schemas.profiles import Names
from services.matching.board import (
    DayFacts,
    ForumFacts,
    MoveView,
    Place,
    PlanFacts,
    Wish,
    day_page,
    day_view,
    enter_page,
    forum_page,
    forum_view,
    forums_page,
    move_page,
    plan_page,
    plan_view,
    refused_page,
    sign_in_page,
)
from services.matching.domain.after.attendance import Attendance, CheckIn
from services.matching.domain.asks import Move
from services.matching.domain.calendar import LENGTH
from services.matching.domain.forum_plans.openings import Opening, OpeningBook
from services.matching.domain.forum_plans.plan import (
    ForumPlan,
    Helps,
    Left,
    PlanBook,
    PlannedMeeting,
    PlanReport,
    plan_id,
)
from services.matching.domain.forums.forum import Forum
from services.matching.domain.forums.setup import ForumSetup
from services.matching.domain.match import Match
from services.matching.domain.meeting import Meeting
from services.matching.domain.profile_row import EntryRow, ProfileRow
from services.matching.domain.schedule import Lang
from tests.support.forums import forum_of_2027

LANGS: tuple[Lang, ...] = ("ko", "zh", "en")
TEN = dt.datetime(2027, 3, 4, 1, tzinfo=dt.UTC)  # in Seoul
NOW = TEN + dt.timedelta(minutes=10)
FIRMS = (
    ("kr-0", "한빛센서", "韩光传感", "Hanbit Sensor", "차량용 라이다 센서의 신호 처리 기술을 이전합니다."),
    ("kr-1", "메디온바이오", "美迪昂生物", "Medion Bio", "병원에서 바로 쓰는 현장 진단 키트를 공급합니다."),
    ("kr-2", "그린셀에너지", "绿芯能源", "Greencell Energy", "폐배터리 재활용 공정을 공급합니다."),
    ("kr-3", "스마트팜코리아", "韩国智慧农场", "Smartfarm Korea", "수직 농장 제어 시스템을 설치까지 제공합니다."),
    ("cn-0", "화교자동차전자", "华桥汽车电子", "Huaqiao Auto Electronics", "寻找激光雷达信号处理技术的合作方。"),
    ("cn-1", "소주청월광전", "苏州清越光电", "Suzhou Qingyue Optronics", "我们在找基层医院能用的快速检测试剂盒。"),
    ("cn-2", "낙석과학기술", "洛石科技", "Luoshi Technology", "我们需要动力电池回收的成熟工艺。"),
    ("cn-3", "다싱경제구", "大兴经济开发区", "Daxing Economic Zone", "园区温室项目需要引进智慧农业控制系统。"),
)
PAIRS = [(f"kr-{a}", f"cn-{b}") for a in range(4) for b in range(4)]


def rows() -> dict[str, ProfileRow]:
    """The firms."""
    return {id: _row(id, Names(ko=ko, zh=zh, en=en), text) for id, ko, zh, en, text in FIRMS}


def _row(id: str, names: Names, text: str) -> ProfileRow:
    lang = "ko" if id.startswith("kr") else "zh"
    entry = EntryRow(id=f"e-{id}", kind="technology", text_id=id, text=Text(lang=lang, text=text))
    country = id[:2].upper()
    return ProfileRow(id=id, owner=f"org-{id}", state="published", country=country, names=names, needs=[entry])


def matches() -> list[Match]:
    """Each firm with each of the other country: most have agreed."""
    return [_match(a, b, is_agreed=(n % 5 != 4)) for n, (a, b) in enumerate(PAIRS)]


def _match(one: str, other: str, *, is_agreed: bool) -> Match:
    parties = sorted((one, other))
    need, offer = (EvidenceEntry(profile_id=id, id=f"e-{id}", text_id=id) for id in (other, one))
    return Match(
        id=f"m-{one}-{other}",
        revision=3,
        parties=parties,
        owners={id: f"org-{id}" for id in parties},
        revisions=dict.fromkeys(parties, 1),
        score=0.7,
        interest=dict.fromkeys(parties, 0.7),
        evidence=[Evidence(need=need, offer=offer, fit=0.7, parts={})],
        state="agreed" if is_agreed else "accepted",
        accepted_by=parties if is_agreed else parties[:1],
        representatives={id: f"rep-{id}" for id in parties} if is_agreed else {},
        expires_at=NOW + dt.timedelta(days=2),
    )


def meetings() -> list[Meeting]:
    """Four rounds of the morning, and what was asked for besides."""
    return list(_meetings())


def _meetings() -> Iterator[Meeting]:
    for n in range(12):
        table = f"{'AB'[n % 4 // 2]}-{n % 2 + 1}"
        state = "completed" if n < 4 else "booked"
        yield _meeting(n, n % 4, (n + n // 4) % 4, minutes=30 * (n // 4 - 1), place=table, state=state)
    later = TEN + dt.timedelta(hours=6)
    move = Move(
        start=later,
        end=later + dt.timedelta(minutes=20),
        venue=Venue(kind="onsite", place="B-1"),
        asked_by="cn-3",
        asked_by_member="rep-cn-3",
        lapses_at=later,
    )
    yield _meeting(20, 0, 3, minutes=120, place="B-1", state="booked", move=move, conflicts=["rep-cn-3"])
    offer: dict[str, Any] = {
        "state": "requested",
        "accepted_by": ["kr-2"],
        "opening": "t-90",
        "lapses_at": NOW + LENGTH,
    }
    yield _meeting(22, 2, 3, minutes=90, place="A-3", asked_by="kr-2", **offer)
    mine = offer | {"accepted_by": ["cn-1"], "opening": "t-93"}
    yield _meeting(23, 0, 1, minutes=180, place="A-3", asked_by="kr-0", **mine)
    url = "https://meeting.tencent.com/dm/magpie"
    yield _meeting(21, 1, 0, minutes=150, url=url, state="requested", asked_by="cn-0", lapses_at=later)


def _meeting(n: int, kr: int, cn: int, *, minutes: int, place: str = "", url: str = "", **more: Any) -> Meeting:
    parties, start = [f"cn-{cn}", f"kr-{kr}"], TEN + dt.timedelta(minutes=minutes)
    fields: dict[str, Any] = {
        "match_id": f"m-kr-{kr}-cn-{cn}",
        "owners": {id: f"org-{id}" for id in parties},
        "sides": {id: f"rep-{id}" for id in parties},
        "asked_by": f"kr-{kr}",
        "asked_by_member": f"rep-kr-{kr}",
        "venue": Venue(kind="onsite", place=place) if place else Venue(kind="online", url=url),
    }
    times = {"start": start, "end": start + dt.timedelta(minutes=20)}
    return Meeting(id=f"t-{n}", revision=2, parties=parties, **(fields | times | more))


def forum_facts() -> ForumFacts:
    """The forum as its organiser sees it."""
    setup = ForumSetup.model_validate(forum_of_2027())
    forum = Forum(id="forum-1", owner="kic", setup=setup, state="ready", announced_at=TEN)
    booked = meetings()
    return ForumFacts(
        forum=forum,
        participants=[id for id, *_ in FIRMS],
        rows=rows(),
        matches=matches(),
        meetings=booked,
        attendances={one.id: _here(one) for one in booked if one.start == TEN},
        plans=[_plan(1), _plan(2)],
        openings=OpeningBook(id="forum-1", openings=_openings()),
    )


def _openings() -> dict[str, Opening]:
    """A time that is offered, one that waits for the morning, and one without a pair."""
    at = TEN + dt.timedelta(minutes=90)
    offered = {"state": "offered", "offer": "t-22", "match_id": "m-kr-2-cn-3", "until": NOW + LENGTH}
    return {
        "t-90": Opening.model_validate({"start": at, "place": "A-3"} | offered),
        "t-91": Opening(start=TEN + dt.timedelta(days=1), place="B-2", until=TEN + dt.timedelta(hours=23)),
        "t-92": Opening(start=at + LENGTH, place="B-3", state="ended", why="no_pair"),
    }


def _here(meeting: Meeting) -> Attendance:
    sides = meeting.parties if meeting.id != "t-5" else meeting.parties[:1]
    return Attendance(id=meeting.id, start=meeting.start, here={side: CheckIn(at=TEN) for side in sides})


def _plan(number: int) -> ForumPlan:
    report = PlanReport(
        scheduled=10 + number,
        bound=13,
        bound_by="pairs",
        bounds={},
        is_best=False,
        solver="feasible",
        by_step={},
        musts_missed=0,
        targets_missed=0,
        without_meeting=0,
        gaps=0,
        hybrid=number - 1,
        score=8.4,
        tables={},
        interpreters={},
        left_out=[Left(match_id=f"m-{n}", cause="no_common_slot") for n in range(3 - number)],
        helps=[Helps(kind="interpreter", more=2, date="2027-03-04", languages=["ko", "zh"])],
    )
    made = {"forum_id": "forum-1", "number": number, "made_by": "kic", "made_at": TEN, "seed": 1}
    return ForumPlan(id=plan_id("forum-1", number), state="draft", report=report, **made)


def plan_facts() -> PlanFacts:
    """A draft with two locked meetings, of which one is locked at another time."""
    facts = forum_facts()
    meetings = [
        PlannedMeeting(
            match_id=one.match_id,
            sides=one.sides,
            start=one.start,
            place=one.venue.place,
            interpreter=("kim-1", "wang-1", None)[n % 3],
        )
        for n, one in enumerate(facts.meetings)
    ]
    plan = _plan(2).model_copy(update={"meetings": meetings * 7})
    other = meetings[3].model_copy(update={"start": TEN})
    locks = {one.match_id: one for one in (meetings[0], other)}
    return PlanFacts(facts.forum, plan, PlanBook(id="forum-1", latest=2, locks=locks), rows())


def day_facts(firm: str) -> DayFacts:
    """The same forum, as one firm sees it."""
    return DayFacts(
        org=f"org-{firm}",
        member_id=f"rep-{firm}",
        rows=rows(),
        matches={match.id: match for match in matches() if firm in match.parties},
        meetings=[meeting for meeting in meetings() if firm in meeting.parties],
    )


def example_pages(lang: Lang) -> dict[str, str]:
    """Every page of the board by name."""
    organiser = Place(lang, "./", frozenset({"organiser"}))
    firm = "cn-3" if lang == "zh" else "kr-0"
    participant = Place(lang, "./", frozenset({"participant"}))
    return {
        "forum": forum_page(organiser, forum_view(forum_facts(), Wish(lang), NOW)),
        "plan": plan_page(Place(lang, "./", frozenset({"organiser"}), "&first=60"), plan_view(plan_facts(), lang, 0)),
        "forums": forums_page(organiser, [forum_facts().forum]),
        "day": day_page(participant, day_view(day_facts(firm), lang, NOW)),
        "move": move_page(participant, MoveView("t-20", 2, "Daxing", [NOW, TEN])),
        "refused": refused_page(participant, 409, "It is taken."),
        "enter": enter_page(Place(lang, "./", query="&code=x"), "x" * 43),
        "shown": day_page(participant, day_view(replace(day_facts(firm), may_answer=False), lang, NOW)),
        "sign-in": sign_in_page(Place(lang), is_wrong=True),
    }
