"""Records that others write: whoever reads a topic takes only what its producer can have written."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.local.system import Servers
from schemas.profiles import ProfileErased
from services.chassis.service import Service
from services.matching.app import build as build_matching
from services.matching.settings import MatchingSettings
from services.notifications.app import build as build_notifications
from services.notifications.settings import NotificationsSettings
from services.translation.app import build as build_translation
from services.translation.settings import TranslationSettings
from tests.support.contract import korean_profile, publish
from tests.support.kafka import Headers, ce_headers, read_all, send
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually

KEY = "p-kr"
PROFILE = korean_profile(KEY)
OWNER = {"ce_source": "/magpie/profiles"}
BODY = PROFILE.model_dump_json(exclude_none=True).encode()
BAD_INSTANT = json.loads(BODY)
BAD_INSTANT["offers"][0]["expires_at"] = "not a time"
ERASED, PUBLISHED = ProfileErased.event_type, type(PROFILE).event_type
FORGED: dict[str, tuple[bytes | None, Headers]] = {
    "a stranger's tombstone": (None, ce_headers("f1", ERASED, 2, ce_source="/evil")),
    "no source": (None, ce_headers("f2", ERASED, 2)),
    "the largest number of the store": (None, ce_headers("f3", ERASED, 2**63 - 1, **OWNER)),
    "twenty nines": (None, ce_headers("f4", ERASED, int("9" * 20), **OWNER)),
    "a jump that no owner makes": (None, ce_headers("f5", ERASED, 50_000, **OWNER)),
    "a jump of a state": (BODY, ce_headers("f6", PUBLISHED, 50_000, **OWNER)),
    "no instant": (json.dumps(BAD_INSTANT).encode(), ce_headers("f7", PUBLISHED, 2, **OWNER)),
    "an instant without a zone": (
        json.dumps(BAD_INSTANT).replace("not a time", "2026-12-01T00:00:00").encode(),
        ce_headers("f8", PUBLISHED, 2, **OWNER),
    ),
}
READERS: dict[str, Callable[..., Service]] = {
    "matching": lambda chassis: build_matching(chassis, MatchingSettings(embedder="bigrams-1")),
    "notifications": lambda chassis: build_notifications(chassis, NotificationsSettings()),
    "translation": lambda chassis: build_translation(chassis, TranslationSettings()),
}


@pytest.fixture(params=READERS)
async def reader(
    request: pytest.FixtureRequest, servers: Servers, run_id: str, tmp_path: Path
) -> AsyncIterator[Running]:
    async with running(READERS[request.param](chassis_settings(servers, run_id, tmp_path))) as service:
        yield service


async def test_forged_records_are_set_aside_and_move_nothing(reader: Running) -> None:
    settings = reader.service.settings
    bootstrap, topic = settings.kafka_bootstrap, settings.names.topic("profiles")
    await publish(bootstrap, settings.topic_prefix, PROFILE, key=KEY, sequence=1)
    await send(bootstrap, topic, [(KEY.encode(), value, headers) for value, headers in FORGED.values()])
    await publish(bootstrap, settings.topic_prefix, PROFILE, key=KEY, sequence=2)

    async def has_the_second() -> Any:
        found = await reader.service.database.db.profiles.find_one({"sequence": 2})
        return found is not None

    await eventually(has_the_second, "what the owner says next is taken")
    await reader.drained()
    dead = await read_all(bootstrap, settings.names.dead_letters(reader.service.name))
    assert {dict(record.headers)["ce_id"] for record in dead} == {
        dict(headers)["ce_id"] for _, headers in FORGED.values()
    }
    assert len(dead) == len(FORGED)
    assert all(dict(record.headers)["dlq_reason"] for record in dead)
    assert reader.service.listening and not reader.service.listening.consumer.paused
