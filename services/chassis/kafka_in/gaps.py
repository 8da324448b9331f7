"""Records that were removed before they were read: each such gap stays known until an operator has seen it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from aiokafka import TopicPartition

from ..model.documents import Doc
from ..mongo.database import FACTS, GAPS, Database

RETENTION, DELETED = "retention", "deleted"
"""The label of the metric, and the `reason` of a gap: retention removed the records, or the topic was deleted."""
HOW = {RETENTION: "were removed by retention", DELETED: "were deleted with their topic"}


async def note_gap(
    database: Database, tp: TopicPartition, checkpoint: str, *, first: int, begin: int, log_id: str | None = None
) -> int:
    """Writes down that the offsets from `first` to before `begin` are gone; `log_id`: with that log, which was deleted.
    Returns how many are newly known: none where they were written down before. Raises the driver's errors."""
    reason, id = (RETENTION, f"{checkpoint}/{first}") if log_id is None else (DELETED, f"{checkpoint}/{log_id}/{first}")
    gap: Doc = {"topic": tp.topic, "partition": tp.partition, "first": first, "begin": begin, "reason": reason}
    gap |= {"records": begin - first, "found_at": database.now(), "acknowledged": None}
    done = await database.db[GAPS].update_one({"_id": id}, {"$setOnInsert": gap}, upsert=True)
    return begin - first if done.upserted_id is not None else 0


async def note_new_log(database: Database, topic: str, why: str) -> None:
    """Writes down that a topic has another log than the one its rows were read from, or one that lost its end: it does
    not say what was erased. Stays until the rows are what it says. Raises the driver's errors."""
    fact: Doc = {"$set": {"why": why, "at": database.now()}}
    await database.db[FACTS].update_one({"_id": _log_id(topic)}, fact, upsert=True)


async def has_new_log(database: Database, topic: str) -> bool:
    """Whether that was written down. Raises the driver's errors."""
    return await database.db[FACTS].find_one({"_id": _log_id(topic)}) is not None


async def forget_new_log(database: Database, topic: str) -> None:
    """The rows are what the new log says. Raises the driver's errors."""
    await database.db[FACTS].delete_one({"_id": _log_id(topic)})


def _log_id(topic: str) -> str:
    return f"log/{topic}"


async def open_gaps(database: Database) -> list[Doc]:
    """Those that no one has acknowledged, in the order of their partitions."""
    return await database.db[GAPS].find({"acknowledged": None}, sort=[("_id", 1)]).to_list(None)


def described(gaps: Iterable[Doc]) -> str:
    """What is lost of one topic, in words."""
    by_reason = groupby(sorted(gaps, key=_reason), key=_reason)
    return "; ".join(_described(list(found), HOW[reason]) for reason, found in by_reason)


def _reason(gap: Doc) -> str:
    return str(gap["reason"])


def _described(found: Sequence[Doc], how: str) -> str:
    places = ", ".join(f"{gap['partition']}: {gap['first']} to {gap['begin'] - 1}" for gap in found[:5])
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    lost = sum(gap["records"] for gap in found)
    return f"{lost} offsets {how} before they were read (partition: offsets; {places}{more})"
