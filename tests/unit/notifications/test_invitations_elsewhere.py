"""Invitations, read back by a library that knows nothing of the one that wrote them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from vobject.base import readOne

from services.notifications.domain.addresses import ascii_address
from services.notifications.mailing.contents import CANCEL, REQUEST, Invitation
from services.notifications.mailing.invitations import to_icalendar

START = dt.datetime(2026, 12, 1, 1, tzinfo=dt.UTC)
INVITATION = Invitation(
    meeting_id="m-1",
    method=REQUEST,
    sequence=0,
    start=START,
    end=START + dt.timedelta(minutes=20),
    country="CN",
    summary="与 미래웨이퍼비전 会谈; 桌位 A-12, 三层",
    description="12月1日 周二 09:00 北京 / 10:00 首尔\n" + "请提前五分钟到场。" * 20,
    location="北京国家会议中心 3层 A-12",
    url="https://meeting.tencent.com/dm/x?a=1,2;b",
    organiser="Magpie <notices@magpie.example>",
    attendee="wang@huaqiao.example",
    attendee_name='王 "小" 明, 经理',
    stamp=START - dt.timedelta(days=3),
)


@pytest.mark.parametrize("country", ["KR", "CN"])
def test_an_invitation_is_read_back_as_it_was_meant(country: str) -> None:
    text = to_icalendar(replace(INVITATION, country=country))
    calendar = readOne(text)
    event = calendar.vevent
    assert (calendar.method.value, event.uid.value, event.sequence.value) == (REQUEST, "m-1@magpie", "0")
    assert event.summary.value == INVITATION.summary and event.description.value == INVITATION.description
    assert event.location.value == INVITATION.location and event.url.value == INVITATION.url
    assert event.dtstart.value == START and event.dtend.value - event.dtstart.value == dt.timedelta(minutes=20)
    assert event.dtstart.value.utcoffset() == dt.timedelta(hours=9 if country == "KR" else 8)
    assert event.attendee.value == "mailto:wang@huaqiao.example" and event.attendee.params["RSVP"] == ["TRUE"]
    assert event.organizer.value == "mailto:notices@magpie.example"
    zones = {zone.tzid.value for zone in calendar.vtimezone_list}
    assert event.dtstart.params["X-VOBJ-ORIGINAL-TZID"][0] in zones == {"Asia/Seoul", "Asia/Shanghai"}
    lines = text.split("\r\n")
    assert "\n" not in "".join(lines) and max(len(line.encode()) for line in lines) <= 75


def test_a_change_and_a_cancellation_follow_the_same_meeting() -> None:
    later = START + dt.timedelta(hours=2)
    moved = replace(INVITATION, sequence=1, start=later, end=later + dt.timedelta(minutes=20))
    read = [readOne(to_icalendar(one)) for one in (INVITATION, moved, replace(moved, method=CANCEL, sequence=2))]
    assert {calendar.vevent.uid.value for calendar in read} == {"m-1@magpie"}
    assert [calendar.vevent.sequence.value for calendar in read] == ["0", "1", "2"]
    assert [calendar.vevent.status.value for calendar in read] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert read[1].vevent.dtstart.value == later and read[2].method.value == CANCEL


def test_an_attendee_is_called_by_the_address_that_the_mail_goes_to() -> None:
    """A URI is ASCII, and calendar programs recognise who is invited by its mailbox."""
    attendee = readOne(to_icalendar(replace(INVITATION, attendee="kim@한빛.한국"))).vevent.attendee.value
    assert attendee == f"mailto:{ascii_address('kim@한빛.한국')}" and attendee.isascii()
