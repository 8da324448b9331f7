"""Mails and invitations, read by other libraries than those that wrote them."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from dateutil.tz import tzical  # type: ignore[import-untyped]
from icalendar import Calendar

from services.notifications.mailing.contents import Invitation, MailContent, MailItem
from services.notifications.mailing.invitations import to_icalendar
from services.notifications.mailing.renderer import MailRenderer
from tests.support.raw_mail import RawMail

START = dt.datetime(2027, 5, 5, 1, 0, tzinfo=dt.UTC)
FAMILY = "👨‍👩‍👧‍👦"
PLACE = "서울 강남구 코엑스 전시장 삼층 에이홀 십이번 부스 한국중국혁신협력관 상담석 " + FAMILY


def invitation(**changes: Any) -> Invitation:
    fields: dict[str, Any] = {
        "meeting_id": "t-1",
        "method": "REQUEST",
        "sequence": 0,
        "start": START,
        "end": START + dt.timedelta(minutes=20),
        "country": "KR",
        "summary": "미팅: 华桥汽车电子",
        "description": "일시: 10:00, 장소: 코엑스; 확정\n둘째 줄",
        "location": PLACE,
        "url": None,
        "organiser": "Magpie <magpie@bridge.example>",
        "attendee": "kim@hanbit.example",
        "attendee_name": "한빛센서",
        "stamp": dt.datetime(2027, 5, 1, tzinfo=dt.UTC),
    }
    return Invitation(**(fields | changes))


def content(**changes: Any) -> MailContent:
    fields: dict[str, Any] = {
        "to": "kim@hanbit.example",
        "sender": "Magpie <magpie@bridge.example>",
        "lang": "ko",
        "items": [MailItem("미팅 확정 — 华桥汽车电子", "확정되었습니다.")],
        "message_id": "<d-1@bridge.example>",
        "attempt": 1,
        "unsubscribe_url": "https://magpie.example/unsubscribe/abc.def",
        "at": dt.datetime(2026, 12, 1, tzinfo=dt.UTC),
    }
    return MailContent(**(fields | changes))


def parsed_mail(**changes: Any) -> RawMail:
    return RawMail(MailRenderer().render(content(**changes)).raw)


def event_of(text: str) -> Any:
    return Calendar.from_ical(text).walk("VEVENT")[0]


@pytest.mark.parametrize("name", ['홍 "길동", 대표: 까치; CEO', "王五^代表", "한빛센서"])
def test_no_line_is_too_long_or_cut_inside_a_character_and_names_come_back_whole(name: str) -> None:
    text = to_icalendar(invitation(attendee_name=name))
    lines = text.encode().split(b"\r\n")
    assert max(map(len, lines)) <= 75 and b"\n" not in b"".join(lines)
    assert all(line.decode() is not None for line in lines)
    found = event_of(text)
    assert str(found["attendee"].params["CN"]) == name
    assert (str(found["location"]), str(found["description"])) == (PLACE, invitation().description)


@pytest.mark.parametrize(("method", "status"), [("REQUEST", "CONFIRMED"), ("CANCEL", "CANCELLED")])
def test_a_calendar_program_can_answer(method: str, status: str) -> None:
    mail = parsed_mail(invitations=[invitation(method=method, sequence=3)])
    assert list(mail.parts) == ["text/plain", "text/html", "text/calendar"]
    part = mail.parts["text/calendar"]
    assert part["Content-Type"] == f"text/calendar; charset=utf-8; method={method}"
    text = part.text
    found = event_of(text)
    assert f"METHOD:{method}" in text.splitlines()
    assert (str(found["status"]), found["sequence"], str(found["uid"])) == (status, 3, "t-1@magpie")
    assert str(found["organizer"]) == "mailto:magpie@bridge.example"
    assert str(found["attendee"]) == "mailto:kim@hanbit.example"
    assert (found["attendee"].params["RSVP"], found["attendee"].params["PARTSTAT"]) == ("TRUE", "NEEDS-ACTION")
    assert found["dtstamp"].dt == dt.datetime(2027, 5, 1, tzinfo=dt.UTC)


def test_a_day_of_meetings_is_one_calendar_and_one_list() -> None:
    """A request is about one meeting (RFC 5546), so several are published; and those have no attendees."""
    several = [invitation(method="PUBLISH", meeting_id=f"t-{n}") for n in range(3)]
    item = MailItem("Your day", "3 meetings", lines=["09:00 | Huaqiao", "09:30 | Lotus\nBcc: x", "10:00 | Beifang"])
    mail = parsed_mail(invitations=several, items=[item])
    text = mail.parts["text/calendar"].text
    assert "METHOD:PUBLISH" in text and "ATTENDEE" not in text
    assert [str(event["uid"]) for event in Calendar.from_ical(text).walk("VEVENT")] == [
        f"t-{n}@magpie" for n in range(3)
    ]
    assert "- 09:00 | Huaqiao\n- 09:30 | Lotus Bcc: x\n- 10:00 | Beifang" in mail.parts["text/plain"].text.replace(
        "\r", ""
    )
    assert mail.parts["text/html"].text.count("<li>") == 3


@pytest.mark.parametrize(
    ("country", "zone", "clock"), [("KR", "Asia/Seoul", "10:00"), ("CN", "Asia/Shanghai", "09:00")]
)
def test_a_reader_that_trusts_the_mails_own_zones_shows_the_right_hour(country: str, zone: str, clock: str) -> None:
    text = to_icalendar(invitation(country=country))
    zones = tzical(io.StringIO(text))
    offsets = {name: zones.get(name).utcoffset(dt.datetime(2027, 5, 5, 12)) for name in zones.keys()}  # noqa: SIM118
    assert offsets == {"Asia/Seoul": dt.timedelta(hours=9), "Asia/Shanghai": dt.timedelta(hours=8)}
    assert text.count("BEGIN:STANDARD") == 2 and "DAYLIGHT" not in text and "RRULE" not in text
    assert f"DTSTART;TZID={zone}:20270505T{clock.replace(':', '')}00" in text


def test_an_online_meeting_has_its_link() -> None:
    found = event_of(to_icalendar(invitation(location="https://meet.example/x", url="https://meet.example/x")))
    assert str(found["url"]) == str(found["location"]) == "https://meet.example/x"


def test_every_mail_can_be_unsubscribed_with_one_click() -> None:
    mail = parsed_mail()
    assert mail["List-Unsubscribe"] == "<https://magpie.example/unsubscribe/abc.def>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert all("https://magpie.example/unsubscribe/abc.def" in part.text for part in mail.parts.values())
    assert mail["Auto-Submitted"] == "auto-generated"


def test_what_others_have_written_stays_text() -> None:
    """A name with a line break adds no header, one with a tag no markup."""
    evil = MailItem("<b>x</b>\r\nBcc: all@world.example", "<script>alert(1)</script> & 확정", "<i>证据</i>")
    mail = parsed_mail(items=[evil])
    assert "Bcc" not in mail.names and mail["Subject"] == "<b>x</b> Bcc: all@world.example"
    plain, html = (part.text for part in mail.parts.values())
    assert "<script>" not in html and "&lt;script&gt;" in html and "&lt;i&gt;证据" in html
    assert "<script>alert(1)</script> & 확정" in plain


@pytest.mark.parametrize(
    ("lang", "subject"),
    [
        ("ko", "새로운 협력 제안 2건이 도착했습니다"),
        ("zh", "您收到2条新的合作建议"),
        ("en", "2 new partners to consider"),
    ],
)
def test_a_digest_says_how_many_and_shows_each(lang: str, subject: str) -> None:
    items = [MailItem("甲", "첫째", "증거 하나"), MailItem("乙", "둘째")]
    mail = parsed_mail(items=items, lang=lang)
    plain, html = (part.text for part in mail.parts.values())
    assert mail["Subject"] == subject and mail["Content-Language"] == lang
    assert all(word in plain and word in html for word in ("甲", "乙", "첫째", "둘째", "증거 하나"))


def test_only_a_repeated_attempt_is_marked() -> None:
    assert "X-Magpie-Attempt" not in parsed_mail().names
    again = parsed_mail(attempt=2)
    assert (again["X-Magpie-Attempt"], again["Message-ID"]) == ("2", "<d-1@bridge.example>")
