"""kill -9 while a plan is published: the next process goes on where the last one stopped."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pymongo import MongoClient

from deploy.local.ports import HOST, free_port
from deploy.local.system import Servers
from services.chassis.tokens import mint
from services.matching import store
from services.matching.app import build
from services.matching.settings import MatchingSettings
from tests.integration.matching.a_forum import ADDRESS, LINK, Shape, in_state, made, planned
from tests.integration.matching.plan_victim import OFFER_STEPS, STEPS
from tests.integration.matching.test_offers import act, forum, opening_in, taken_by
from tests.integration.matching.test_plans import claims_are_those_of_bookings
from tests.integration.matching.test_round_kills import Place
from tests.support.descendants import descendants, is_alive
from tests.support.services import chassis_settings, running
from tests.support.waiting import eventually

SIDE = 4
ALL = SIDE * SIDE


@pytest.mark.slow  # it starts six processes in turn
async def test_a_publication_that_is_killed_between_batches_books_each_meeting_once(
    servers: Servers, run_id: str, tmp_path: Path
) -> None:
    settings, chassis = MatchingSettings(embedder="bigrams-1"), chassis_settings(servers, run_id, tmp_path)
    async with running(build(chassis, settings), keep=True) as matching:
        await made(matching, Shape(side=SIDE))
        assert (await planned(matching))["placed"] == ALL
    place = Place(servers, run_id, tmp_path, free_port(), "tests.integration.matching.plan_victim")
    booked, is_begun = list[int](), False
    with MongoClient[Any](servers.uri) as client:
        meetings = client[f"{run_id}_matching"].meetings
        for step in STEPS:
            async with place.service(step) as victim, place.organiser() as kic:
                if not is_begun:
                    assert (await kic.post(f"{ADDRESS}/plans/1/publish", json=LINK)).status_code == 202
                    is_begun = True
                async with asyncio.timeout(60):
                    assert await victim.wait() == -signal.SIGKILL, step
            booked.append(meetings.count_documents({"state": "booked"}))
    assert booked[0] == 0 and booked == sorted(booked) and 0 < booked[1] < booked[2] < booked[3] == ALL
    async with running(build(chassis, settings), make_topics=False) as matching:
        found = await in_state(matching, f"{ADDRESS}/plans/1", "published")
        assert (found["booked"], found["refused"]) == (ALL, {})
        await claims_are_those_of_bookings(matching)
        told = [event for event in await matching.events("meetings") if event.state == "booked"]
        assert len(told) >= ALL and len({event.meeting_id for event in told}) == ALL
        parts = [e for e in await matching.events("forums") if e.event_type == "magpie.forum.scheduled"]
        assert {m.meeting_id for part in parts for m in part.meetings} == {event.meeting_id for event in told}


@pytest.mark.slow  # it starts four processes in turn
async def test_a_time_whose_offer_is_killed_at_any_step_is_offered_once(
    servers: Servers, run_id: str, tmp_path: Path
) -> None:
    """The cancellation commits; then the process is killed before, and again after it has decided on the offer."""
    settings, chassis = MatchingSettings(embedder="bigrams-1"), chassis_settings(servers, run_id, tmp_path)
    place = Place(servers, run_id, tmp_path, free_port(), "tests.integration.matching.plan_victim")
    async with running(build(chassis, settings), keep=True) as matching:
        await forum(matching)
        gone = await taken_by(matching)
    with MongoClient[Any](servers.uri) as client:
        database = client[f"{run_id}_matching"]
        is_cancelled = False
        for step in OFFER_STEPS:
            async with place.service(step) as victim:
                if not is_cancelled:
                    side = gone["parties"][0]
                    token = mint(org=f"org-{side}", role="participant", sub=f"rep-{side}", state_dir=tmp_path)
                    headers = {"Authorization": f"Bearer {token}"}
                    address = f"http://{HOST}:{place.port}/v1/meetings/{gone['_id']}/cancel"
                    async with httpx2.AsyncClient(headers=headers) as person:
                        with suppress(httpx2.TransportError):  # it may be gone before it has answered
                            await person.post(address)
                    is_cancelled = True
                async with asyncio.timeout(60):
                    assert await victim.wait() == -signal.SIGKILL, step
            states = database.meetings.distinct("state")
            assert states == ["booked", "cancelled"], step
    async with running(build(chassis, settings), make_topics=False) as matching:
        opening = await opening_in(matching, "offered")
        for side in (await matching.service.database.find(store.MEETINGS, {"_id": opening["meeting_id"]}))[0].parties:
            await act(matching, side, opening["meeting_id"], "confirm")
        assert (await opening_in(matching, "filled"))["tried"] == {}
        await claims_are_those_of_bookings(matching)
        told = [e for e in await matching.events("meetings") if e.accepted_by is not None]
        assert {e.meeting_id for e in told} == {opening["meeting_id"]}


@pytest.mark.slow  # it starts three services in turn; `tests/unit/matching/test_limited_process.py` is the short form
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
async def test_a_service_that_ends_while_it_plans_leaves_no_process_and_the_next_one_plans(
    servers: Servers, run_id: str, tmp_path: Path, by: signal.Signals
) -> None:
    settings, chassis = MatchingSettings(embedder="bigrams-1"), chassis_settings(servers, run_id, tmp_path)
    async with running(build(chassis, settings), keep=True) as matching:
        await made(matching, Shape(side=12))
    place = Place(servers, run_id, tmp_path, free_port(), "tests.integration.matching.plan_victim")
    async with place.service() as victim, place.organiser() as kic:
        assert (await kic.post(f"{ADDRESS}/schedule", json={})).status_code == 202

        async def planning() -> list[int]:
            return descendants(victim.pid, "services.matching.plan_")

        begun = await eventually(planning, "a process plans")
        victim.send_signal(by)
        async with asyncio.timeout(15):
            # Told to stop it stops in order, and then says by what.
            assert await victim.wait() == -by

        async def gone() -> bool:
            return not any(map(is_alive, begun))

        await eventually(gone, "the process that plans is gone", 5)
    async with running(build(chassis, settings), make_topics=False) as matching:
        assert (await in_state(matching, f"{ADDRESS}/plans/1", "draft"))["placed"] > 0
