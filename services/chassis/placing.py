"""Where a partition's reading goes on: at its cursor, unless the topic is not the one that the cursor has read."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo.errors import PyMongoError

from .cursor import cursor_id
from .database import Database
from .documents import Doc
from .errors import meaning
from .logs import logger

log = logger(__name__)
LOOK_SECONDS = 3.0


async def place(
    kafka: AIOKafkaConsumer, assigned: set[TopicPartition], *, database: Database, group: str, bootstrap: str
) -> None:
    """Seeks every partition to its cursor. One without a cursor, or whose topic was made anew (it ends before the
    cursor, or holds another record at the cursor's last offset), starts at the beginning. Raises Unavailable."""
    ids = {cursor_id(group, tp): tp for tp in assigned}
    try:
        found = await database.db.cursors.find({"_id": {"$in": list(ids)}}).to_list(None)
    except PyMongoError as error:
        raise meaning(error) from error
    cursors = {ids[doc["_id"]]: doc for doc in found}
    begins, ends = await kafka.beginning_offsets(list(assigned)), await kafka.end_offsets(list(assigned))
    anew = {tp for tp, cursor in cursors.items() if cursor["next"] > ends[tp]}
    readable = {tp: c for tp, c in cursors.items() if tp not in anew and c["next"] > begins[tp]}
    anew |= await _replaced(readable, bootstrap)
    for tp in anew:
        log.error("topic_made_anew", topic=tp.topic, partition=tp.partition, cursor=cursors[tp]["next"], end=ends[tp])
        await database.db.cursors.delete_one({"_id": cursor_id(group, tp), "next": cursors[tp]["next"]})
    for tp in assigned & kafka.assignment():
        start = cursors[tp]["next"] if tp in cursors and tp not in anew else begins[tp]
        kafka.seek(tp, max(start, begins[tp]))


async def _replaced(cursors: dict[TopicPartition, Doc], bootstrap: str) -> set[TopicPartition]:
    """Those whose last record is now another one. What compaction or age has removed cannot be compared: it passes."""
    if not cursors:
        return set()
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, isolation_level="read_uncommitted")
    await reader.start()
    try:
        reader.assign(list(cursors))
        for tp, cursor in cursors.items():
            reader.seek(tp, cursor["last"]["offset"])
        return await _compare(reader, cursors)
    finally:
        await reader.stop()


async def _compare(reader: AIOKafkaConsumer, cursors: dict[TopicPartition, Doc]) -> set[TopicPartition]:
    open_, replaced, end = set(cursors), set[TopicPartition](), time.monotonic() + LOOK_SECONDS
    while open_ and time.monotonic() < end:
        batches = await reader.getmany(*open_, timeout_ms=300, max_records=len(open_) * 50)
        for tp, records in batches.items():
            first, last = records[0], cursors[tp]["last"]
            if first.offset == last["offset"] and _identity(first) != last["id"]:
                replaced.add(tp)
            open_.discard(tp)
            reader.pause(tp)
        await asyncio.sleep(0)
    return replaced


def _identity(record: Any) -> str:
    ids = [value.decode("utf-8", "replace") for name, value in record.headers if name == "ce_id" and value]
    return ids[0] if len(ids) == 1 else f"{record.topic}/{record.partition}/{record.offset}"
