"""Records that were removed before they were read: each such gap stays known until an operator has seen it."""

from __future__ import annotations

from collections.abc import Iterable

from aiokafka import TopicPartition

from ..model.documents import Doc
from ..mongo.database import GAPS, Database

RETENTION = "retention"
"""The label of the metric, and the `reason` of a gap."""


async def note_gap(database: Database, tp: TopicPartition, checkpoint: str, *, first: int, begin: int) -> int:
    """Writes down that the offsets from `first` to before `begin` are gone. Returns how many are newly known: none
    where they were written down before. Raises the driver's errors."""
    gap: Doc = {"topic": tp.topic, "partition": tp.partition, "first": first, "begin": begin, "reason": RETENTION}
    gap |= {"records": begin - first, "found_at": database.now(), "acknowledged": None}
    done = await database.db[GAPS].update_one({"_id": f"{checkpoint}/{first}"}, {"$setOnInsert": gap}, upsert=True)
    return begin - first if done.upserted_id is not None else 0


async def open_gaps(database: Database) -> list[Doc]:
    """Those that no one has acknowledged, in the order of their partitions."""
    return await database.db[GAPS].find({"acknowledged": None}, sort=[("_id", 1)]).to_list(None)


def described(gaps: Iterable[Doc]) -> str:
    """What is lost of one topic, in words."""
    found = list(gaps)
    places = ", ".join(f"{gap['partition']}: {gap['first']} to {gap['begin'] - 1}" for gap in found[:5])
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    lost = sum(gap["records"] for gap in found)
    return f"{lost} offsets were removed by retention before they were read (partition: offsets; {places}{more})"
