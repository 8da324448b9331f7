"""Schedules as pages, PDFs and calendars, read back by libraries that know nothing of us."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
from typing import Any

import pytest
from pypdf import PdfReader
from vobject.base import readOne

from schemas.meetings import Venue
from schemas.profiles import Names
from services.matching.domain.calendar import ZONES
from services.matching.domain.feed import feed_of, hash_of
from services.matching.domain.meeting import Meeting
from services.matching.domain.profile_row import ProfileRow
from services.matching.domain.schedule import Lang, Schedule, of_member, of_table, shown_name
from services.matching.prints import busy_feed, member_feed, schedule_page, schedule_pdf
from services.matching.prints.pdf import _marked
from tests.unit.matching.test_lives import NOW, START, asked

KEY = b"a key of this installation"
KR = ProfileRow(id="a", country="KR", names=Names(ko="한빛로보틱스", en="Hanbit Robotics"))
CN = ProfileRow(id="b", country="CN", names=Names(zh="华桥精密<机器人>", ko="화교정밀"))
ROWS = {"a": KR, "b": CN}


def booked(minutes: int = 0, **fields: Any) -> Meeting:
    start = START + dt.timedelta(minutes=minutes)
    times = {"start": start, "end": start + dt.timedelta(minutes=20)}
    return asked(id=f"t{minutes}", state="booked", at=1_764_500_000_000_000, **(times | fields))


def a_schedule(lang: Lang = "ko", *meetings: Meeting) -> Schedule:
    lines = of_member(meetings or (booked(30), booked()), ROWS, org="hanbit", member_id="kim", lang=lang)
    return Schedule(lang, ZONES["CN" if lang == "zh" else "KR"], lines)


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_a_member_sees_the_other_side_and_a_table_both() -> None:
    assert [line.names for line in a_schedule().lines] == [("화교정밀",), ("화교정밀",)]
    assert [line.start for line in a_schedule().lines] == [START, START + dt.timedelta(minutes=30)]
    assert of_table([booked()], ROWS, lang="zh")[0].names == ("Hanbit Robotics", "华桥精密<机器人>")
    assert of_member([booked()], ROWS, org="huaqiao", member_id="kim", lang="ko") == []


def test_a_name_is_the_one_that_the_reader_knows_best() -> None:
    assert [shown_name(KR, lang) for lang in ("ko", "zh", "en")] == ["한빛로보틱스", *["Hanbit Robotics"] * 2]
    assert shown_name(CN, "en") == "华桥精密<机器人>"
    assert shown_name(None, "zh") == shown_name(ProfileRow(id="x"), "zh") == "（未公开的机构）"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ko", ["내 미팅 일정", "12월 1일 (화)", "서울 시간", "베이징 시간", "10:00–10:20", "09:00–09:20"]),
        ("zh", ["我的会谈日程", "12月1日 周二", "北京时间", "首尔时间"]),
        ("en", ["My meetings", "Tue 1 Dec", "Seoul time", "Beijing time"]),
    ],
)
def test_a_page_and_a_pdf_say_the_same_in_the_readers_language(lang: Lang, words: list[str]) -> None:
    page, pdf = schedule_page(a_schedule(lang), NOW), schedule_pdf(a_schedule(lang), NOW)
    printed = text_of(pdf).replace("\n", "")
    for word in [*words, "A3"]:
        assert word in page and word.replace(" ", "") in printed.replace(" ", ""), word
    assert f'<html lang="{lang}">' in page and "<script" not in page and "http" not in page
    assert page.index("10:00–10:20") < page.index("09:00–09:20") if lang != "zh" else True


@pytest.mark.parametrize("place", ["A3", None])
def test_who_takes_part_remotely_finds_both_links_everywhere(place: str | None) -> None:
    links = {"url": "https://a.example/1", "fallback_url": "https://b.example/2"}
    venue = Venue(kind="onsite" if place else "online", place=place, **links)
    schedule = a_schedule("ko", booked(venue=venue))
    entry = readOne(member_feed(schedule).decode()).vevent
    shown = [
        schedule_page(schedule, NOW),
        text_of(schedule_pdf(schedule, NOW)).replace("\n", ""),
        entry.description.value,
    ]
    for link in links.values():
        assert all(link in text for text in shown)
    assert all((place or "온라인") in text for text in shown[:2]) and entry.location.value == (place or links["url"])


def test_what_others_have_written_stays_text() -> None:
    page = schedule_page(a_schedule("zh"), NOW)
    lines = of_table([booked()], ROWS, lang="zh")
    table = schedule_page(Schedule("zh", ZONES["CN"], lines, of="<b>A3</b>"), NOW)
    assert "华桥精密&lt;机器人&gt;" in page and "&lt;b&gt;A3&lt;/b&gt;" in table
    assert "华桥精密<机器人>" in text_of(schedule_pdf(Schedule("zh", ZONES["CN"], lines), NOW)).replace("\n", "")


def test_a_pdf_is_the_same_each_time_and_small() -> None:
    many = a_schedule("ko", *(booked(10 * n) for n in range(0, 100, 2)))
    assert schedule_pdf(many, NOW) == schedule_pdf(many, NOW)
    assert len(PdfReader(io.BytesIO(schedule_pdf(many, NOW))).pages) > 1 and len(schedule_pdf(many, NOW)) < 60_000
    empty = Schedule("ko", ZONES["KR"], [])
    assert "확정된 미팅이 없습니다." in schedule_page(empty, NOW)
    assert "확정된" in text_of(schedule_pdf(empty, NOW))


def test_an_independent_library_reads_the_feed_back() -> None:
    online = booked(60, venue=Venue(kind="online", url="https://meet.example/a"), ical_sequence=2)
    calendar = readOne(member_feed(a_schedule("ko", booked(), online)).decode())
    first, second = calendar.vevent_list
    assert calendar.method.value == "PUBLISH" and calendar.x_wr_calname.value == "내 미팅 일정"
    assert calendar.vtimezone.tzid.value == "Asia/Seoul"
    assert (first.uid.value, first.summary.value, first.location.value) == ("t0@magpie", "화교정밀 미팅", "A3")
    assert first.dtstart.value == START and first.dtstart.value.utcoffset() == dt.timedelta(hours=9)
    assert second.sequence.value == "2" and second.url.value == "https://meet.example/a"
    assert second.dtend.value - second.dtstart.value == dt.timedelta(minutes=20)


def test_a_busy_feed_says_when_and_nothing_else() -> None:
    text = busy_feed(a_schedule("en")).decode()
    calendar = readOne(text)
    assert [event.summary.value for event in calendar.vevent_list] == ["Busy", "Busy"]
    assert all(word not in text for word in ("화교", "A3", "LOCATION", "DESCRIPTION"))


def test_a_new_address_ends_the_one_before() -> None:
    first = feed_of("hanbit", "kim", "full").renewed("ko", KEY)
    second = first.renewed("ko", KEY)
    assert first.token(KEY) != second.token(KEY) != second.token(b"another")
    assert second.token_hash == hash_of(second.token(KEY)) and second.token(KEY) not in second.model_dump_json()
    assert not second.revoked().token_hash
    assert feed_of("hanbit", "kim", "busy").renewed("ko", KEY).token(KEY) != first.token(KEY)


def test_signs_of_korean_are_printed_in_the_font_that_has_them() -> None:
    decomposed = unicodedata.normalize("NFD", "한빛")
    assert _marked(f"㈜{decomposed}₩㉿") == '<font name="HYSMyeongJo-Medium">㈜한빛₩㉿</font>'
    assert _marked("华桥") == '<font name="STSong-Light">华</font><font name="STSong-Light">桥</font>'
