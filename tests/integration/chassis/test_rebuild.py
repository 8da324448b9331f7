"""The operator's command that builds the rows of a topic beside and compares them, as it is called, and killed."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local.system import Servers
from services.chassis import rebuild
from services.chassis.kafka_in.beside import NAMED
from services.chassis.kafka_in.rebuilds import rebuild_beside
from services.translation.app import build
from services.translation.settings import TranslationSettings
from tests.integration.http.process import ROOT, Place
from tests.support.contract import korean_profile, publish
from tests.support.services import chassis_settings
from tests.support.waiting import eventually


async def started(
    place: Place, *flags: str, service: str = "translation", topic: str = "profiles"
) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "services.chassis.rebuild", "--service", service, "--topic", topic, *flags]
    env = place.environment(0)
    return await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=env, stdout=PIPE, stderr=PIPE)


async def said(place: Place, *flags: str, **of: str) -> tuple[int | None, str]:
    process = await started(place, *flags, **of)
    out, errors = await process.communicate()
    return process.returncode, (out + errors).decode()


async def test_a_check_changes_nothing_and_the_command_mends(servers: Servers, run_id: str, tmp_path: Path) -> None:
    place = Place(servers, run_id, tmp_path)
    await place.prepare()
    with MongoClient[Any](servers.uri) as client:
        rows = client[f"{run_id}_translation"].profiles
        row = {"owner": "hanbit", "state": "published", "text_ids": [], "former_text_ids": []}
        rows.insert_one({"_id": "stray", "revision": 1, "at": 1, "sequence": 3, **row})
        before = rows.find_one({"_id": "stray"})
        code, text = await said(place, "--check")
        assert code == 1 and "1 are not in the topic" in text and "stray" in text and "Nothing was changed" in text
        assert rows.find_one({"_id": "stray"}) == before
        code, text = await said(place)
        assert code == 0 and "The rows are what the topic says" in text, text
        after = rows.find_one({"_id": "stray"})
        assert after is not None and (after["state"], after["sequence"]) == ("erased", 4)
        code, text = await said(place, "--check")
        assert code == 0 and "0 are not in the topic" in text


async def test_another_service_is_asked_by_the_same_command(servers: Servers, run_id: str, tmp_path: Path) -> None:
    place = Place(servers, run_id, tmp_path)
    await place.prepare()
    known, unknown = await asyncio.gather(
        said(place, "--check", service="notifications", topic="translations"),
        said(place, "--check", service="translation", topic="matches"),
    )
    assert known[0] == 0 and "0 rows compared" in known[1], known
    # What it has is named: topics of which it builds rows.
    assert unknown[0] == 2 and "--topic: invalid choice" in unknown[1] and "profiles" in unknown[1]


def test_a_service_that_reads_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        rebuild.main(["--service", "profiles", "--topic", "profiles"])
    told = capsys.readouterr().err
    assert "--service: invalid choice: 'profiles'" in told and "matching" in told and "notifications" in told


async def filled(place: Place) -> None:
    """Rows of some profiles, as the service's own handlers make them."""
    await place.prepare()
    for n in range(5):
        await publish(place.servers.bootstrap, place.run_id, korean_profile(f"p{n}"), key=f"p{n}", sequence=1)
    service = build(chassis_settings(place.servers, place.run_id, place.state_dir), TranslationSettings())
    await service.database.prepare(service.collections)
    assert service.listening
    await rebuild_beside(service.listening.rebuilds.topics[f"{place.run_id}.profiles.v1"])
    service.database.close()


async def test_killed_it_leaves_rows_as_they_were_and_can_be_said_again(
    servers: Servers, run_id: str, tmp_path: Path
) -> None:
    place = Place(servers, run_id, tmp_path)
    await filled(place)
    with MongoClient[Any](servers.uri) as client:
        database = client[f"{run_id}_translation"]

        def rows() -> list[dict[str, Any]]:
            return list(database.profiles.find({}, {"revision": 0, "at": 0}).sort("_id", 1))

        def beside() -> list[str]:
            return [name for name in database.list_collection_names() if NAMED in name]

        right, jobs = rows(), database.jobs.count_documents({})
        assert len(right) == 5 and all(row["state"] == "published" for row in right)
        database.profiles.update_many({}, {"$set": {"state": "draft"}})
        with client.start_session() as session, session.start_transaction():
            # Whoever writes these rows waits for this transaction, so it cannot have ended before it is killed.
            database.profiles.update_many({}, {"$set": {"held": True}}, session=session)
            killed = await started(place)
            await eventually(lambda: beside() or killed.returncode is not None, "it builds", 60)
            assert killed.returncode is None, await killed.communicate()
            killed.kill()
            await killed.communicate()
            session.abort_transaction()
        left = {row["_id"]: row["state"] for row in rows()}
        assert left.keys() == {row["_id"] for row in right} and set(left.values()) <= {"draft", "published"}
        code, text = await said(place)
        assert code == 0 and "The rows are what the topic says" in text, text
        assert rows() == right and not beside() and database.jobs.count_documents({}) == jobs
