"""Mail servers as they are: a real one that answers as providers do, and breaks as lines do."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.system import Servers
from schemas.matches import MatchAgreed
from schemas.meetings import MeetingBooked, MeetingCancelled, MeetingRescheduled
from schemas.profiles import Names
from services.notifications import store
from services.notifications.app import build
from services.notifications.domain import smtp_replies
from services.notifications.domain.notice_records import CalendarTurn
from services.notifications.domain.recipients import Recipient
from services.notifications.mailing import smtp
from services.notifications.mailing.contents import OutgoingMail
from services.notifications.mailing.smtp import SmtpClient, SmtpServer
from services.notifications.settings import NotificationsSettings
from services.notifications.usecases import send_mail
from services.notifications.usecases.send_mail import SendMail
from tests.support.postbox import BUSY, CUT, Postbox
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually

from .forum import CHINESE, MATCH, MEETING
from .office import BY_MAIL, KIM, WANG, Office

AGREED = MATCH | {"state": "agreed"}
BOOKED = MEETING | {"state": "booked"}
NO_WANG = {"channels": ["inbox"]}
GONE = "550 5.1.1 <kim@hanbit.example>: user unknown"
ME = "/v1/recipients/kim-1"


@pytest.fixture
def office(mailing: Running, postbox: Postbox) -> Office:
    return Office(mailing, postbox)


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("answer", ["550 Connection frequency limited", "554 MI:STC 163 smtp7,abc", "554 HL:IPB 126"])
@pytest.mark.parametrize("where", ["recipient", "data"])
async def test_what_a_provider_means_as_later_is_tried_again_and_sent_once(
    office: Office, monkeypatch: pytest.MonkeyPatch, where: str, answer: str, guarded: bool
) -> None:
    """K6"""
    if not guarded:
        monkeypatch.setattr(smtp_replies, "_KNOWN", [])
        monkeypatch.setattr(smtp_replies, "_COMMON", [])
    await office.open(wang=NO_WANG)
    (office.postbox.at_recipient if where == "recipient" else office.postbox.answers).extend([answer, answer])
    await office.tell(MatchAgreed(**AGREED), "m-1", 1)
    if not guarded:
        assert [d["reason"] for d in await office.is_in("failed", "kim-1")] == [f"smtp_{answer[:3]}"]
        return
    (mail,) = await office.come(KIM, 1)
    assert mail.mail["X-Magpie-Attempt"] == "3"
    assert await office.said("kim-1") == [("Queued", None), ("Sent", None)]


async def test_a_sender_that_comes_too_often_waits_and_is_not_refused(office: Office) -> None:
    await office.open(wang=NO_WANG)
    office.postbox.at_sender.extend(["550 Connection frequency limited", "421 HL:ICC 163", "550 5.7.1 sender denied"])
    await office.tell(MatchAgreed(**AGREED), "m-1", 1)
    (mail,) = await office.come(KIM, 1)
    assert mail.mail["X-Magpie-Attempt"] in ("3", "4"), "421 on a kept line opens another one at once"


@pytest.mark.parametrize("guarded", [True, False])
async def test_no_such_address_is_asked_once_and_its_member_is_told(
    office: Office, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(Recipient, "with_refused_address", lambda self, code, now: self)
    await office.open(wang=NO_WANG)
    office.postbox.at_recipient.append(GONE)
    await office.tell(MatchAgreed(**AGREED), "m-1", 1)
    assert [d["reason"] for d in await office.is_in("failed", "kim-1")] == ["smtp_550"]
    office.postbox.asked.clear()
    await office.tell(MeetingBooked(**BOOKED), "t-1", 1)
    if not guarded:
        await office.come(KIM, 1)
        return
    assert [d["reason"] for d in await office.is_in("suppressed", "kim-1")] == ["address_unconfirmed"]
    await office.time.idle()
    assert office.postbox.asked == [], "the server is not asked again"
    shown = (await office.kim.get(ME)).json()
    assert (shown["email"], shown["email_confirmed"], shown["email_refused"]["code"]) == (KIM, False, 550)
    own = [n for n in await office.inbox(office.kim, "kim-1", lang="zh") if n["template"] == "address.refused"]
    assert [(n["title"], n["about"]) for n in own] == [("请检查您的邮箱地址", {})]
    same = {"profile_id": "p-kr", "lang": "ko", "zone": "Asia/Seoul", "email": KIM, **BY_MAIL}
    assert (await office.kim.put(ME, json=same)).json()["email_refused"], "the same address is still that one"
    assert (await office.kim.post(f"{ME}/confirmation")).status_code == 200
    await office.confirm(KIM)
    assert "email_refused" not in (await office.kim.get(ME)).json()
    await office.tell(MatchAgreed(**(AGREED | {"match_id": "m-2"})), "m-2", 1)
    await office.come(KIM, 1)


async def test_an_address_that_never_was_is_told_when_it_is_asked_to_confirm(office: Office) -> None:
    await office.open(wang=NO_WANG)
    office.postbox.at_recipient.append(GONE)
    wish = {"profile_id": "p-kr", "lang": "en", "zone": "Asia/Seoul", "email": "typo@hanbit.example", **BY_MAIL}
    assert (await office.kim.put(ME, json=wish)).json().get("email_refused") is None

    async def told() -> bool:
        return (await office.kim.get(ME)).json().get("email_refused") is not None

    await office.time.eventually(told, "the address is refused")
    assert [n["template"] for n in await office.inbox(office.kim, "kim-1")] == ["address.refused"]
    assert (await office.kim.put(ME, json=wish | {"email": KIM})).json().get("email_refused") is None


@pytest.mark.parametrize("guarded", [True, False])
async def test_many_mails_go_over_one_line(office: Office, monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    if not guarded:
        channel = office.notifications.service.workers._jobs["send"].work.__self__.channel  # type: ignore[attr-defined]
        channel.smtp.server = dataclasses.replace(channel.smtp.server, mails_per_line=1)
    await office.open()
    office.postbox.lines.clear()
    for n in range(8):
        await office.tell(MatchAgreed(**(AGREED | {"match_id": f"m-{n}"})), f"m-{n}", 1)
    await office.come(KIM, 8)
    await office.come(WANG, 8)
    assert (len(office.postbox.lines) <= 2) is guarded, office.postbox.lines


async def test_a_line_that_was_cut_between_two_mails_is_opened_again_at_once(office: Office) -> None:
    office.postbox.hangs_up_after_each = True
    await office.open(wang=NO_WANG)
    for n in range(3):
        await office.tell(MatchAgreed(**(AGREED | {"match_id": f"m-{n}"})), f"m-{n}", 1)
        await office.come(KIM, n + 1)
    assert [m.mail["X-Magpie-Attempt"] for m in office.postbox.to(KIM)] == ["", "", ""]


def limited(office: Office, **limits: Any) -> None:
    sending: SendMail = office.notifications.service.workers._jobs["send"].work.__self__  # type: ignore[attr-defined]
    object.__setattr__(sending, "limits", dataclasses.replace(sending.limits, **limits))


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_mail_whose_line_breaks_each_time_is_repeated_under_one_id_and_not_without_end(
    office: Office, guarded: bool
) -> None:
    await office.open(wang=NO_WANG)
    limited(office, unsure_seconds=0.0, unsure_tries=5 if guarded else 1_000, tries=8)
    office.postbox.always = CUT
    await office.tell(MeetingBooked(**BOOKED), "t-1", 1)
    failed = await office.is_in("failed", "kim-1")
    await office.time.idle()
    copies = office.postbox.all
    assert len(copies) == (5 if guarded else 8), [d["reason"] for d in failed]
    assert len({m.mail["Message-ID"] for m in copies}) == 1
    assert [m.mail["X-Magpie-Attempt"] for m in copies[:5]] == ["", "2", "3", "4", "5"]
    assert [d["reason"] for d in failed] == ["gave_up"]


async def test_after_a_long_outage_only_the_last_state_is_sent(office: Office) -> None:
    await office.open(wang=NO_WANG)
    office.postbox.always = BUSY
    moved = BOOKED | {"start": "2037-12-02T05:00:00.000+00:00", "end": "2037-12-02T05:20:00.000+00:00"}
    await office.tell(MeetingBooked(**BOOKED), "t-1", 1)
    await office.is_in("attempting", "kim-1", 1)
    await office.tell(MeetingRescheduled(**(moved | {"ical_sequence": 1})), "t-1", 2)
    await office.is_in("attempting", "kim-1", 1)
    await office.tell(MeetingCancelled(**(moved | {"state": "cancelled", "ical_sequence": 2})), "t-1", 3)
    await office.is_in("suppressed", "kim-1", 2)
    office.postbox.always = None
    (mail,) = await office.come(KIM, 1)
    assert "METHOD:CANCEL" in mail.part("calendar") and "SEQUENCE:2" in mail.part("calendar")


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_request_that_is_under_way_is_never_overtaken_by_its_cancellation(
    office: Office, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Another replica would send the CANCEL while the REQUEST stands at a slow server; and what is older than the last
    mail is not sent at all."""
    await office.open(wang=NO_WANG)
    database = office.notifications.service.database
    if not guarded:

        async def taken(database: Any, wanted: Any) -> str:
            return "taken"

        monkeypatch.setattr(store, "take_turn", taken)
    until = database.now() + dt.timedelta(hours=1)
    request = CalendarTurn(
        id="hanbit:kim-1/t-1", recipient_id="hanbit:kim-1", holder="other replica", until=until, sequence=0
    )
    await store.take_turn(database, request)
    await office.tell(MeetingCancelled(**(BOOKED | {"state": "cancelled", "ical_sequence": 1})), "t-1", 3)
    if not guarded:
        await office.come(KIM, 1)
        return
    await office.is_in("attempting", "kim-1")
    assert office.postbox.to(KIM) == []
    await store.end_turn(database, request)
    await office.come(KIM, 1)
    again = request.model_copy(update={"until": until})
    assert await store.take_turn(database, again) == "passed", "SEQUENCE never falls"
    newer = request.model_copy(update={"sequence": 1, "holder": "one"})
    assert await store.take_turn(database, newer) == "taken"
    assert await store.take_turn(database, newer) == "taken", "a killed process is followed by the same mail"
    assert await store.take_turn(database, newer.model_copy(update={"holder": "two", "sequence": 2})) == "waits"


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_server_that_takes_a_request_late_has_it_before_the_cancellation(office: Office, guarded: bool) -> None:
    """It has the whole REQUEST, and says so after we have hung up. The CANCEL waits until it must have done with it,
    and the REQUEST is not sent once more."""
    await office.open(wang=NO_WANG)
    limited(office, late_seconds=8.0 if guarded else 0.0)
    office.postbox.slow_seconds.append(3.0 if guarded else 60.0)  # we wait for 1 s
    await office.tell(MeetingBooked(**BOOKED), "t-1", 1)
    await office.time.eventually(lambda: not office.postbox.slow_seconds, "the server has it in hand")
    await office.tell(MeetingCancelled(**(BOOKED | {"state": "cancelled", "ical_sequence": 1})), "t-1", 2)
    mails = await office.come(KIM, 2 if guarded else 1)
    order = ["CANCEL" if "METHOD:CANCEL" in mail.part("calendar") else "REQUEST" for mail in mails]
    assert order == (["REQUEST", "CANCEL"] if guarded else ["CANCEL"])


async def test_an_attempt_ends_before_the_next_one_may_begin(postbox: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it waits for: the line that others have, or a server that has the mail."""
    assert smtp.MAX_WAIT_SECONDS + smtp.MAX_SEND_SECONDS < send_mail.TURN_SECONDS
    monkeypatch.setattr(smtp, "MAX_WAIT_SECONDS", 0.2)
    monkeypatch.setattr(smtp, "MAX_SEND_SECONDS", 1.0)
    client = SmtpClient(SmtpServer(postbox.host, postbox.port, "a@bridge.example", tls="none"))
    mail = OutgoingMail("a@bridge.example", KIM, b"Subject: one\r\n\r\none\r\n")
    postbox.slow_seconds.append(60.0)
    first = asyncio.ensure_future(client.send(mail))
    await eventually(lambda: not postbox.slow_seconds, "the server has it in hand")
    with pytest.raises(smtp.LineIsTaken):
        await client.send(mail)
    with pytest.raises(smtp.MayHaveArrived) as unsure:
        await first
    assert unsure.value.is_with_server
    await client.send(mail)
    client.close()


KOREAN_NAME, CHINESE_NAME = '한빛 "센서" — 까치; 주식회사, 서울', "北京华桥汽车电子（集团）有限公司，𠮷林・分部"


@pytest.fixture
async def named(servers: Servers, run_id: str, tmp_path: Path, postbox: Postbox) -> AsyncIterator[Running]:
    """A sender with a Korean name."""
    settings = NotificationsSettings(
        smtp_host=postbox.host,
        smtp_port=postbox.port,
        smtp_tls="none",
        smtp_from="한중 혁신 까치 <magpie@bridge.example>",
        collapse_seconds=0.0,
    )
    async with running(build(chassis_settings(servers, run_id, tmp_path), settings)) as service:
        yield service


async def test_korean_and_chinese_arrive_as_they_were_written(named: Running, postbox: Postbox) -> None:
    """Subject, names and addresses, read from the raw bytes by a reader that is not Python's `email`."""
    office = Office(named, postbox)
    await office.open(kim={"email": "kim@한빛센서.한국"}, wang={"email": "wang@华桥电子.中国"})
    names = Names(ko=KOREAN_NAME, zh=CHINESE_NAME, en=None)
    await office.tell(CHINESE.model_copy(update={"names": names}), "p-cn", 2)
    rows = named.service.database.db.profiles

    async def renamed() -> bool:
        return bool(await rows.count_documents({"names.ko": KOREAN_NAME}))

    await office.time.eventually(renamed, "the name has arrived")
    await office.tell(MeetingBooked(**BOOKED), "t-1", 1)
    (mail,) = await office.come("kim@xn--xx3bk4czco05g.xn--3e0b707e", 1)
    assert mail.mail["Subject"] == f"미팅 확정 — {KOREAN_NAME}"
    assert mail.mail["From"] == "한중 혁신 까치 <magpie@bridge.example>"
    assert mail.mail["To"] == "<kim@xn--xx3bk4czco05g.xn--3e0b707e>"
    assert KOREAN_NAME in mail.part("plain") and KOREAN_NAME in unfolded(mail.part("calendar"))
    (other,) = await office.come("wang@xn--xkr49pbml4om.xn--fiqs8s", 1)
    calendar = unfolded(other.part("calendar"))
    assert f'CN="{CHINESE_NAME}"' in calendar.replace("CN=" + CHINESE_NAME, f'CN="{CHINESE_NAME}"')
    assert all(len(line.encode()) <= 75 for line in other.part("calendar").split("\r\n"))


def unfolded(text: str) -> str:
    return text.replace("\r\n ", "").replace("\\;", ";").replace("\\,", ",")


async def test_the_line_is_closed_when_nothing_is_left_to_send(postbox: Postbox) -> None:
    server = SmtpServer(postbox.host, postbox.port, "Magpie <magpie@bridge.example>", tls="none", keep_seconds=0.05)
    client = SmtpClient(server)
    await client.send(OutgoingMail("magpie@bridge.example", KIM, b"Subject: x\r\n\r\nx\r\n"))
    await eventually(lambda: client._line is None, "the line is closed")
