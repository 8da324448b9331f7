"""Mail leaves once as far as we can know, repeated and marked where we cannot, and never when it is not wanted."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from deploy.local.system import Servers
from schemas.matches import MatchAgreed, MatchProposed
from schemas.meetings import MeetingBooked, MeetingCancelled, MeetingExpired, MeetingRequested, MeetingRescheduled
from services.chassis.commit.jobs import Claimed, Superseded
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.model.failures import Unavailable
from services.notifications.app import build
from services.notifications.job_kinds import SendJob
from services.notifications.mailing.smtp import smtp_client
from services.notifications.settings import NotificationsSettings
from tests.support.contract import ERASED
from tests.support.postbox import BUSY, CUT, NO_SUCH_USER, Postbox
from tests.support.services import Running, chassis_settings, running

from .forum import MATCH, MEETING, stored_id
from .office import BY_MAIL, KIM, WANG, Office

AGREED = MATCH | {"state": "agreed"}
BOOKED = MEETING | {"state": "booked"}
NIGHT = {"quiet_hours": {"start": "22:00", "end": "08:00"}}


@pytest.fixture
def office(mailing: Running, postbox: Postbox) -> Office:
    return Office(mailing, postbox)


def line(text: str, name: str) -> str:
    return next(found for found in text.splitlines() if found.startswith(name))


async def test_a_meeting_is_booked_moved_and_cancelled_in_its_members_calendars(office: Office) -> None:
    await office.open()
    lee = office.notifications.client("hanbit", sub="lee-1")
    wish = {"profile_id": "p-kr", "lang": "en", "zone": "Asia/Seoul", "email": "lee@hanbit.example", **BY_MAIL}
    assert (await lee.put("/v1/recipients/lee-1", json=wish)).status_code == 201
    await office.confirm("lee@hanbit.example")
    moved = BOOKED | {"start": "2037-12-02T05:00:00.000+00:00", "end": "2037-12-02T05:20:00.000+00:00"}
    await office.tell(MeetingBooked(**BOOKED), "t-1", 1)
    await office.come(WANG, 1)
    await office.tell(MeetingRescheduled(**(moved | {"ical_sequence": 1})), "t-1", 2)
    await office.come(WANG, 2)
    await office.tell(MeetingCancelled(**(moved | {"state": "cancelled", "ical_sequence": 2})), "t-1", 3)
    mails = await office.come(WANG, 3)
    assert ["会面已" in m.mail["Subject"] and "Hanbit Sensor" in m.mail["Subject"] for m in mails] == [True] * 3
    parts = [m.part("calendar") for m in mails]
    assert [line(p, "METHOD") for p in parts] == ["METHOD:REQUEST", "METHOD:REQUEST", "METHOD:CANCEL"]
    assert [line(p, "SEQUENCE") for p in parts] == ["SEQUENCE:0", "SEQUENCE:1", "SEQUENCE:2"]
    assert {line(p, "UID") for p in parts} == {"UID:t-1@magpie"}
    assert [line(p, "DTSTART;") for p in parts][0:2] == [
        "DTSTART;TZID=Asia/Shanghai:20371201T090000",
        "DTSTART;TZID=Asia/Shanghai:20371202T130000",
    ]
    assert "STATUS:CANCELLED" in parts[2] and "ATTENDEE;CN=" in parts[0]
    assert "10:00 首尔 (Asia/Seoul) / 2037年12月1日 周二 09:00 北京 (Asia/Shanghai)" in mails[0].part("plain")
    colleague = (await office.come("lee@hanbit.example", 3))[0]
    assert "Meeting booked with Huaqiao Auto Electronics" in colleague.mail["Subject"]
    assert b"text/calendar" not in colleague.raw
    assert await office.said("lee-1") == [("Queued", None), ("Sent", None)] * 3


async def test_a_plan_is_one_notice_with_the_day_and_one_mail(office: Office) -> None:
    """Three meetings of a forum's plan come as three events; each side has one entry and one mail with all of them."""
    await office.open()
    for n in range(3):
        times = {"start": f"2037-12-01T0{n + 1}:00:00.000+00:00", "end": f"2037-12-01T0{n + 1}:20:00.000+00:00"}
        planned = BOOKED | times | {"meeting_id": f"t-{n}", "match_id": f"m-{n}", "forum_id": "f-1", "plan": 1}
        await office.tell(MeetingBooked(**planned), f"t-{n}", 1)
    (mail,) = await office.come(WANG, 1)
    assert "论坛会面日程已确定（3场）" in mail.mail["Subject"]
    calendar = mail.part("calendar")
    assert line(calendar, "METHOD") == "METHOD:PUBLISH" and calendar.count("BEGIN:VEVENT") == 3
    listed = [one for one in mail.part("plain").splitlines() if one.startswith("- ")]
    assert len(listed) == 3 and all("Hanbit Sensor" in one and "北京 (Asia/Shanghai)" in one for one in listed)
    wang = office.notifications.client("huaqiao", sub="wang-1")
    (entry,) = (await wang.get("/v1/recipients/wang-1/inbox")).json()["items"]
    assert entry["template"] == "forum.planned" and len(entry["lines"]) == 3
    gone = BOOKED | {"meeting_id": "t-1", "match_id": "m-1", "state": "cancelled", "ical_sequence": 1}
    await office.tell(MeetingCancelled(**gone), "t-1", 2)
    await office.come(WANG, 2)
    entries = (await wang.get("/v1/recipients/wang-1/inbox")).json()["items"]
    assert [one["template"] for one in entries] == ["meeting.cancelled", "forum.planned"]
    assert len(entries[1]["lines"]) == 2, "it shows what is booked now"


async def test_a_time_that_a_forum_offers_is_told_to_both_and_its_end_to_who_accepted(office: Office) -> None:
    await office.open()
    offer = MEETING | {"forum_id": "f-1", "accepted_by": [], "lapses_at": "2037-11-30T03:40:00.000+00:00"}
    await office.tell(MeetingRequested(**offer), "t-1", 1)
    for name, said in ((KIM, "빈 시간 안내"), (WANG, "空出时段")):
        (mail,) = await office.come(name, 1)
        assert said in mail.mail["Subject"] and "A-12" in mail.part("plain") and b"text/calendar" not in mail.raw
    await office.tell(MeetingRequested(**offer | {"accepted_by": ["p-kr"]}), "t-1", 2)
    ended = {"state": "expired", "accepted_by": ["p-kr"], "reason": "lapsed"}
    await office.tell(MeetingExpired(**offer | ended), "t-1", 3)
    mails = await office.come(KIM, 2)
    assert "미팅이 잡히지 않았습니다" in mails[1].mail["Subject"]
    templates = [
        [
            one["template"]
            for one in (await office.notifications.client(org, sub=sub).get(f"/v1/recipients/{sub}/inbox")).json()[
                "items"
            ]
        ]
        for org, sub in (("hanbit", "kim-1"), ("huaqiao", "wang-1"))
    ]
    assert templates == [["meeting.offer_ended", "meeting.offered"], ["meeting.offered"]]


async def test_an_address_is_in_its_recipient_and_in_the_mail_only(office: Office, caplog: Any, capsys: Any) -> None:
    await office.open()
    await office.tell(MeetingBooked(**BOOKED), "t-1", 1)
    await office.come(KIM, 1)
    db = office.notifications.service.database.db
    where = [n for n in await db.list_collection_names() if KIM in str(await db[n].find().to_list(None))]
    assert where == ["recipients"]
    records = await office.notifications.records("notifications")
    assert not [r for r in records if KIM.encode() in (r.value or b"")]
    token = office.postbox.to(KIM)[0].mail["List-Unsubscribe"]
    assert (
        "hanbit" not in token and "%40" not in token and token.startswith("<https://magpie.example/told/unsubscribe/")
    )
    assert KIM not in caplog.text and KIM not in "".join(capsys.readouterr())


async def test_trouble_that_passes_is_tried_again_under_the_same_message_id(office: Office) -> None:
    """Busy for a while; the server takes a mail and the connection breaks before it says so."""
    await office.open()
    office.postbox.answers.extend([BUSY, CUT])
    await office.tell(MatchAgreed(**AGREED), "m-1", 1)
    await office.is_in("sent", "kim-1")
    await office.is_in("sent", "wang-1")
    assert len(office.postbox.all) == 4 and len({m.mail["Message-ID"] for m in office.postbox.all}) == 2
    repeated = [m for m in office.postbox.accepted if m.mail["X-Magpie-Attempt"]]
    assert repeated and all(m.mail["X-Magpie-Attempt"] in ("2", "3") for m in repeated)
    assert await office.said("kim-1") == await office.said("wang-1") == [("Queued", None), ("Sent", None)]


@pytest.mark.parametrize("where", ["recipient", "data"])
async def test_what_the_server_refuses_for_good_is_not_tried_again(office: Office, where: str) -> None:
    await office.open(wang={"channels": ["inbox"]})
    (office.postbox.at_recipient if where == "recipient" else office.postbox.answers).append(NO_SUCH_USER)
    await office.tell(MatchAgreed(**AGREED), "m-1", 1)
    failed = await office.is_in("failed", "kim-1")
    await office.time.idle()
    assert [(d["reason"], d["attempts"]) for d in failed] == [("smtp_550", 1)]
    assert office.postbox.accepted == []
    assert await office.said("kim-1") == [("Queued", None), ("Failed", "smtp_550")]


async def test_a_kill_between_the_server_taking_it_and_our_commit_repeats_and_marks_it(office: Office) -> None:
    await office.open(wang={"channels": ["inbox"]})
    workers = office.notifications.service.workers
    real = workers._jobs["send"]
    killed: list[str] = []

    async def apply(uow: UnitOfWork, job: Claimed[SendJob], result: Any) -> None:
        if not killed:
            killed.append(job.id)
            raise Superseded(job.kind)  # as if this process were gone: another one claims the job when the lease ends
        await real.apply(uow, job, result)

    workers._jobs["send"] = dataclasses.replace(real, apply=apply)
    await office.tell(MeetingBooked(**BOOKED), "t-1", 1)
    first, second = await office.come(KIM, 2)
    assert first.mail["Message-ID"] == second.mail["Message-ID"]
    assert (first.mail["X-Magpie-Attempt"], second.mail["X-Magpie-Attempt"]) == ("", "2")
    same = [line(first.part("calendar"), name) == line(second.part("calendar"), name) for name in ("UID", "SEQUENCE")]
    assert same == [True, True]
    assert [d["attempts"] for d in await office.is_in("sent", "kim-1")] == [2]
    assert await office.said("kim-1") == [("Queued", None), ("Sent", None)]


async def test_an_outage_after_the_server_took_it_repeats_and_marks_it(office: Office) -> None:
    """An election, for example: the run counts as no try, and the mail says all the same that it comes again."""
    await office.open(wang={"channels": ["inbox"]})
    workers = office.notifications.service.workers
    real = workers._jobs["send"]
    ended: list[str] = []

    async def work(job: Claimed[SendJob]) -> Any:
        result = await real.work(job)
        if not ended:
            ended.append(job.id)
            raise Unavailable("no primary")
        return result

    workers._jobs["send"] = dataclasses.replace(real, work=work)
    await office.tell(MeetingBooked(**BOOKED), "t-1", 1)
    first, second = await office.come(KIM, 2)
    assert first.mail["Message-ID"] == second.mail["Message-ID"]
    assert (first.mail["X-Magpie-Attempt"], second.mail["X-Magpie-Attempt"]) == ("", "2")
    assert [d["attempts"] for d in await office.is_in("sent", "kim-1")] == [1], "no try of its own was lost"


async def test_a_redelivery_and_a_rewind_send_no_mail_again(office: Office) -> None:
    await office.open()
    await office.tell(MatchAgreed(**(AGREED | {"match_id": "m-2"})), "m-2", 1, id="e-1")
    await office.tell(MeetingBooked(**BOOKED), "t-1", 1, id="e-2")
    await office.come(KIM, 2)
    await office.tell(MeetingBooked(**BOOKED), "t-1", 1, id="e-2")
    service = office.notifications.service
    assert service.listening
    db, consumer = service.database.db, service.listening.consumer
    names = ("deliveries", "entries", "waiting", "mailboxes", "jobs")

    async def state() -> Any:
        await office.notifications.drained()
        return {n: await db[n].find().sort("_id", 1).to_list(None) for n in names}

    before = await state()
    await db.cursors.delete_many({})
    await db.inbox.delete_many({})
    consumer._guards.clear()
    kafka = consumer._kafka()
    assert kafka
    await kafka.seek_to_beginning()

    async def read_again() -> bool:
        cursors = await db.cursors.find().to_list(None)
        return bool(sum(c["next"] for c in cursors) >= 5)

    await office.time.eventually(read_again, "everything read again")
    await office.come(KIM, 2)
    assert await state() == before and len(before["deliveries"]) == 4


async def test_quiet_hours_hold_mail_and_not_the_inbox(office: Office) -> None:
    await office.open(at="2037-11-30T14:00:00+00:00", kim=NIGHT, wang=NIGHT)  # 23:00 in Seoul, 22:00 in Shanghai
    later = BOOKED | {"start": "2037-12-01T05:00:00.000+00:00", "end": "2037-12-01T05:20:00.000+00:00"}
    await office.tell(MeetingBooked(**later), "t-1", 1)
    assert len(await office.told(office.kim, "kim-1", 1)) == 1
    await office.time.eventually(lambda: _deferred(office, "wang-1"), "held")
    assert office.postbox.all == []
    # Whoever gives up quiet hours has it at once; the other one in the morning.
    assert (await office.kim.put("/v1/recipients/kim-1/preferences", json={"quiet_hours": None})).status_code == 200
    await office.come(KIM, 1)
    assert office.postbox.to(WANG) == []
    await office.time.to("2037-11-30T23:59:50+00:00")
    await office.time.idle()
    assert office.postbox.to(WANG) == []
    await office.time.to("2037-12-01T00:00:00+00:00")
    await office.come(WANG, 1)
    assert await office.said("wang-1") == [("Queued", None), ("Deferred", "quiet_hours"), ("Sent", None)]
    assert (await office.is_in("sent", "kim-1"))[0].get("reason") is None


async def _deferred(office: Office, member_id: str) -> bool:
    deliveries = office.notifications.service.database.db.deliveries
    return (
        await deliveries.find_one({"recipient_id": stored_id(member_id), "held_until": {"$exists": True}}) is not None
    )


async def test_what_is_urgent_goes_at_night_and_what_is_over_does_not(office: Office) -> None:
    await office.open(at="2037-11-30T14:00:00+00:00", kim=NIGHT, wang=NIGHT)
    soon = BOOKED | {"start": "2037-11-30T15:30:00.000+00:00", "end": "2037-11-30T15:50:00.000+00:00"}
    over = BOOKED | {"meeting_id": "t-2", "start": "2037-11-30T13:30:00.000+00:00"}
    await office.tell(MeetingBooked(**soon), "t-1", 1)
    await office.come(KIM, 1)
    await office.tell(MeetingBooked(**over), "t-2", 1)
    assert [d["reason"] for d in await office.is_in("suppressed", "kim-1")] == ["too_late"]
    assert len(await office.told(office.kim, "kim-1", 2)) == 2


async def test_a_held_booking_that_is_cancelled_meanwhile_is_not_told_by_mail(office: Office) -> None:
    await office.open(at="2037-11-30T14:00:00+00:00", kim=NIGHT, wang={"channels": ["inbox"]})
    later = BOOKED | {"start": "2037-12-01T05:00:00.000+00:00"}
    await office.tell(MeetingBooked(**later), "t-1", 1)
    await office.time.eventually(lambda: _deferred(office, "kim-1"), "held")
    await office.tell(MeetingCancelled(**(later | {"state": "cancelled", "ical_sequence": 1})), "t-1", 2)
    await office.is_in("suppressed", "kim-1")
    await office.time.to("2037-11-30T23:00:00+00:00")
    (mail,) = await office.come(KIM, 1)
    assert "미팅 취소" in mail.mail["Subject"]
    assert [d["reason"] for d in await office.is_in("suppressed", "kim-1")] == ["superseded"]


async def test_who_goes_leaves_no_delivery_behind(office: Office) -> None:
    await office.open(at="2037-11-30T14:00:00+00:00", kim=NIGHT, wang=NIGHT)
    later = BOOKED | {"start": "2037-12-01T05:00:00.000+00:00"}
    await office.tell(MeetingBooked(**later), "t-1", 1)
    await office.tell(MatchProposed(**(MATCH | {"match_id": "m-2"})), "m-2", 1)
    await office.is_in("queued", "kim-1", 2)
    await office.is_in("queued", "wang-1", 2)
    await office.time.eventually(lambda: _deferred(office, "wang-1"), "held")
    assert (await office.wang.delete("/v1/recipients/wang-1")).status_code == 204
    await office.tell(ERASED, "p-kr", 2)
    db = office.notifications.service.database.db

    async def nothing_left() -> bool:
        there = {"gone": {"$ne": True}}
        counts = [await db[n].count_documents(there) for n in ("deliveries", "entries", "waiting", "recipients")]
        return counts == [0, 0, 0, 0]

    await office.time.eventually(nothing_left, "deliveries and digests gone")
    await office.time.to("2037-12-02T02:00:00+00:00")
    await office.time.idle()
    assert office.postbox.all == []


async def test_without_a_mail_server_the_channel_is_off_and_says_so(
    servers: Servers, run_id: str, tmp_path: Path, postbox: Postbox
) -> None:
    async with running(build(chassis_settings(servers, run_id, tmp_path), NotificationsSettings())) as service:
        office = Office(service, postbox)
        await office.opened(kim={"email": KIM, **BY_MAIL})
        await office.tell(MatchAgreed(**AGREED), "m-1", 1)
        await office.is_in("suppressed", "kim-1")
        assert await office.said("kim-1") == [("Queued", None), ("Suppressed", "email_off")]
        assert len(await office.told(office.kim, "kim-1", 1)) == 1


def test_production_refuses_the_key_that_everybody_knows_and_links_that_nobody_follows() -> None:
    mailing: dict[str, Any] = {"smtp_host": "mail.example", "public_url": "https://magpie.example"}
    with pytest.raises(ValueError, match="UNSUBSCRIBE_KEY"):
        NotificationsSettings(**mailing).link_key(production=True)
    own = mailing | {"unsubscribe_key": "x" * 32}
    assert NotificationsSettings(**own).link_key(production=True) == b"x" * 32
    with pytest.raises(ValueError, match="PUBLIC_URL"):
        NotificationsSettings(**(own | {"public_url": "http://magpie.example"})).link_key(production=True)
    with pytest.raises(ValueError, match="SMTP_FROM"):
        smtp_client(NotificationsSettings(**(own | {"smtp_from": "Magpie"})))
    assert NotificationsSettings(**mailing).link_key(production=False)
    without_mail = NotificationsSettings()
    assert without_mail.link_key(production=True) != without_mail.link_key(production=True)
