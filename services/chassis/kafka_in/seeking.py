"""Where the reading of a partition continues: at its checkpoint, unless its topic was deleted and created again."""

from __future__ import annotations

import asyncio
import time

from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo.errors import PyMongoError

from ..model.documents import Doc
from ..mongo.database import Database
from ..mongo.errors import classify
from ..ops.kafka_connection import KafkaConnection
from ..ops.logs import logger
from .checkpoint import checkpoint_id
from .decoding import identity

log = logger(__name__)
COMPARE_SECONDS = 3.0


async def seek_to_checkpoints(
    kafka: AIOKafkaConsumer, assigned: set[TopicPartition], *, database: Database, group: str, server: KafkaConnection
) -> None:
    """Seeks each partition to its checkpoint. Raises Unavailable, or the errors of aiokafka.

    A partition without a checkpoint is read from its beginning. So is one whose topic was deleted and created again:
    its log ends before the checkpoint, or has another record at the checkpoint's last offset."""
    ids = {checkpoint_id(group, tp): tp for tp in assigned}
    try:
        found = await database.db.cursors.find({"_id": {"$in": list(ids)}}).to_list(None)
    except PyMongoError as error:
        raise classify(error) from error
    checkpoints = {ids[doc["_id"]]: doc for doc in found}
    # Compared with the ends of the log: markers and compaction leave holes, so there may be no record at a checkpoint.
    begins, ends = await kafka.beginning_offsets(list(assigned)), await kafka.end_offsets(list(assigned))
    recreated = {tp for tp, checkpoint in checkpoints.items() if checkpoint["next"] > ends[tp]}
    readable = {tp: c for tp, c in checkpoints.items() if tp not in recreated and c["next"] > begins[tp]}
    recreated |= await _replaced(readable, server)
    for tp in recreated:
        next_ = checkpoints[tp]["next"]
        log.error("topic_made_anew", topic=tp.topic, partition=tp.partition, cursor=next_, end=ends[tp])
        # Conditional: another member may have begun with the new log already.
        await database.db.cursors.delete_one({"_id": checkpoint_id(group, tp), "next": next_})
    for tp in assigned & kafka.assignment():
        start = checkpoints[tp]["next"] if tp in checkpoints and tp not in recreated else begins[tp]
        kafka.seek(tp, max(start, begins[tp]))


async def _replaced(checkpoints: dict[TopicPartition, Doc], server: KafkaConnection) -> set[TopicPartition]:
    """Partitions in which the checkpoint's last record is now another one. A record that compaction or retention has
    removed cannot be compared; its partition counts as the same."""
    if not checkpoints:
        return set()
    # A reader of its own: seeking the member's consumer back would let it fetch records that have taken effect.
    reader = AIOKafkaConsumer(**server.options(), enable_auto_commit=False, isolation_level="read_uncommitted")
    await reader.start()
    try:
        reader.assign(list(checkpoints))
        for tp, checkpoint in checkpoints.items():
            reader.seek(tp, checkpoint["last"]["offset"])
        return await _compare(reader, checkpoints)
    finally:
        await reader.stop()


async def _compare(reader: AIOKafkaConsumer, checkpoints: dict[TopicPartition, Doc]) -> set[TopicPartition]:
    open_, replaced, end = set(checkpoints), set[TopicPartition](), time.monotonic() + COMPARE_SECONDS
    while open_ and time.monotonic() < end:
        batches = await reader.getmany(*open_, timeout_ms=300, max_records=len(open_) * 50)
        for tp, records in batches.items():
            first, last = records[0], checkpoints[tp]["last"]
            if first.offset == last["offset"] and identity(first) != last["id"]:
                replaced.add(tp)
            open_.discard(tp)
            reader.pause(tp)
        await asyncio.sleep(0)  # getmany may return at once each time; the loop must turn meanwhile
    return replaced
