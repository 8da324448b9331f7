"""A table of holidays is loaded while the service runs: two replicas, bookings that it touches, slots and a metric."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from deploy.local.system import Servers
from services.matching import metrics
from services.matching.app import build
from services.matching.encoder import Encoder
from services.matching.settings import MatchingSettings
from services.matching.usecases import holiday_table
from tests.integration.matching.bridge import HALL, Bridge
from tests.support.days import EVE, FIRST_DAY, SECOND_DAY
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually

from .test_moving import day_of

KST = dt.timezone(dt.timedelta(hours=9))


def table(start: str, version: str = "kr-1", *, works: bool = False, country: str = "KR") -> dict[str, Any]:
    day = dt.datetime.fromisoformat(start).astimezone(KST).date().isoformat()
    return {"version": version, "days": [{"country": country, "date": day, "works": works}], "announced": {}}


async def put(matching: Running, body: Any, role: str = "organiser", **headers: str) -> Any:
    client = matching.client("kic-office", role=role, sub="kic-1")
    return await client.put("/v1/holidays", json=body, headers=headers)


def beyond_the_usual_check() -> str:
    """Two days before a meeting its calendar is looked at in any case, with or without a new table."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).isoformat()


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_booking_that_a_new_table_touches_is_a_conflict_at_once_and_once(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(holiday_table, "closed_country", lambda start, calendar: None)
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    day = day_of([start for start in await bridge.free(match_id) if start > beyond_the_usual_check()])
    id = (await bridge.booked(match_id, day[0]))["meeting_id"]
    asked = await bridge.requested(match_id, day[4])
    assert (await put(matching, table(day[0]))).status_code == 200
    db = matching.service.database.db

    async def looked() -> bool:
        return (
            await db.jobs.count_documents(
                {"kind": {"$in": ["recheck", "recheck_all"]}, "run_at": {"$lte": matching.service.database.now()}}
            )
            == 0
        )

    async def conflict() -> bool:
        return bool((await bridge.hanbit.get(f"/v1/meetings/{id}")).json()["conflicts"] == ["KR"])

    if not guarded:
        await eventually(looked, "nothing due")
        assert not await conflict()
        return
    await eventually(conflict, "a conflict for people to resolve")
    assert await bridge.state("meetings", id) == "booked"
    left = (await bridge.hanbit.get("/v1/slots", params={"match_id": match_id})).json()
    assert left["calendar"]["version"] == "kr-1" and left["calendar"]["library"].startswith("holidays ")
    assert not [item for item in left["items"] if item["start"][:10] == day[0][:10]]
    late = await bridge.huaqiao.post(f"/v1/meetings/{asked['meeting_id']}/confirm", json={"start": day[4]})
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (409, "day-off") and late.json()["slots"]
    new = {"match_id": match_id, "start": day[8], "venue": HALL}
    assert (await bridge.hanbit.post("/v1/meetings", json=new)).status_code == 422
    assert (await put(matching, table(day[0], "kr-2"))).status_code == 200
    await db.jobs.update_many({"kind": "recheck_all"}, [{"$set": {"run_at": "$$NOW"}}])
    await eventually(looked, "looked again")
    told = [type(e).__name__ for e in await matching.events("meetings", id)]
    assert told.count("MeetingConflictDetected") == 1
    assert (await put(matching, {"version": "none"})).status_code == 200
    booked = await bridge.huaqiao.post(f"/v1/meetings/{asked['meeting_id']}/confirm", json={"start": day[4]})
    assert booked.json()["state"] == "booked"


async def test_a_sunday_that_is_worked_gives_slots_on_every_replica(
    servers: Servers, run_id: str, tmp_path: Path, matching: Running, encoder: Encoder
) -> None:
    settings = chassis_settings(servers, run_id, tmp_path, replica="matching-2")
    async with running(build(settings, MatchingSettings(), encoder=encoder)) as second:
        bridge, other = Bridge(matching), second.client("hanbit", sub="kim-1")
        match_id = await bridge.agreed()
        start = dt.datetime.fromisoformat((await bridge.free(match_id))[0])
        sunday = (start + dt.timedelta(days=6 - start.weekday())).date().isoformat()
        days = [{"country": c, "date": sunday, "works": True} for c in ("KR", "CN")]
        year = int(FIRST_DAY[:4])
        put_once = await put(
            matching, {"version": "2026-b", "days": days, "announced": {"CN": [year], "KR": [year]}}, "operator"
        )
        assert put_once.status_code == 200 and put_once.json()["days"] == sorted(days, key=lambda d: d["country"])
        for client in (bridge.hanbit, other):
            found = (await client.get("/v1/slots", params={"match_id": match_id})).json()
            assert found["calendar"]["version"] == "2026-b"
            assert len([item for item in found["items"] if item["start"][:10] == sunday]) == 34
            far = {"match_id": match_id, "from": f"{EVE}T00:00:00Z", "to": f"{SECOND_DAY}T00:00:00Z"}
            items = (await client.get("/v1/slots", params=far)).json()["items"]
            assert items and not any(item["provisional"] for item in items), "its notices are in the table"
        await eventually(lambda: metrics.holiday_table.labels("2026-b")._value.get() == 1, "the metric names the table")
        assert metrics.holiday_table_revision._value.get() == 1
        shown = await other.get("/v1/holidays")
        assert shown.json() == put_once.json() and shown.headers["ETag"] == put_once.headers["ETag"] == '"1"'


async def test_a_table_is_whole_and_for_organisers_and_operators_only(matching: Running) -> None:
    day = {"country": "KR", "date": FIRST_DAY, "works": False}
    good: dict[str, Any] = {"version": "a", "days": [day]}
    assert [(await put(matching, good, role)).status_code for role in ("participant", "reader")] == [403, 403]
    for bad in (
        {"version": ""},
        {"version": "a b"},
        {**good, "days": [day, day]},
        {**good, "days": [{**day, "country": "JP"}]},
        {**good, "days": [{**day, "date": f"{FIRST_DAY[:4]}-02-30"}]},
        {**good, "days": [{**day, "works": "x"}]},
        {**good, "days": [{"country": "KR", "date": f"{year}-01-01", "works": False} for year in range(2000, 3001)]},
        {**good, "announced": {"KR": [1]}},
        {},
    ):
        assert (await put(matching, bad)).status_code == 422, bad
    assert (await put(matching, good, **{"If-Match": '"7"'})).status_code == 412
    assert (await put(matching, good, **{"If-Match": '"0"'})).status_code == 200
    assert (await put(matching, good, **{"If-Match": '"1"'})).status_code == 200
