"""Where the reading of a partition continues: at its checkpoint, unless the checkpoint no longer fits the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aiokafka import TopicPartition
from pymongo.errors import PyMongoError

from ..model.documents import Doc
from ..model.failures import Unavailable
from ..mongo.database import SEEN, Database
from ..mongo.errors import classify
from ..ops import metrics
from ..ops.logs import logger
from ..ops.topic_facts import topic_facts
from .checkpoint import checkpoint_id
from .gaps import DELETED, RETENTION, note_gap, note_new_log
from .known_ends import KnownEnds
from .polling import PollingConsumer

log = logger(__name__)
CURSORS = "cursors"
Misfit = Literal["another_log", "truncated", "retention"]
READ_AGAIN = {
    "another_log": "the topic was deleted and made again; the new log is read from its start",
    "truncated": "the log has lost its end; what is left is read from its start",
}
"""What is degraded until the log was read to its end once more."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a partition is read on, and why it is not at its checkpoint: another log has its name (the topic was
    deleted and created again), its log has lost its end, or retention has removed what was not read yet."""

    start: int
    misfit: Misfit | None = None


def place(
    checkpoint: Mapping[str, Any] | None, seen: Mapping[str, Any] | None, *, log_id: str, begin: int, end: int
) -> Place:
    """Where to read on in a log with this id, from `begin` to `end`. `seen` says up to where it was read to its end:
    behind the checkpoint there may be markers of transactions, which are no loss.

    What is read a second time has no effect; so in doubt a log is read from its beginning."""
    if checkpoint is None:
        return Place(begin)
    if checkpoint.get("topic_id", log_id) != log_id:
        return Place(begin, "another_log")
    # Markers and compaction leave holes: a checkpoint is compared with the ends of the log only.
    if checkpoint["next"] > end:
        return Place(begin, "truncated")
    passed = seen["next"] if seen is not None and seen["topic_id"] == log_id else 0
    if max(checkpoint["next"], passed) < begin:
        return Place(begin, "retention")
    return Place(max(checkpoint["next"], begin))


async def seek_to_checkpoints(
    kafka: PollingConsumer, assigned: set[TopicPartition], *, database: Database, group: str, ends: KnownEnds
) -> dict[TopicPartition, str]:
    """Seeks each partition to where it is read on; `ends` are those of the logs before. Returns the id of each one's
    log; a partition whose topic is not there is left out, and is not sought. Raises Unavailable, or the errors of
    aiokafka."""
    facts = await topic_facts(kafka.client, {tp.topic for tp in assigned})
    there = {tp for tp in assigned if tp.topic in facts and tp.partition in facts[tp.topic].partitions}
    if not there:
        return {}
    begin, end = await kafka.beginning_offsets(list(there)), await kafka.end_offsets(list(there))
    try:
        ids = {checkpoint_id(group, tp): tp for tp in there}
        checkpoints = {ids[id]: doc for id, doc in (await _by_id(database, CURSORS, ids)).items()}
        seen = {ids[id]: doc for id, doc in (await _by_id(database, SEEN, ids)).items()}
        places = {
            tp: place(checkpoints.get(tp), seen.get(tp), log_id=facts[tp.topic].id, begin=begin[tp], end=end[tp])
            for tp in there
        }
        for tp, checkpoint in checkpoints.items():
            if places[tp].misfit == "another_log":
                await _note_unread(database, tp, checkpoint, ends)
            await _correct(database, tp, checkpoint, places[tp], facts[tp.topic].id)
    except PyMongoError as error:
        raise classify(error) from error
    for tp in there & kafka.assignment():
        kafka.seek(tp, places[tp].start)
    return {tp: facts[tp.topic].id for tp in there}


def log_of(topic: str) -> str:
    """The name of a part, for `/readyz`."""
    return f"log of {topic}"


async def _by_id(database: Database, collection: str, ids: Iterable[str]) -> dict[str, Doc]:
    found = await database.db[collection].find({"_id": {"$in": list(ids)}}).to_list(None)
    return {doc["_id"]: doc for doc in found}


async def _note_unread(database: Database, tp: TopicPartition, checkpoint: Doc, ends: KnownEnds) -> None:
    """What of a deleted log was not read is lost, as far as this member knows where that log ended."""
    log_id, first = checkpoint.get("topic_id"), checkpoint["next"]
    if unread := ends.unread(tp, log_id, first):
        lost = await note_gap(database, tp, checkpoint["_id"], first=first, begin=first + unread, log_id=log_id)
        metrics.records_lost.labels(tp.topic, DELETED).inc(lost)


async def _correct(database: Database, tp: TopicPartition, checkpoint: Doc, found: Place, log_id: str) -> None:
    """Moves a checkpoint that does not fit, and writes beside it to which log it belongs. Raises Unavailable where it
    has moved since it was read."""
    if found.misfit is None and checkpoint.get("topic_id") == log_id:
        return
    if found.misfit == "retention":
        lost = await note_gap(database, tp, checkpoint["_id"], first=checkpoint["next"], begin=found.start)
        metrics.records_lost.labels(tp.topic, RETENTION).inc(lost)
    if found.misfit is not None:
        before = checkpoint["next"]
        log.error(f"checkpoint_{found.misfit}", topic=tp.topic, partition=tp.partition, next=before, start=found.start)
    if found.misfit in READ_AGAIN:
        database.conditions.degraded(log_of(tp.topic), READ_AGAIN[found.misfit])
        # Before the checkpoint moves: a process that is killed between both finds the misfit once more.
        await note_new_log(database, tp.topic, READ_AGAIN[found.misfit])
    unmoved = {"_id": checkpoint["_id"], "next": checkpoint["next"], "topic_id": checkpoint.get("topic_id")}
    moved = await database.db.cursors.update_one(unmoved, {"$set": {"next": found.start, "topic_id": log_id}})
    if not moved.matched_count:
        raise Unavailable(f"{tp.topic}/{tp.partition}: the checkpoint has moved")
