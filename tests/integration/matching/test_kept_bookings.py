"""A forum is not changed under the meetings that are booked there, nor under a plan that is published."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from services.chassis.commit import unit_of_work
from services.chassis.commit.unit_of_work import UnitOfWork
from services.matching import store
from services.matching.usecases import forums, keep_booked
from tests.integration.matching.a_forum import ADDRESS, LINK, Shape, made, organiser, planned, published
from tests.integration.matching.test_plans import booked
from tests.support.days import FIRST_DAY, day
from tests.support.forums import forum_body
from tests.support.services import Running


async def changed(matching: Running, **other: Any) -> httpx2.Response:
    """The forum with something else in it, as an organiser sends it."""
    client = organiser(matching)
    etag = (await client.get(ADDRESS)).headers["etag"]
    return await client.put(ADDRESS, json=forum_body(**{"talks": []} | other), headers={"If-Match": etag})


def without(part: str, *ids: str) -> dict[str, Any]:
    return {part: [one for one in forum_body()[part] if one["id"] not in ids]}


async def a_meeting(matching: Running) -> dict[str, Any]:
    await made(matching, Shape(side=1))
    await planned(matching)
    await published(matching, 1)
    (meeting,) = await booked(matching)
    return meeting


def held(meeting: dict[str, Any], kind: str) -> str:
    return str(next(key.rpartition("/")[2] for key in meeting["resources"] if key.startswith(f"{kind}/")))


async def test_what_a_booked_meeting_holds_stays_until_it_is_cancelled(matching: Running) -> None:
    meeting = await a_meeting(matching)
    table, interpreter = held(meeting, "table"), held(meeting, "interpreter")
    others = [one["id"] for one in forum_body()["tables"] if one["id"] != table]
    never = [{"start": f"{FIRST_DAY}T17:30:00+09:00", "end": f"{FIRST_DAY}T18:00:00+09:00"}]
    away = [one | ({"hours": never} if one["id"] == interpreter else {}) for one in forum_body()["interpreters"]]
    moved = [one | {"date": day(offset)} for one, offset in zip(forum_body()["days"], (40, 41), strict=True)]
    for taken in (without("tables", table), without("interpreters", interpreter), {"interpreters": away}):
        refused = await changed(matching, **taken)
        assert refused.status_code == 409 and refused.json()["type"].endswith("in-use"), refused.text
        assert refused.json()["meetings"] == [meeting["_id"]]
    hours = {"interpreters": [one | {"hours": []} for one in forum_body()["interpreters"]]}
    assert (await changed(matching, days=moved, **hours)).json()["type"].endswith("in-use")
    file = f"table,hall,type\n{table},A,room\n".encode()
    imported = await organiser(matching).post(
        f"{ADDRESS}/import", params={"kind": "tables"}, content=file, headers={"content-type": "text/csv"}
    )
    assert imported.status_code == 409 and imported.json()["type"].endswith("in-use"), imported.text
    assert (await changed(matching, **without("tables", *others))).status_code == 200
    member = matching.client("org-kr-0", sub="rep-kr-0")
    assert (await member.post(f"/v1/meetings/{meeting['_id']}/cancel")).status_code == 200
    assert (await changed(matching, **without("tables", table))).status_code == 200


async def test_a_plan_of_which_a_table_is_gone_is_not_published(matching: Running) -> None:
    await made(matching, Shape(side=1))
    plan = await planned(matching)
    taken = without("tables", *(one["id"] for one in forum_body()["tables"]))
    assert (await changed(matching, **taken, **without("rooms", "R-1"))).status_code == 200
    refused = await organiser(matching).post(f"{ADDRESS}/plans/{plan['number']}/publish", json=LINK)
    assert refused.status_code == 409 and refused.json()["type"].endswith("outdated"), refused.text


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_booking_at_the_same_moment_is_seen(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """What it claims is put back when the change has looked for claims, with the mark that each booking leaves."""
    meeting = await a_meeting(matching)
    table, db = held(meeting, "table"), matching.service.database.db
    claims = [one async for one in db[store.CLAIMS.name].find({"meeting_id": meeting["_id"], "gone": None})]
    await db[store.CLAIMS.name].delete_many({"meeting_id": meeting["_id"]})
    using, left = keep_booked._using, list(claims)

    async def used_right_after(uow: UnitOfWork, taken: Any) -> Any:
        found = await using(uow, taken)
        if left:
            await db[store.CLAIMS.name].insert_many([left.pop() for _ in claims])
            await db[store.PLAN_BOOKS.name].update_one({}, {"$inc": {"guard": 1}})
        return found

    monkeypatch.setattr(keep_booked, "_using", used_right_after)
    if not guarded:
        monkeypatch.setattr(unit_of_work, "as_read", lambda before: {"_id": before["_id"]})
    answer = await changed(matching, **without("tables", table))
    assert answer.status_code == (409 if guarded else 200), answer.text


async def test_more_than_can_be_looked_through_is_refused(matching: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    await made(matching, Shape(side=1))
    monkeypatch.setattr(keep_booked, "MAX_CLAIMS", 200)
    one, both = without("tables", "B-3"), without("tables", "B-2", "B-3")
    assert (await changed(matching, **both)).json()["type"].endswith("too-much-at-once")
    assert (await changed(matching, **one)).status_code == 200


async def test_without_a_look_at_what_is_booked_a_table_would_go(
    matching: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = await a_meeting(matching)
    monkeypatch.setattr(forums, "must_keep_booked", _looks_at_nothing)
    assert (await changed(matching, **without("tables", held(meeting, "table")))).status_code == 200


async def _looks_at_nothing(*_: object) -> None:
    pass
