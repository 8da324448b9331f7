"""The whole installation at one look, on the real servers and beside servers that are away."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from services.chassis.kafka_in.group import Membership, connect, subscribe
from services.chassis.mongo.database import Database
from services.chassis.ops.health import Heartbeat
from services.operate.installation import Installation
from tests.integration.chassis.rig import count
from tests.integration.operate.conftest import Place
from tests.integration.operate.test_jobs import dead
from tests.integration.operate.test_letters import refuses
from tests.support.waiting import eventually


async def rows(place: Place, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    capsys.readouterr()
    await place.run("status", "--json")
    return {row["service"]: row for row in json.loads(capsys.readouterr().out)["services"]}


async def test_it_shows_members_lag_outbox_jobs_and_dead_letters(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    await place.fill(4)
    await place.take(place.profiles, refuses)
    await place.run("deadletters", "resend", "--all", "--yes")
    await place.fill(2)
    await dead(place, ["a"])
    found = (await rows(place, capsys))["matching"]
    # Four letters and the event of a note wait in the outbox. Kafka was told nothing, so all records are behind.
    assert (found["letters"], found["waiting"]["outbox"], found["members"]) == (0, 5, 0), found["notes"]
    assert found["lag"][place.profiles] == 6 and found["waiting"]["dead"] == {"ask": 1, "tell": 1}
    assert found["waiting"]["outbox_oldest"] > 0
    group = place.rig.topics.group("matching")
    broker = place.rig.broker()
    consumer = place.consumer(count)
    subscribe(broker, consumer, [place.profiles, place.retries], Membership(group=group))
    await connect(broker, Heartbeat("consumer"))
    try:

        async def joined() -> bool:
            return bool((await rows(place, capsys))["matching"]["members"] == 1)

        await eventually(joined, "a member is seen")
    finally:
        await broker.stop()


async def test_one_screen_in_words(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    await place.fill(3)
    await place.take(place.profiles, refuses)
    capsys.readouterr()
    await place.run("status", "--at", "matching=http://127.0.0.1:1")
    out = capsys.readouterr().out.splitlines()
    assert out[0].split()[:4] == ["SERVICE", "READY", "REPLICAS", "LAG"] and len(out[0]) < 120
    matching = next(line for line in out if line.startswith("matching "))
    assert matching.split() == ["matching", "?", "0", "3", "0", "0", "0", "3", "?"]
    assert any(line.startswith("matching: http://127.0.0.1:1 does not answer") for line in out)


async def test_what_is_away_is_a_note_and_the_rest_is_shown(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    settings = place.installation.settings
    away = settings.model_copy(update={"mongo_uri": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200"})
    found = (await rows(replace(place, installation=Installation(away)), capsys))["matching"]
    assert found["waiting"] is None and found["lag"] is not None and "MongoDB" in found["notes"][0]
    no_kafka = settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:1"})
    found = (await rows(replace(place, installation=Installation(no_kafka)), capsys))["matching"]
    assert found["waiting"]["outbox"] == 0 and found["lag"] is None and "Kafka" in found["notes"][0]


async def test_a_database_of_another_service_is_untouched(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A look creates nothing."""
    await rows(place, capsys)
    await place.run("jobs", "list")
    await place.run("deadletters", "list")
    database: Database = place.rig.database
    names = set(await database.client.list_database_names())
    assert {f"{place.rig.prefix}_{name}" for name in ("profiles", "notifications", "translation")} & names == set()
