"""The report of a forum over HTTP: who may read it, in which forms, and that few are not counted."""

from __future__ import annotations

import datetime as dt
from typing import Any

from schemas.profiles import Names
from services.matching import store
from services.matching.domain.forums.forum import Forum
from services.matching.domain.forums.programme import Day
from services.matching.domain.forums.registration import Delegate, Registration, registration_id
from services.matching.domain.forums.setup import ForumSetup
from services.matching.domain.forums.venue import Hall, Table
from tests.integration.matching.bridge import Bridge
from tests.support.services import Running

AT_TABLE = {"venue.place": "A-12", "forum_id": "f", "resources": ["table/f/A-12"]}


async def a_forum(matching: Running, date: str) -> None:
    """Two profiles take part in it; stored as it is, because how one registers is tested elsewhere."""
    days = [Day(date=date, opens="10:00", closes="18:00")]
    hall, tables = Hall(id="H"), [Table(id="A-12", hall="H")]
    setup = ForumSetup(names=Names(ko="서울 포럼"), zone="Asia/Seoul", days=days, halls=[hall], tables=tables)
    now = dt.datetime.now(dt.UTC)
    forum = Forum(id="f", owner="kic", setup=setup, announced_at=now, revision=1, at=1)
    db = matching.service.database.db
    await db[store.FORUMS.name].insert_one(store.FORUMS.write(forum))
    for profile, org in (("p-kr", "hanbit"), ("p-cn", "huaqiao")):
        one = Registration(
            id=registration_id("f", profile),
            forum_id="f",
            profile_id=profile,
            owner=org,
            delegates=[Delegate(member_id="kim-1")],
            revision=1,
            at=1,
        )
        await db[store.REGISTRATIONS.name].insert_one(store.REGISTRATIONS.write(one))


async def with_a_meeting(bridge: Bridge) -> str:
    """The date of a forum, on which two of its participants have a meeting."""
    match_id = await bridge.agreed()
    start = (await bridge.free(match_id))[0]
    await bridge.booked(match_id, start)
    date = (dt.datetime.fromisoformat(start) + dt.timedelta(hours=9)).date().isoformat()
    await a_forum(bridge.matching, date)
    return date


async def test_a_report_is_for_organisers_and_tells_of_no_single_pair(matching: Running) -> None:
    bridge = Bridge(matching)
    date = await with_a_meeting(bridge)
    await matching.service.database.db[store.MEETINGS.name].update_one({}, {"$set": AT_TABLE})
    kic, url = matching.client("kic", role="organiser", sub="kic-1"), "/v1/forums/f/report"
    report = (await kic.get(url)).json()
    stages = {stage["name"]: stage for stage in report["funnel"]}
    assert report["k"] == 5 and stages["held"]["pairs"] == 0
    assert all(stages[name]["participants"] is None for name in ("registered", "matched", "agreed", "booked"))
    [use] = report["tables"]
    assert (use["date"], use["used"]) == (date, None) and use["of"] > 10
    page = await kic.get(f"{url}.html", params={"lang": "ko"})
    assert "서울 포럼 결과 보고" in page.text and "default-src 'none'" in page.headers["content-security-policy"]
    table = await kic.get(f"{url}.csv", params={"lang": "zh"})
    assert table.headers["content-type"].startswith("text/csv") and "各阶段情况" in table.text
    assert (await kic.get("/v1/forums/other/report")).status_code == 404
    for path in (url, f"{url}.html", f"{url}.csv"):
        assert (await bridge.hanbit.get(path)).status_code == 403


async def test_only_meetings_that_hold_a_table_of_the_forum_use_its_tables(matching: Running) -> None:
    """Two of the same profiles may meet on that day at another forum, at a table of the same name, or beside all."""
    await with_a_meeting(Bridge(matching))
    kic, meetings = matching.client("kic", role="organiser", sub="kic-1"), matching.service.database.db.meetings
    other = {"venue.place": "A-12", "forum_id": "other", "resources": ["table/other/A-12"]}
    beside: dict[str, Any] = {"venue.place": "A-12", "forum_id": None, "resources": []}
    for held, used in ((other, 0), (beside, 0), (AT_TABLE, None)):
        await meetings.update_one({}, {"$set": held})
        assert [use["used"] for use in (await kic.get("/v1/forums/f/report")).json()["tables"]] == [used]
