"""kill -9 while a plan is published: the next process goes on where the last one stopped."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local.ports import free_port
from deploy.local.system import Servers
from services.matching.app import build
from services.matching.settings import MatchingSettings
from tests.integration.matching.a_forum import ADDRESS, LINK, Shape, in_state, made, planned
from tests.integration.matching.plan_victim import STEPS
from tests.integration.matching.test_plans import claims_are_those_of_bookings
from tests.integration.matching.test_round_kills import Place
from tests.support.services import chassis_settings, running

SIDE = 4
ALL = SIDE * SIDE


@pytest.mark.slow  # it starts six processes in turn
@pytest.mark.timeout(240)
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
