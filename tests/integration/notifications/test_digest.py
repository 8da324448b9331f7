"""Proposals come once a day: what has waited, in one mail, at nine where its reader is, in the reader's language."""

from __future__ import annotations

import dataclasses
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from schemas.common import Text, text_id
from schemas.matches import MatchProposed, MatchWithdrawn
from schemas.meetings import MeetingBooked
from schemas.translations import TextTranslated
from services.chassis.commit.jobs import Claimed, Superseded
from services.chassis.commit.unit_of_work import UnitOfWork
from services.notifications.job_kinds import SendJob
from tests.support.postbox import Postbox
from tests.support.services import Running

from .forum import MATCH, MEETING, OFFER
from .office import BY_MAIL, KIM, WANG, Office

EVENING = "2037-11-30T10:00:00+00:00"
NINE_IN_SEOUL = "2037-12-01T00:00:00+00:00"
NEXT_DAY = "2037-12-02T00:00:00+00:00"
INBOX_ONLY = {"channels": ["inbox"]}


@pytest.fixture
async def office(mailing: Running, postbox: Postbox) -> Office:
    office = Office(mailing, postbox)
    await office.open(at=EVENING, wang=INBOX_ONLY)
    return office


async def proposed(office: Office, *ids: str, recipient_id: str = "kim-1") -> None:
    for id in ids:
        await office.tell(MatchProposed(**(MATCH | {"match_id": id})), id, 1)
    await office.is_in("queued", recipient_id, len(ids))


async def translated(office: Office, text: str, sequence: int = 1, **more: Any) -> None:
    id = text_id(OFFER.text)
    said = Text(lang="ko", text=text)
    event = TextTranslated(text_id=id, source="zh", translation=said, made_by="machine", engine="e-1", **more)
    await office.tell(event, f"{id}:ko", sequence)

    async def there() -> bool:
        row = await office.notifications.service.database.db.translations.find_one({"_id": f"{id}:ko"})
        return row is not None and row["sequence"] == sequence

    await office.time.eventually(there, "the translation is here")


async def test_three_proposals_are_one_mail_at_nine(office: Office) -> None:
    await proposed(office, "m-1", "m-2", "m-3")
    await translated(office, "라이다 유통 경로를 제공합니다")
    await office.time.to("2037-11-30T23:59:00+00:00")
    await office.time.idle()
    assert office.postbox.all == [] and len(await office.told(office.kim, "kim-1", 3)) == 3
    await office.time.to(NINE_IN_SEOUL)
    (mail,) = await office.come(KIM, 1)
    assert mail.mail["Subject"] == "새로운 협력 제안 3건이 도착했습니다"
    assert mail.part("plain").count("라이다 유통 경로를 제공합니다 (기계 번역)") == 3
    await office.time.to(NEXT_DAY)
    await office.come(KIM, 1)
    assert await office.said("kim-1") == [("Queued", None)] * 3 + [("Sent", None)] * 3


async def test_a_kill_while_a_digest_is_sent_repeats_it_and_a_fourth_waits_for_the_next(office: Office) -> None:
    workers = office.notifications.service.workers
    real, killed = workers._jobs["send"], list[str]()

    async def apply(uow: UnitOfWork, job: Claimed[SendJob], result: Any) -> None:
        if not killed:
            killed.append(job.id)
            raise Superseded(job.kind)
        await real.apply(uow, job, result)

    workers._jobs["send"] = dataclasses.replace(real, apply=apply)
    await proposed(office, "m-1", "m-2", "m-3")
    await translated(office, "라이다 유통 경로")
    await office.time.to(NINE_IN_SEOUL)
    await office.time.eventually(lambda: killed, "the first attempt was not recorded")
    await office.tell(MatchProposed(**(MATCH | {"match_id": "m-4"})), "m-4", 1)
    await office.is_in("queued", "kim-1", 1)
    first, again = await office.come(KIM, 2)
    assert first.mail["Message-ID"] == again.mail["Message-ID"] and again.mail["X-Magpie-Attempt"] == "2"
    assert first.part("plain") == again.part("plain") and "3건" in again.mail["Subject"]
    await office.time.to(NEXT_DAY)
    fourth = (await office.come(KIM, 3))[2]
    assert "새로운 협력 제안 — " in fourth.mail["Subject"]
    assert fourth.mail["Message-ID"] != first.mail["Message-ID"]
    assert len(await office.is_in("sent", "kim-1", 4)) == 4


async def test_a_digest_job_that_runs_twice_sends_once(office: Office) -> None:
    """Its second run, from a job of the same cause that is planned again, finds nothing that waits."""
    await proposed(office, "m-1")
    await translated(office, "라이다")
    jobs = office.notifications.service.database.db.jobs
    job = await jobs.find_one({"kind": "digest"})
    assert job
    await office.time.to(NINE_IN_SEOUL)
    await office.come(KIM, 1)
    await jobs.insert_one(job)
    await office.come(KIM, 1)


async def test_what_is_withdrawn_before_nine_is_not_mailed(office: Office) -> None:
    await proposed(office, "m-1", "m-2", "m-3")
    for id in ("m-1", "m-2", "m-3"):
        await office.tell(MatchWithdrawn(**(MATCH | {"match_id": id, "state": "withdrawn"})), id, 2)

    async def withdrawn() -> bool:
        rows = office.notifications.service.database.db.matches
        return bool(await rows.count_documents({"state": "withdrawn"}) == 3)

    await office.time.eventually(withdrawn, "all three withdrawn here")
    await office.time.to(NINE_IN_SEOUL)
    gone = await office.is_in("suppressed", "kim-1", 3)
    await office.time.idle()
    assert {d["reason"] for d in gone} == {"no_longer_open"} and office.postbox.all == []
    assert len(await office.told(office.kim, "kim-1", 3)) == 3


async def test_a_digest_follows_its_reader_to_another_zone_language_and_address(office: Office) -> None:
    wish = {"profile_id": "p-cn", "lang": "zh", "zone": "Asia/Shanghai", "email": WANG, **BY_MAIL}
    assert (await office.wang.put("/v1/recipients/wang-1", json=wish)).status_code == 200
    await proposed(office, "m-1", recipient_id="wang-1")
    await office.time.to("2037-12-01T00:00:00+00:00")  # 08:00 in Shanghai, 16:00 the day before in Los Angeles
    away = wish | {"zone": "America/Los_Angeles", "lang": "en", "email": "wang@away.example"}
    assert (await office.wang.put("/v1/recipients/wang-1", json=away)).status_code == 200
    await office.confirm("wang@away.example")
    await office.time.to("2037-12-01T01:00:00+00:00")
    await office.time.idle()
    await office.time.to("2037-12-01T16:59:00+00:00")
    await office.time.idle()
    assert office.postbox.to(WANG) == office.postbox.to("wang@away.example") == []
    await office.time.to("2037-12-01T17:00:00+00:00")
    (mail,) = await office.come("wang@away.example", 1)
    assert mail.mail["Subject"] == "A partner to consider: Hanbit Sensor"
    await office.time.to("2037-12-03T17:00:00+00:00")
    await office.time.idle()
    assert office.postbox.to(WANG) == [] and len(office.postbox.to("wang@away.example")) == 1


async def test_a_digest_waits_a_little_for_a_translation_and_then_shows_the_original(office: Office) -> None:
    await office.time.to("2037-11-30T23:59:59+00:00")
    await proposed(office, "m-1")
    await office.time.to(NINE_IN_SEOUL)
    (mail,) = await office.come(KIM, 1)
    assert f"{OFFER.text.text} (원문)" in mail.part("plain")
    event_at, sent_at = (
        (await office.is_in("sent", "kim-1"))[0]["happened_at"],
        parsedate_to_datetime(mail.mail["Date"]),
    )
    assert (sent_at - event_at).total_seconds() >= 2  # 3 s are set; the header has whole seconds


async def test_a_flagged_translation_is_not_shown_and_not_waited_for(office: Office) -> None:
    await proposed(office, "m-1")
    await translated(office, "엉뚱한 말", flags=["numbers"])
    item = (await office.told(office.kim, "kim-1", 1))[0]
    assert item["evidence"] == f"{OFFER.text.text} (원문)"
    await translated(office, "라이다 유통 경로", 2)
    assert (await office.told(office.kim, "kim-1", 1))[0]["evidence"] == "라이다 유통 경로 (기계 번역)"


async def test_one_click_ends_the_digests_and_nothing_else(office: Office) -> None:
    """Programs that look at links change nothing; the button does, once or twice; bookings still come."""
    await proposed(office, "m-1")
    await translated(office, "라이다")
    await office.time.to(NINE_IN_SEOUL)
    (mail,) = await office.come(KIM, 1)
    path = mail.mail["List-Unsubscribe"].strip("<>").removeprefix("https://magpie.example/told")
    anybody = office.notifications.client(None)
    for method in ("GET", "HEAD") * 5:
        assert (await anybody.request(method, path)).status_code == 200
    page = (await anybody.get(path)).text
    assert '<form method="post">' in page and "kim" not in page
    assert (await office.kim.get("/v1/recipients/kim-1")).json()["digest"] is True
    changed = path[:-3] + ("abc" if not path.endswith("abc") else "xyz")
    one_click = {"List-Unsubscribe": "One-Click"}
    for method in ("GET", "POST"):
        assert (await anybody.request(method, changed)).status_code == 404
    for _ in range(2):
        assert (await anybody.post(path, data=one_click)).status_code == 200
    assert (await office.kim.get("/v1/recipients/kim-1")).json()["digest"] is False
    await proposed(office, "m-2")
    await office.tell(MeetingBooked(**(MEETING | {"state": "booked", "start": "2037-12-04T01:00:00+00:00"})), "t-1", 1)
    await office.come(KIM, 2)
    await office.time.to(NEXT_DAY)
    assert [d["reason"] for d in await office.is_in("suppressed", "kim-1")] == ["unsubscribed"]
    await office.come(KIM, 2)


async def test_preferences_are_ones_own_and_what_is_not_named_stays(office: Office) -> None:
    path = "/v1/recipients/kim-1/preferences"
    quiet = {"start": "22:00", "end": "08:00"}
    assert (await office.kim.put(path, json={"quiet_hours": quiet, "digest": False})).status_code == 200
    answer = await office.kim.put(path, json={"channels": ["inbox"]})
    found = answer.json()
    assert (found["quiet_hours"], found["digest"], found["channels"]) == (quiet, False, ["inbox"])
    assert found["email"] == KIM and (await office.kim.put(path, json={"channels": ["inbox"]})).json() == found
    stale = await office.kim.put(path, json={"digest": True}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert "quiet_hours" not in (await office.kim.put(path, json={"quiet_hours": None})).json()
    assert (await office.wang.put(path, json={"digest": True})).status_code == 404
    assert (await office.notifications.client(None).put(path, json={})).status_code == 401
    no_address = await office.wang.put("/v1/recipients/wang-1", json={"profile_id": "p-cn", "lang": "zh"} | ZONE)
    assert no_address.status_code == 200
    for client, change, pointer in (
        (office.kim, {"quiet_hours": {"start": "22:00", "end": "24:00"}}, "/quiet_hours/end"),
        (office.kim, {"quiet_hours": {"start": "22:00", "end": "22:00"}}, "/quiet_hours/end"),
        (office.kim, {"channels": []}, "/channels"),
        (office.kim, {"channels": None}, "/channels"),
        (office.kim, {"colour": 1}, "/colour"),
        (office.wang, {"channels": ["email"]}, "/channels"),
    ):
        its = path if client is office.kim else "/v1/recipients/wang-1/preferences"
        refused = await client.put(its, json=change)
        assert refused.status_code == 422, refused.text
        assert [e["pointer"] for e in refused.json()["errors"]] == [pointer]
    registered = {"profile_id": "p-cn", "lang": "zh", **ZONE, "channels": ["email"]}
    refused = await office.wang.put("/v1/recipients/wang-1", json=registered)
    assert [e["pointer"] for e in refused.json()["errors"]] == ["/channels"]


ZONE = {"zone": "Asia/Shanghai"}
