"""What another service has written a moment ago is waited for: a client never polls for its own writes."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from services.chassis.http import arrivals
from services.chassis.http.arrivals import MAX_WAITING_OF_ONE, VAIN_BURST, Arrivals
from services.chassis.model.ids import fresh_id
from tests.support.answers import told
from tests.support.contract import korean_profile
from tests.support.services import Running
from tests.support.waiting import eventually

from .forum import Forum

ME = "/v1/recipients/kim-1"


def waiting_in(running: Running) -> Arrivals:
    found: Arrivals = running.service.app.state.arrivals
    return found


def registration(profile_id: str) -> dict[str, str]:
    return {"profile_id": profile_id, "lang": "ko", "zone": "Asia/Seoul"}


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_recipient_may_come_before_its_profile(
    notifications: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(arrivals, "can_exist", lambda id: False)
    waits, profile_id = waiting_in(notifications), fresh_id()
    waits._seconds = 60.0  # this machine may be slow
    request = asyncio.create_task(notifications.client("hanbit", sub="kim-1").put(ME, json=registration(profile_id)))
    await eventually(lambda: waits._waiting.total() == 1 or request.done(), "it waits")
    await Forum(notifications).tell(korean_profile(profile_id), profile_id, 1)
    assert (await request).status_code == (201 if guarded else 404)
    assert waits._waiting.total() == 0


async def test_what_never_comes_and_what_is_anothers_take_the_same_time(notifications: Running) -> None:
    forum, foreign = Forum(notifications), fresh_id()
    waits = waiting_in(notifications)
    await forum.tell(korean_profile(foreign, owner="other"), foreign, 1)
    other = notifications.client("other", sub="kim-1")
    assert (await other.put(ME, json=registration(foreign))).status_code == 201
    waits._seconds, client = 0.3, notifications.client("hanbit", sub="kim-1")
    answers, took = list[Any](), list[float]()
    for id in (foreign, fresh_id()):
        began = time.monotonic()
        answer = await client.put(ME, json=registration(id))
        took.append(time.monotonic() - began)
        answers.append(told(answer))
    assert answers[0] == answers[1] and answers[0][0] == 404
    assert min(took) >= 0.3, "neither ends at once"


@pytest.mark.parametrize("id", ["p-kr", "0" * 36, "6F9619FF-8B86-5011-B42D-00CF4FC964FF", ""])
async def test_an_id_that_cannot_exist_is_refused_at_once(notifications: Running, id: str) -> None:
    waits, began = waiting_in(notifications), time.monotonic()
    waits._seconds = 30.0
    client = notifications.client("hanbit", sub="kim-1")
    assert (await client.put(ME, json=registration(id))).status_code in (404, 422)
    assert time.monotonic() - began < 10


async def test_only_so_many_wait_and_they_are_few_of_one_organisation(notifications: Running) -> None:
    waits, client = waiting_in(notifications), notifications.client("hanbit", sub="kim-1")
    waits._seconds = 30.0
    held = [asyncio.create_task(client.put(ME, json=registration(fresh_id()))) for _ in range(MAX_WAITING_OF_ONE)]
    await eventually(lambda: waits._waiting["hanbit"] == MAX_WAITING_OF_ONE, "as many as may wait")
    async with asyncio.timeout(10):
        assert (await client.put(ME, json=registration(fresh_id()))).status_code == 404
    for task in held:
        task.cancel()
    await asyncio.gather(*held, return_exceptions=True)
    await eventually(lambda: waits._waiting.total() == 0, "no one waits")
    waits._seconds = 0.0
    for _ in range(VAIN_BURST):
        await client.put(ME, json=registration(fresh_id()))
    waits._seconds = 30.0
    async with asyncio.timeout(10):
        assert (await client.put(ME, json=registration(fresh_id()))).status_code == 404, "guesses are used up"
