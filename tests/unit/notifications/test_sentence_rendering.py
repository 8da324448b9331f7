"""What a reader sees, in Korean, Chinese and English."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.common import Text
from schemas.matches import Evidence, EvidenceEntry
from schemas.meetings import Move, Venue
from schemas.profiles import Names
from services.notifications.domain.notices import (
    ASKED,
    MATCH_NOTICE_RULES,
    MEETING_NOTICE_RULES,
    OFFER_ENDED,
    OFFERED,
    PLANNED,
)
from services.notifications.domain.projections import MatchRow, MeetingRow, ProfileRow, TranslationRow
from services.notifications.domain.sentence_rendering import both_times, display_name, evidence_line, render
from services.notifications.domain.sentences import NO_NAME, TEMPLATES

SEOUL = ZoneInfo("Asia/Seoul")
DOUBLED = re.compile(r"[.。!?！？…]\s?[.。?]")
HUAQIAO = ProfileRow(
    id="p-cn",
    country="CN",
    names=Names(zh="华桥汽车电子", en="Huaqiao Auto"),
    legal_name="华桥汽车电子有限公司",
    texts={"t1": Text(lang="zh", text="提供激光雷达的经销渠道")},
)
MATCH = MatchRow(
    id="m",
    parties=["p-cn", "p-kr"],
    expires_at="2026-12-15T01:00:00.000+00:00",
    evidence=[
        Evidence(
            need=EvidenceEntry(profile_id="p-kr", id="n", text_id="t0"),
            offer=EvidenceEntry(profile_id="p-cn", id="o", text_id="t1"),
            fit=0.6,
        )
    ],
)
MEETING = MeetingRow(
    id="t",
    parties=["p-cn", "p-kr"],
    start="2026-12-01T01:00:00.000+00:00",
    venue=Venue(kind="onsite", place="A-12"),
    lapses_at="2026-11-30T01:00:00.000+00:00",
    state="booked",
)


@pytest.mark.parametrize("lang", ["ko", "zh", "en"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_notice_is_whole_in_every_language(template: str, lang: str) -> None:
    shown = render(template, lang, other=HUAQIAO, zone=SEOUL, match=MATCH, meeting=MEETING, count=7)
    assert ("7" if template == PLANNED else display_name(HUAQIAO, lang)) in shown.title
    assert "{" not in shown.text and " - " not in shown.text


def test_every_notice_rule_has_its_sentences() -> None:
    of_matches = {rule.template for rule in MATCH_NOTICE_RULES.values()}
    of_meetings = {rule.template for rule in MEETING_NOTICE_RULES.values()}
    assert of_matches | of_meetings | {ASKED, PLANNED, OFFERED, OFFER_ENDED} == set(TEMPLATES)


@pytest.mark.parametrize(
    ("lang", "when"),
    [
        ("ko", "2026년 12월 1일(화) 10:00 서울 (Asia/Seoul) / 2026년 12월 1일(화) 09:00 베이징 (Asia/Shanghai)"),
        ("zh", "2026年12月1日 周二 10:00 首尔 (Asia/Seoul) / 2026年12月1日 周二 09:00 北京 (Asia/Shanghai)"),
        ("en", "Tue 1 Dec 2026, 10:00 Seoul (Asia/Seoul) / Tue 1 Dec 2026, 09:00 Beijing (Asia/Shanghai)"),
    ],
)
def test_both_local_times_stand_with_their_zones(lang: str, when: str) -> None:
    assert both_times(MEETING.start, lang) == when


@pytest.mark.parametrize(("lang", "name"), [("zh", "华桥汽车电子"), ("en", "Huaqiao Auto"), ("ko", "Huaqiao Auto")])
def test_the_other_side_is_called_what_the_reader_knows(lang: str, name: str) -> None:
    assert display_name(HUAQIAO, lang) == name


@pytest.mark.parametrize("lang", ["ko", "zh", "en"])
@pytest.mark.parametrize("template", ["meeting.move_requested", "meeting.move_lapsed"])
def test_a_notice_of_a_move_says_how_the_meeting_stands_while_it_is_booked(template: str, lang: str) -> None:
    def shown(state: str, **more: Any) -> str:
        meeting = MEETING.model_copy(update={"state": state, **more})
        return render(template, lang, other=HUAQIAO, zone=SEOUL, meeting=meeting).text

    move = Move(start=MEETING.start, end=MEETING.start, venue=MEETING.venue, asked_by="p-cn", lapses_at=MEETING.start)
    when = both_times(MEETING.start, lang)
    assert when in shown("booked") and when in shown("booked", move=move)
    for state in ("cancelled", "completed", "no_show"):
        over = shown(state)
        assert display_name(HUAQIAO, lang) in over and when not in over and "A-12" not in over
        assert shown(state, move=move) == over


def named(name: str | None) -> ProfileRow:
    if name is None:
        return ProfileRow(id="p-cn", state="erased")
    return ProfileRow(id="p-cn", country="CN", names=Names(ko=name, zh=name, en=name), legal_name=name)


@pytest.mark.parametrize("name", ["Hanbit Sensor Co., Ltd.", "QY Tech!", "누구세요?", "한빛。", "iRobot", None])
@pytest.mark.parametrize("lang", ["ko", "zh", "en"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_sentences_are_well_formed_whatever_the_name(template: str, lang: str, name: str | None) -> None:
    move = Move(start=MEETING.start, end=MEETING.start, venue=MEETING.venue, asked_by="p-cn", lapses_at=MEETING.start)
    venue = Venue(kind="onsite", place="COEX, Hall B.")
    for meeting in (MEETING, MEETING.model_copy(update={"move": move, "venue": venue})):
        for count in (1, 2):
            shown = render(template, lang, other=named(name), zone=SEOUL, match=MATCH, meeting=meeting, count=count)
            for sentence in (shown.title, shown.text):
                assert not DOUBLED.search(sentence.replace("...", ""))
                assert not re.search(r"(?:\A|[.!?] )an? ", sentence), "a sentence begins with a capital"
                assert name is None or name in sentence or "{name}" not in "".join(TEMPLATES[template][lang])
    assert not (name == "iRobot" and "IRobot" in shown.title + shown.text)


@pytest.mark.parametrize("lang", ["ko", "zh", "en"])
@pytest.mark.parametrize("zone", ["Asia/Seoul", "Asia/Shanghai", "America/New_York"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_clock_time_has_its_zone(template: str, zone: str, lang: str) -> None:
    move = Move(start=MEETING.start, end=MEETING.start, venue=MEETING.venue, asked_by="p-cn", lapses_at=MEETING.start)
    meeting = MEETING.model_copy(update={"move": move})
    text = render(template, lang, other=HUAQIAO, zone=ZoneInfo(zone), match=MATCH, meeting=meeting, count=2).text
    clocks = re.findall(r"\d\d:\d\d", text)
    assert len(clocks) == len(re.findall(r"\d\d:\d\d [^:()]{0,10}\((?:Asia|America)/\w+\)", text))
    if "{until}" in TEMPLATES[template][lang][1]:
        assert f"({zone})" in text and len(clocks) == 1


@pytest.mark.parametrize(
    ("lang", "deadline", "when"),
    [
        (
            "ko",
            "2027년 1월 5일(화) 00:30 서울 (Asia/Seoul)까지",
            "2027년 1월 1일(금) 00:30 서울 (Asia/Seoul) / 2026년 12월 31일(목) 23:30 베이징 (Asia/Shanghai)",
        ),
        (
            "zh",
            "2027年1月5日 周二 00:30 首尔 (Asia/Seoul)前",
            "2027年1月1日 周五 00:30 首尔 (Asia/Seoul) / 2026年12月31日 周四 23:30 北京 (Asia/Shanghai)",
        ),
        (
            "en",
            "by Tue 5 Jan 2027, 00:30 Seoul (Asia/Seoul)",
            "Fri 1 Jan 2027, 00:30 Seoul (Asia/Seoul) / Thu 31 Dec 2026, 23:30 Beijing (Asia/Shanghai)",
        ),
    ],
)
def test_the_turn_of_a_year_is_told(lang: str, deadline: str, when: str) -> None:
    meeting = MEETING.model_copy(
        update={"start": "2026-12-31T15:30:00.000+00:00", "lapses_at": "2027-01-04T15:30:00.000+00:00"}
    )
    text = render("meeting.requested", lang, other=HUAQIAO, zone=SEOUL, meeting=meeting).text
    assert deadline in text and when in text


def test_one_meeting_is_no_list() -> None:
    one, two = (render(PLANNED, "en", other=None, zone=SEOUL, count=count) for count in (1, 2))
    assert one.title == "Your forum schedule (1)" and "Your meeting at the forum is booked." in one.text
    assert two.title == "Your forum schedule (2)" and "Your 2 meetings at the forum are booked." in two.text


@pytest.mark.parametrize(
    ("lang", "title", "text"),
    [
        ("ko", "포럼 미팅 일정 (남은 미팅 없음)", "포럼에서 앞으로 진행할 미팅이 없습니다."),
        ("zh", "论坛会面日程（已无会面）", "贵方在论坛上目前没有待进行的会面。"),
        ("en", "Your forum schedule (none left)", "You have no booked meetings left at the forum."),
    ],
)
def test_a_plan_of_which_nothing_is_left_says_so(lang: str, title: str, text: str) -> None:
    shown = render(PLANNED, lang, other=None, zone=SEOUL, count=0)
    assert (shown.title, shown.text) == (title, text)


@pytest.mark.parametrize("lang", ["ko", "zh", "en"])
def test_who_is_no_longer_public_has_no_name_left(lang: str) -> None:
    assert display_name(ProfileRow(id="x", state="erased"), lang) == NO_NAME[lang]


@pytest.mark.parametrize(
    ("translation", "line"),
    [
        (None, "提供激光雷达的经销渠道 (원문)"),
        (TranslationRow(id="t1:ko", text="라이다 유통 경로 제공", made_by="human"), "라이다 유통 경로 제공 (번역)"),
        (TranslationRow(id="t1:ko", text="라이다 유통", made_by="machine"), "라이다 유통 (기계 번역)"),
        (
            TranslationRow(id="t1:ko", text="[용어 풀이] 라이다", made_by="gloss"),
            "提供激光雷达的经销渠道 — [용어 풀이] 라이다",
        ),
    ],
)
def test_evidence_is_marked_as_what_it_is(translation: TranslationRow | None, line: str) -> None:
    known = {"t1:ko": translation} if translation else {}
    assert evidence_line(MATCH, HUAQIAO, known, "ko") == line
    assert evidence_line(MATCH, HUAQIAO, known, "zh") == "提供激光雷达的经销渠道"
    assert evidence_line(MATCH, ProfileRow(id="p-cn", state="withdrawn"), known, "ko") is None
