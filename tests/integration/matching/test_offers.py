"""A time of a forum that becomes free is offered to the next best agreed pair, on the real MongoDB."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model.events import Cause
from services.matching import store
from services.matching.domain.forums.offer_terms import OfferTerms
from services.matching.job_kinds import MeetingJob, OpeningJob
from services.matching.usecases import offer_slots, save_meeting
from services.matching.usecases.meetings import lapse_meeting
from services.matching.usecases.offer_slots import OfferSlots
from tests.integration.matching.a_forum import ADDRESS, FORUM, Shape, made, organiser, planned, published
from tests.integration.matching.test_plans import booked, changed, claims_are_those_of_bookings
from tests.support.days import FIRST_DAY
from tests.support.services import Running
from tests.support.waiting import eventually

ONE_SLOT: list[dict[str, Any]] = [{"date": FIRST_DAY, "opens": "09:00", "closes": "09:20"}]
SLOT = {"start": f"{FIRST_DAY}T09:00:00+09:00", "end": f"{FIRST_DAY}T09:20:00+09:00"}
AT_ONCE = {"quiet_from": "00:00", "quiet_until": "00:00"}
"""No quiet hours: the tests run at any time of day."""


async def forum(matching: Running, side: int = 3, offers: dict[str, Any] = AT_ONCE, **setup: Any) -> None:
    """One slot with two interpreters, so two meetings of nine pairs."""
    await made(matching, Shape(side=side), **{"days": ONE_SLOT, "offers": offers} | setup)
    await planned(matching)
    await published(matching, 1)


async def act(matching: Running, side: str, meeting_id: str, name: str) -> Any:
    """A side confirms, cancels or gives back."""
    client = matching.client(f"org-{side}", sub=f"rep-{side}")
    answer = await client.post(f"/v1/meetings/{meeting_id}/{name}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def openings(matching: Running) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await organiser(matching).get(f"{ADDRESS}/openings")).json()["items"]
    return found


async def opening_in(matching: Running, state: str, tried: int = 0) -> dict[str, Any]:
    """The only opening, as soon as it is in this state after so many offers."""

    async def come() -> Any:
        found = await openings(matching)
        return next((one for one in found if one["state"] == state and len(one["tried"]) == tried), None)

    found: dict[str, Any] = await eventually(come, f"the opening is {state} after {tried} offers")
    return found


async def meeting(matching: Running, id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await organiser(matching).get(f"/v1/meetings/{id}")).json()
    return found


async def taken_by(matching: Running) -> dict[str, Any]:
    """The meeting of kr-0, or else any."""
    found = await booked(matching)
    return next((one for one in found if "kr-0" in one["parties"]), found[0])


@pytest.mark.parametrize("way", ["cancel", "release"])
async def test_a_cancelled_time_is_offered_and_booked_when_both_accept(matching: Running, way: str) -> None:
    await forum(matching)
    gone = await taken_by(matching)
    one = gone["parties"][0]
    await act(matching, one, gone["_id"], way)
    opening = await opening_in(matching, "offered")
    assert (opening["opening_id"], opening["place"]) == (gone["_id"], gone["venue"]["place"])
    offer = await meeting(matching, opening["meeting_id"])
    assert (offer["state"], offer["accepted_by"], offer["venue"]["place"]) == ("requested", [], gone["venue"]["place"])
    assert offer["match_id"] != gone["match_id"], "who has cancelled is not asked to come after all"
    assert (offer["start"], offer["lapses_at"]) == (opening["start"], opening["until"])
    await claims_are_those_of_bookings(matching)
    first, second = offer["parties"]
    elsewhere = {"venue": {"kind": "onsite", "place": "Z-1"}}
    stranger = matching.client(f"org-{first}", sub=f"rep-{first}")
    refused = await stranger.post(f"/v1/meetings/{offer['meeting_id']}/confirm", json=elsewhere)
    assert refused.status_code == 409 and refused.json()["type"].endswith("fixed-place")
    waiting = await act(matching, first, offer["meeting_id"], "confirm")
    assert (waiting["state"], waiting["accepted_by"]) == ("requested", [first])
    assert await act(matching, first, offer["meeting_id"], "confirm") == waiting, "twice is once"
    done = await act(matching, second, offer["meeting_id"], "confirm")
    assert (done["state"], done["accepted_by"]) == ("booked", sorted(offer["parties"]))
    assert (await opening_in(matching, "filled"))["meeting_id"] == offer["meeting_id"]
    assert len(await booked(matching)) == 2
    await claims_are_those_of_bookings(matching)
    told = [e for e in await matching.events("meetings") if e.meeting_id == offer["meeting_id"]]
    assert [(e.event_type.rpartition(".")[2], e.accepted_by) for e in told] == [
        ("requested", []),
        ("requested", [first]),
        ("booked", sorted(offer["parties"])),
    ]
    assert {(e.forum_id, e.plan) for e in told} == {(FORUM, None)}, "a plan of its own notice"
    # It is a booking like any other: its time is offered again when it is cancelled.
    await act(matching, first, offer["meeting_id"], "cancel")
    again = await opening_in(matching, "offered")
    assert again["opening_id"] == offer["meeting_id"] and again["match_id"] not in (gone["match_id"], offer["match_id"])


async def test_who_declines_or_does_not_answer_gives_way_to_the_next_pair_until_none_is_left(matching: Running) -> None:
    await forum(matching)
    gone = await taken_by(matching)
    await act(matching, gone["parties"][0], gone["_id"], "cancel")
    first = await opening_in(matching, "offered")
    offer = await meeting(matching, first["meeting_id"])
    await act(matching, offer["parties"][0], offer["meeting_id"], "cancel")
    second = await opening_in(matching, "offered", tried=1)
    assert second["tried"] == {first["match_id"]: "cancelled"} and second["match_id"] != first["match_id"]
    await lapse(matching, second["meeting_id"], dt.datetime.fromisoformat(second["until"]))
    third = await opening_in(matching, "offered", tried=2)
    assert third["tried"][second["match_id"]] == "lapsed"
    await lapse(matching, third["meeting_id"], dt.datetime.fromisoformat(third["until"]))
    ended = await opening_in(matching, "ended", tried=3)
    assert ended["why"] == "no_pair" and gone["match_id"] not in ended["tried"]
    assert len(await booked(matching)) == 1


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_time_is_offered_so_often_and_not_more(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    monkeypatch.setattr(offer_slots, "MAX_OFFERS", 2 if guarded else 10)
    await forum(matching)
    gone = await taken_by(matching)
    await act(matching, gone["parties"][0], gone["_id"], "cancel")
    for tried in (0, 1):
        offered = await opening_in(matching, "offered", tried=tried)
        await act(matching, offered["match_id"][2:6], offered["meeting_id"], "cancel")
    after = await opening_in(matching, "ended" if guarded else "offered", tried=2)
    assert after.get("why") == ("offers_spent" if guarded else None)


@pytest.mark.parametrize("guarded", [True, False])
async def test_the_next_pair_after_a_decline_is_not_asked_in_quiet_hours_either(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The first pair was asked just before they began."""
    await forum(matching)
    gone = await taken_by(matching)
    await act(matching, gone["parties"][0], gone["_id"], "cancel")
    first = await opening_in(matching, "offered")
    now = matching.service.database.now().astimezone(ZoneInfo("Asia/Seoul"))
    hours = {name: f"{now + dt.timedelta(hours=h):%H:%M}" for name, h in (("quiet_from", -3), ("quiet_until", 3))}
    begun = {f"setup.offers.{name}": clock for name, clock in hours.items()}
    await matching.service.database.db.forums.update_one({"_id": FORUM}, {"$set": begun})
    if not guarded:
        monkeypatch.setattr(OfferTerms, "_quiet_until", lambda *_: None)
    await act(matching, first["match_id"][2:6], first["meeting_id"], "cancel")
    after = await opening_in(matching, "looking" if guarded else "offered", tried=1)
    assert "until" in after and await count_of_offers(matching) == int(not guarded)


async def count_of_offers(matching: Running) -> int:
    return await matching.service.database.db.meetings.count_documents({"state": "requested"})


def freed_by(gone: dict[str, Any]) -> OpeningJob:
    """What follows from a cancellation."""
    fields = {"opening_id": gone["_id"], "start": gone["start"].replace(tzinfo=dt.UTC)}
    return OpeningJob(forum_id=FORUM, place=gone["venue"]["place"], **fields)


async def lapse(matching: Running, meeting_id: str, at: dt.datetime) -> None:
    """As if the time to answer had come."""
    job = claimed("lapse", MeetingJob(meeting_id=meeting_id, at=at))
    await matching.service.commands.run(lambda uow: lapse_meeting(uow, job))


def claimed(kind: str, payload: Any) -> Claimed[Any]:
    return Claimed(id=f"{kind}-again", kind=kind, token="", tries=1, payload=payload, cause=Cause.of_a_person())


async def test_a_day_change_frees_a_time_for_others_and_what_is_away_is_not_offered(matching: Running) -> None:
    await forum(matching)
    gone = await taken_by(matching)
    side = gone["parties"][0]
    late = {"kind": "delegate", "id": f"rep-{side}", "profile_id": side, **SLOT}
    look = (await changed(matching, **late)).json()
    assert [one["match_id"] for one in look["lost"]] == [gone["match_id"]]
    assert (await changed(matching, **late, confirm=look["confirm"])).status_code == 200
    opening = await opening_in(matching, "offered")
    offer = await meeting(matching, opening["meeting_id"])
    assert side not in offer["parties"]
    # A table breaks that was offered: the offer cannot be booked any more.
    table = {"kind": "table", "id": offer["venue"]["place"], **SLOT}
    look = (await changed(matching, **table)).json()
    assert (look["moved"], look["lost"]) == ([], [])
    assert (await changed(matching, **table, confirm=look["confirm"])).status_code == 200
    away = (await organiser(matching).get(f"{ADDRESS}/away")).json()["items"]
    assert [(one["kind"], one["id"]) for one in away] == [("delegate", f"rep-{side}"), ("table", table["id"])]
    for party in offer["parties"]:
        ended = await act(matching, party, offer["meeting_id"], "confirm")
    assert (ended["state"], ended["reason"]) == ("expired", "slot_taken")
    following = await opening_in(matching, "offered", tried=1)
    other = await meeting(matching, following["meeting_id"])
    assert other["venue"]["place"] != table["id"] and side not in other["parties"]
    assert (await organiser(matching).delete(f"{ADDRESS}/away/table/{table['id']}")).status_code == 200
    assert (await organiser(matching).delete(f"{ADDRESS}/away/table/{table['id']}")).status_code == 404


@pytest.mark.parametrize("guarded", [True, False])
async def test_an_offer_whose_time_is_gone_ends_clearly(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:

        async def free(uow: UnitOfWork, meeting: Any) -> bool:
            return True

        monkeypatch.setattr(offer_slots, "is_free", free)
    await forum(matching)
    gone = await taken_by(matching)
    await act(matching, gone["parties"][0], gone["_id"], "cancel")
    opening = await opening_in(matching, "offered")
    first, second = (await meeting(matching, opening["meeting_id"]))["parties"]
    busy = matching.client(f"org-{second}", sub=f"rep-{second}")
    assert (await busy.put(f"/v1/members/rep-{second}/busy", json={"busy": [SLOT]})).status_code == 200
    await act(matching, first, opening["meeting_id"], "confirm")
    answer = await busy.post(f"/v1/meetings/{opening['meeting_id']}/confirm")
    assert (answer.status_code, answer.json().get("reason")) == ((200, "slot_taken") if guarded else (409, None))
    if guarded:
        assert (await opening_in(matching, "offered", tried=1))["tried"] == {opening["match_id"]: "slot_taken"}
    await claims_are_those_of_bookings(matching)


@pytest.mark.parametrize("guarded", [True, False])
async def test_no_one_is_asked_in_quiet_hours(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(OfferTerms, "_quiet_until", lambda *_: None)
    now = matching.service.database.now().astimezone(ZoneInfo("Asia/Seoul"))
    quiet = {
        "quiet_from": f"{now - dt.timedelta(hours=3):%H:%M}",
        "quiet_until": f"{now + dt.timedelta(hours=3):%H:%M}",
    }
    await forum(matching, offers=quiet)
    gone = await taken_by(matching)
    await act(matching, gone["parties"][0], gone["_id"], "cancel")
    if not guarded:
        await opening_in(matching, "offered")
        return

    async def waits() -> Any:
        return [one for one in await openings(matching) if one.get("until")]

    (opening,) = await eventually(waits, "quiet hours are waited for")
    # In Beijing the same clock shows its end an hour later.
    end = (now + dt.timedelta(hours=4)).replace(second=0, microsecond=0)
    assert opening["state"] == "looking" and dt.datetime.fromisoformat(opening["until"]) == end
    jobs = await matching.service.database.db.jobs.find({"kind": "offer"}).to_list(None)
    assert [one["run_at"].replace(tzinfo=dt.UTC) for one in jobs] == [end]
    # When they are over it is offered, also by a replica whose clock is a little behind.
    slots, job = OfferSlots(matching.service.database), claimed("offer", OpeningJob(**jobs[0]["payload"]))
    looked = await slots.look(job)
    await matching.service.commands.run(lambda uow: slots.offer(uow, job, looked))
    offered = await opening_in(matching, "offered")
    assert dt.datetime.fromisoformat(offered["until"]) == end + dt.timedelta(minutes=120)


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_time_that_is_too_near_is_not_offered(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    local = (matching.service.database.now() + dt.timedelta(hours=7)).astimezone(ZoneInfo("Asia/Seoul"))
    local = local.replace(minute=0) + dt.timedelta(hours=2 if local.hour == 23 else 0)
    days = [{"date": f"{local:%Y-%m-%d}", "opens": f"{local:%H}:00", "closes": f"{local:%H}:20"}]
    offers = AT_ONCE | {"answer_minutes_ahead": 600, "answer_minutes": 120, "lead_minutes": 240 if guarded else 0}
    if not guarded:
        offers |= {"answer_minutes_ahead": 60}
    else:
        monkeypatch.setattr(OfferTerms, "_answer_time", lambda *_: dt.timedelta(hours=10))
    await forum(matching, offers=offers, days=days, interpreters=[{"id": "kim-1", "pairs": [["ko", "zh"]]}])
    gone = await taken_by(matching)
    await act(matching, gone["parties"][0], gone["_id"], "cancel")
    if guarded:
        assert (await opening_in(matching, "ended"))["why"] == "too_near"
    else:
        await opening_in(matching, "offered")


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_step_that_is_done_again_offers_nothing_twice(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """As after a kill: a step is decided, thrown away before its commit, decided again, and comes once more."""
    decided, next_step = 0, offer_slots._next_step

    async def failing(uow: UnitOfWork, *of: Any) -> Any:
        nonlocal decided
        after = await next_step(uow, *of)
        decided += 1
        if decided == 1:
            raise RuntimeError("killed before its commit")
        return after

    monkeypatch.setattr(offer_slots, "_next_step", failing)
    if not guarded:
        monkeypatch.setattr(offer_slots, "still_waits", lambda offer: False)
    await forum(matching)
    gone = await taken_by(matching)
    await act(matching, gone["parties"][0], gone["_id"], "cancel")
    opening = await opening_in(matching, "offered")
    assert decided >= 2
    job = claimed("offer", freed_by(gone))
    slots = OfferSlots(matching.service.database)
    looked = await slots.look(job)
    await matching.service.commands.run(lambda uow: slots.offer(uow, job, looked))
    ((again),) = await openings(matching)
    assert (again == opening) is guarded
    requested = await matching.service.database.db.meetings.count_documents({"state": "requested"})
    assert requested == 1


@pytest.mark.parametrize("guarded", [True, False])
async def test_two_offers_never_want_the_same_person(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Two meetings are cancelled at once, and two workers look before either has offered."""
    if not guarded:
        monkeypatch.setattr(offer_slots, "is_apart", lambda offer, others: True)
    await forum(matching, side=2)
    monkeypatch.setattr(save_meeting, "_plan_offer", lambda *_: None)
    both = await booked(matching)
    for one in both:
        await act(matching, one["parties"][0], one["_id"], "cancel")
    slots = OfferSlots(matching.service.database)
    jobs = [claimed("offer", freed_by(one)) for one in both]
    looks = [await slots.look(job) for job in jobs]
    assert all(look and len(look.pairs) == 2 for look in looks)
    for job, look in zip(jobs, looks, strict=True):
        await matching.service.commands.run(lambda uow, job=job, look=look: slots.offer(uow, job, look))  # type: ignore[misc]
    found = await matching.service.database.find(store.MEETINGS, {"state": "requested"})
    wanted = [id for one in found for id in one.claim_ids()]
    assert (len(set(wanted)) == len(wanted)) is guarded
    assert len({one.match_id for one in found}) == len(found) or not guarded
