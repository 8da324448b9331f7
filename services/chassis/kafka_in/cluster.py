"""Which Kafka this database belongs to: another one, under the same address, has none of what was read and sent."""

from __future__ import annotations

import asyncio

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from ..mongo.database import FACTS, Database
from ..ops.kafka_connection import KafkaConnection
from ..ops.logs import logger
from ..ops.loops import Backoff, retry

log = logger(__name__)
KAFKA = "kafka"
ANSWER_SECONDS = 10.0
ADVICE = (
    "This is another Kafka than the one that this database has read and written. If its volume was exchanged by "
    "mistake, stop the services and put the old one back. If it is meant: topics are read from their beginning, and "
    "what was sent before is not in them; have the owners say it once more (restate), or begin with empty databases."
)


async def compare_cluster(connection: KafkaConnection, database: Database) -> None:
    """Says once whether Kafka is another one than before, and remembers it. Waits until both answer."""
    await retry(
        lambda: _compare(connection, database),
        backoff=Backoff(0.5, 10.0),
        report=lambda error: log.debug("kafka_not_compared", error=type(error).__name__),
        catch=(KafkaError, PyMongoError, OSError, TimeoutError),
    )


async def _compare(connection: KafkaConnection, database: Database) -> None:
    now = await cluster_id(connection)
    known = await database.db[FACTS].find_one({"_id": KAFKA})
    if known is not None and known["cluster_id"] != now:
        log.error("kafka_is_another", before=known["cluster_id"], now=now, advice=ADVICE)
    await database.db[FACTS].update_one({"_id": KAFKA}, {"$set": {"cluster_id": now}}, upsert=True)


async def cluster_id(connection: KafkaConnection) -> str:
    """The id that Kafka's storage has had since it was formatted."""
    admin = AIOKafkaAdminClient(**connection.options(), request_timeout_ms=int(ANSWER_SECONDS * 1000))
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await admin.start()
            return str((await admin.describe_cluster())["cluster_id"])
    finally:
        await admin.close()
