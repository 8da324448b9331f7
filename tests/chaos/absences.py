"""A service stays away for longer than erasures live: meanwhile something is erased, and Kafka compacts its topic, so
that no trace of the erasure is left to be read."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping
from typing import Any

from pymongo import MongoClient

from deploy.local.system import System
from schemas.common import Text
from schemas.translations import TextTranslated
from services.chassis.commit.committer import Committer
from services.chassis.model.topic_names import TopicNames
from services.chassis.mongo.database import Database
from services.chassis.ops.topic_settings import own_settings, set_settings
from services.chassis.restate import restate
from services.translation.store import TRANSLATIONS
from tests.support.kafka import admin, ce_headers, read_all, send
from tests.support.waiting import eventually
from tests.support.whole import COMPACTED_SOON

from .evidence import FILLER
from .retold import NAME, TOPIC, operator_says
from .seeing import SEEN_SECONDS, WHOLE_SECONDS, Act, Lines, all_say_ok, answers, took

AWAY = "notifications"
LIFETIME = "delete.retention.ms"
GONE = "made_by"
"""Empty in the row of an erased translation."""
AFTERWARDS = {
    "segment.ms": "604800000",
    "min.cleanable.dirty.ratio": "0.5",
    "max.compaction.lag.ms": "9223372036854775807",
}
"""As Kafka has them by default."""


async def long_absence(system: System) -> Act:
    """Seen: a replica says that its rows may have missed an erasure. Whole: the row is erased, and all say so."""
    bootstrap, key = system.servers.bootstrap, f"absence-{uuid.uuid4()}:en"
    await _send(bootstrap, key, TextTranslated.event_type, sequence=1, value=_translation(key))
    await eventually(lambda: asyncio.to_thread(_made_by, system, key), f"{AWAY} has {key}", WHOLE_SECONDS)
    replicas = system.services[AWAY]
    for n in range(len(replicas)):
        await asyncio.to_thread(system.stop_service, AWAY, n)
    lifetime = await _configured(bootstrap, COMPACTED_SOON)
    try:
        await _erased(system, key)
        await _compacted_away(bootstrap, key)
        lines = Lines(replicas)
        for n in range(len(replicas)):
            await asyncio.to_thread(system.start_service, AWAY, n, wait=False)
        await eventually(lambda: any(map(answers, replicas)), f"{AWAY} is back", WHOLE_SECONDS)
        began = time.monotonic()
        seen = await took(lambda: lines.tell_of(f"rows of {NAME}"), began, SEEN_SECONDS)

        def whole() -> bool:
            return _made_by(system, key) == "" and all_say_ok(replicas)

        operator = asyncio.ensure_future(_erases_as_told(system, lines))
        ended = await took(lambda: asyncio.to_thread(whole), began, WHOLE_SECONDS)
        operator.cancel()
    finally:
        await _configured(bootstrap, {**AFTERWARDS, LIFETIME: lifetime})
    return Act("a long absence", seen, ended)


async def _erases_as_told(system: System, lines: Lines) -> None:
    """A topic that was made again before does not say what was erased: it is left to who runs Magpie."""
    if await took(lambda: lines.tell_of("--erase"), time.monotonic(), WHOLE_SECONDS) is not None:
        words = ("--service", AWAY, "--topic", TOPIC, "--erase")
        await operator_says(system, "services.chassis.rebuild", *words)


async def _erased(system: System, key: str) -> None:
    """The owner says that there is no such translation."""
    database = Database(system.servers.uri, "magpie_translation", source="/magpie/translation")
    try:
        await restate(Committer(database, TopicNames("magpie"), 1), TRANSLATIONS, key, beyond=1)
    finally:
        database.close()

    async def told() -> bool:
        records = await read_all(system.servers.bootstrap, NAME)
        return any(record.key == key.encode() and record.value is None for record in records)

    await eventually(told, f"{key} is erased", WHOLE_SECONDS)


async def _compacted_away(bootstrap: str, key: str) -> None:
    """Each record begins a segment, so that Kafka cleans those before."""
    records = await read_all(bootstrap, NAME)
    partition = next(record.partition for record in records if record.key == key.encode())

    async def gone() -> bool:
        await _send(bootstrap, f"filler-{uuid.uuid4()}", FILLER, sequence=1, value=b"{}", partition=partition)
        return all(record.key != key.encode() for record in await read_all(bootstrap, NAME, committed=False))

    await eventually(gone, f"no trace of {key}", WHOLE_SECONDS)


async def _send(
    bootstrap: str, key: str, type: str, *, sequence: int, value: bytes, partition: int | None = None
) -> None:
    headers = ce_headers(f"{key}-{sequence}", type, sequence, ce_source="/magpie/translation")
    await send(bootstrap, NAME, [(key.encode(), value, headers)], partition=partition)


async def _configured(bootstrap: str, settings: Mapping[str, str]) -> str:
    """Sets these settings of the topic; returns how long its erasures lived before."""
    async with admin(bootstrap) as client:
        before = await own_settings(client, [NAME])
        await set_settings(client, {NAME: settings})
    return before[NAME][LIFETIME]


def _translation(key: str) -> bytes:
    told = TextTranslated(
        text_id=key.partition(":")[0],
        source="ko",
        translation=Text(lang="en", text="Away"),
        made_by="gloss",
        engine="chaos",
    )
    return told.model_dump_json().encode()


def _made_by(system: System, key: str) -> str | None:
    """None where there is no row."""
    with MongoClient[Any](system.servers.uri) as client:
        row = client.magpie_notifications.translations.find_one({"_id": key})
    return row[GONE] if row else None
