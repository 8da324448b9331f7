"""A topic is deleted and made again: its owner says all of its states once more, and the reader takes them from the new
log."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from typing import Any

from pymongo import MongoClient

from deploy.local.system import System
from services.chassis import topics
from services.chassis.commit.committer import Committer
from services.chassis.model.topic_names import TopicNames
from services.chassis.mongo.database import Database
from services.chassis.ops import KafkaConnection
from services.chassis.restate import restate
from services.translation.store import TRANSLATIONS
from tests.support.kafka import admin
from tests.support.waiting import eventually

from .seeing import SEEN_SECONDS, WHOLE_SECONDS, Act, Lines, took
from .world import ROOT

TOPIC = "translations"
"""Its verdict does not need the whole log."""
NAME = f"magpie.{TOPIC}.v1"


async def made_again(system: System) -> Act:
    bootstrap, lines = system.servers.bootstrap, Lines(system.services["notifications"])
    async with admin(bootstrap) as client:
        await client.delete_topics([NAME])
        began = time.monotonic()

        async def gone() -> bool:
            return NAME not in await client.list_topics()

        await eventually(gone, f"{NAME} is deleted")
    await topics.apply(KafkaConnection(bootstrap), "magpie", replication=system.servers.replication)
    seen = await took(lambda: lines.tell_of(NAME), began, SEEN_SECONDS)
    said = await restated(system)
    whole = await took(lambda: asyncio.to_thread(_has_heard, system, said), began, WHOLE_SECONDS)
    await _acknowledged(system)
    return Act("a topic made again", seen, whole)


async def restated(system: System) -> dict[str, int]:
    """What the owner has said once more, with the sequence of each."""
    database = Database(system.servers.uri, "magpie_translation", source="/magpie/translation")
    try:
        committer = Committer(database, TopicNames("magpie"), 1)
        known = await database.find(TRANSLATIONS, {})
        return {row.id: await restate(committer, TRANSLATIONS, row.id, beyond=row.revision) for row in known}
    finally:
        database.close()


async def _acknowledged(system: System) -> None:
    """What was not read of the topic before is known; its owner has said it once more."""
    # It fails where there is none.
    await operator_says(system, "services.operate", "gaps", "acknowledge", "--all", "--yes")


async def operator_says(system: System, *command: str) -> None:
    """A command of ours, as who runs Magpie types it."""
    env = {**os.environ, **system.environment()}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *command, env=env, cwd=ROOT)
    await process.wait()


def _has_heard(system: System, said: dict[str, int]) -> bool:
    with MongoClient[Any](system.servers.uri) as client:
        rows = client.magpie_notifications.translations.find({"_id": {"$in": list(said)}}, {"sequence": 1})
        heard = {row["_id"]: row["sequence"] for row in rows}
    return all(heard.get(id, 0) >= sequence for id, sequence in said.items())
