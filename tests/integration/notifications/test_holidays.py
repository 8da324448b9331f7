"""A table of holidays that matching has loaded holds mail and moves digests, also those that were planned before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.system import Servers
from schemas.calendars import CalendarUpdated
from schemas.matches import MatchProposed
from schemas.meetings import MeetingBooked
from services.matching.app import build as build_matching
from services.matching.settings import MatchingSettings
from services.notifications.domain import projections
from services.notifications.domain.calendars import LIBRARY
from services.notifications.usecases import holiday_table
from tests.support.postbox import Postbox
from tests.support.services import Running, chassis_settings, running

from .forum import MATCH, MEETING
from .office import KIM, NOON, WANG, Office

NIGHT = {"quiet_hours": {"start": "22:00", "end": "08:00"}}
BOOKED = MEETING | {
    "state": "booked",
    "start": "2037-12-10T01:00:00.000+00:00",
    "end": "2037-12-10T01:20:00.000+00:00",
    "lapses_at": None,
}
TUESDAY, NINE, NEXT_NINE = "2037-12-01", "2037-12-01T00:00:00+00:00", "2037-12-02T00:00:00+00:00"
"""The day after NOON, and 09:00 in Seoul on it and on the next one."""


@pytest.fixture
async def matching(servers: Servers, run_id: str, tmp_path: Path) -> AsyncIterator[Running]:
    settings = MatchingSettings(embedder="bigrams-1")
    async with running(build_matching(chassis_settings(servers, run_id, tmp_path), settings)) as service:
        yield service


@pytest.fixture(params=[True, False], ids=["guarded", "unguarded"])
def guarded(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Without its guard notifications knows the library's holidays only."""
    if not request.param:
        monkeypatch.setattr(projections.HolidayRow, "calendar", lambda self: LIBRARY)
    return bool(request.param)


@pytest.fixture
def office(mailing: Running, postbox: Postbox) -> Office:
    return Office(mailing, postbox)


async def load(matching: Running, office: Office, version: str, **days: bool) -> None:
    """An organiser loads a table for Korea at matching, and it arrives here."""
    said = [{"country": "KR", "date": day, "works": works} for day, works in days.items()]
    organiser = matching.client("kic-office", role="organiser", sub="kic-1")
    answer = await organiser.put("/v1/holidays", json={"version": version, "days": said})
    assert answer.status_code == 200, answer.text

    async def arrived() -> bool:
        table = await office.notifications.service.database.db.holidays.find_one({"_id": "holidays"})
        return table is not None and table["version"] == version

    await office.time.eventually(arrived, f"table {version} is here")


async def planned_again(office: Office) -> None:
    """What waited has been planned by the table that is here now."""
    db = office.notifications.service.database.db

    async def done() -> bool:
        await db.jobs.update_many({"kind": "replan", "token": {"$exists": False}}, [{"$set": {"run_at": "$$NOW"}}])
        return await db.jobs.count_documents({"kind": "replan"}) == 0

    await office.time.eventually(done, "planned again")
    await office.time.idle()


async def test_a_table_holds_a_mail_and_moves_a_digest(matching: Running, office: Office, guarded: bool) -> None:
    await load(matching, office, "kr-1", **{TUESDAY: False})
    await office.open(at=NOON, kim=NIGHT, wang=NIGHT)
    await office.tell(MatchProposed(**MATCH), "m-1", 1)
    await office.is_in("queued", "kim-1")
    await office.time.to(NINE)
    await office.come(KIM, 0 if guarded else 1)
    await office.tell(MeetingBooked(**BOOKED), "t-1", 1)
    await office.come(WANG, 1)  # for China it is a day like any other
    await office.come(KIM, 0 if guarded else 2)
    if guarded:
        (held,) = [d for d in await office.is_in("queued", "kim-1", 2) if d["template"] == "meeting.booked"]
        assert (held["reason"], held["held_until"].isoformat()) == ("public_holiday", NEXT_NINE)
    await office.time.to(NEXT_NINE)
    assert len(await office.come(KIM, 2)) == 2


@pytest.mark.parametrize("guarded", [True, False])
async def test_what_waits_is_planned_again_when_a_holiday_is_taken_back(
    matching: Running, office: Office, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """More recipients than one job takes: each job goes on where the one before has ended."""
    monkeypatch.setattr(holiday_table, "AT_ONCE", 1)
    if not guarded:

        async def nothing(*args: Any, **more: Any) -> None: ...

        monkeypatch.setattr(holiday_table, "replan_waiting", nothing)
    days = {TUESDAY: False, "2037-11-30": False}
    await load(matching, office, "kr-1", **days)
    await office.open(at=NOON, kim=NIGHT, wang=NIGHT)
    await office.tell(MatchProposed(**MATCH), "m-1", 1)
    await office.is_in("queued", "wang-1")
    await office.tell(MeetingBooked(**BOOKED), "t-1", 1)
    await office.come(WANG, 1)
    await office.come(KIM, 0)
    await load(matching, office, "kr-2")
    await planned_again(office)
    await office.come(KIM, 1 if guarded else 0)  # what was held leaves at once
    await office.time.to(NINE)
    await office.come(KIM, 2 if guarded else 0)  # the digest at nine, and not a day later
    await office.time.to(NEXT_NINE)
    await office.come(KIM, 2)


async def test_an_older_table_and_one_with_another_key_change_nothing(office: Office) -> None:
    tables = office.notifications.service.database.db.holidays
    told = (("b", "holidays", 2), ("a", "holidays", 1), ("x", "unknown", 3), ("c", "holidays", 3))
    for version, key, sequence in told:
        await office.tell(CalendarUpdated(calendar_id=key, version=version), key, sequence)

    async def last() -> bool:
        return bool(await tables.count_documents({"version": "c", "sequence": 3}))

    await office.time.eventually(last, "the last table is here")
    await office.notifications.drained()
    assert [table["version"] for table in await tables.find().to_list(None)] == ["c"]
