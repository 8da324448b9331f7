"""What each service projects can be built once more from its topic: by its own handlers, to the same rows, with nothing
sent or planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.local.system import Servers
from services.chassis.kafka_in.rebuilds import rebuild_beside
from services.chassis.ops import ChassisSettings
from services.chassis.service import Service
from services.matching.app import build as build_matching
from services.matching.embedders import SentenceEncoder
from services.matching.encoder import Encoder
from services.matching.settings import MatchingSettings
from services.notifications.app import build as build_notifications
from services.notifications.settings import NotificationsSettings
from services.translation.app import build as build_translation
from services.translation.settings import TranslationSettings
from tests.support.contract import ERASED, an_entry, chinese_profile, korean_profile, publish, withdrawn
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually

BUILDS: dict[str, Callable[[ChassisSettings], Service]] = {
    "matching": lambda chassis: build_matching(chassis, MatchingSettings(), encoder=Encoder(SentenceEncoder())),
    "notifications": lambda chassis: build_notifications(chassis, NotificationsSettings()),
    "translation": lambda chassis: build_translation(chassis, TranslationSettings()),
}
SEQUENCES = {"p1": 4, "p2": 2, "p3": 1, "p4": 2}


async def lives(bootstrap: str, prefix: str) -> None:
    """One is changed, withdrawn and published again; one is erased; one stays; one is withdrawn."""
    other = [an_entry("p1", "offer", "research", "ko", "차세대 라이다 센서를 함께 연구할 기관을 찾습니다.")]
    p1, p2, p3 = korean_profile("p1"), chinese_profile("p2"), chinese_profile("p3", owner="firm-3")
    p4 = korean_profile("p4", owner="firm-4")
    said: list[tuple[Any, str, int]] = [(p1, "p1", 1), (p1.model_copy(update={"offers": other}), "p1", 2)]
    said += [(withdrawn(p1), "p1", 3), (p1, "p1", 4), (p2, "p2", 1), (ERASED, "p2", 2), (p3, "p3", 1)]
    said += [(p4, "p4", 1), (withdrawn(p4), "p4", 2)]
    for event, key, sequence in said:
        await publish(
            bootstrap, prefix, event, key=key, sequence=sequence, time=f"2026-11-25T01:00:0{sequence}.000000+00:00"
        )


async def rows(service: Running) -> dict[str, Any]:
    return {row["_id"]: row for row in await service.service.database.db.profiles.find().to_list(None)}


async def at_rest(service: Running) -> None:
    """All is projected, and no job is due or at work: one that is has a lease of some seconds."""

    async def is_so() -> bool:
        database = service.service.database
        soon = database.now() + dt.timedelta(minutes=5)
        due = await database.db.jobs.count_documents({"run_at": {"$lte": soon}, "dead": {"$ne": True}})
        return not due and {id: row["sequence"] for id, row in (await rows(service)).items()} == SEQUENCES

    await eventually(is_so, "it is at rest", 60)
    await service.drained()


@pytest.mark.parametrize("name", BUILDS)
async def test_its_own_handlers_build_the_same_rows_beside(
    name: str, servers: Servers, run_id: str, tmp_path: Path
) -> None:
    async with running(BUILDS[name](chassis_settings(servers, run_id, tmp_path))) as service:
        await lives(servers.bootstrap, run_id)
        await at_rest(service)
        listening, database = service.service.listening, service.service.database
        assert listening is not None
        reconciling = listening.rebuilds.topics[f"{run_id}.profiles.v1"]
        before, jobs = await rows(service), {job["_id"] for job in await database.db.jobs.find().to_list(None)}
        checked = await rebuild_beside(reconciling, check=True)
        assert checked.is_as_built and (checked.content.rows, checked.refused) == (4, 0), checked
        await database.db.profiles.update_one({"_id": "p3"}, {"$set": {"state": "withdrawn"}})
        done = await rebuild_beside(reconciling)
        assert list(done.content.other) == ["p3"] and done.after and done.after.hash == checked.content.hash
        after = await rows(service)
        assert after["p3"]["revision"] == before["p3"]["revision"] + 1 and after["p3"]["at"] > before["p3"]["at"]
        counts = {"revision": 0, "at": 0, "guard": 0}
        assert {id: row | counts for id, row in after.items()} == {id: row | counts for id, row in before.items()}
        assert {job["_id"] for job in await database.db.jobs.find().to_list(None)} <= jobs
        assert await database.db.outbox.count_documents({}) == 0
