"""A directory of the published organisations, kept up to date from `magpie.profiles.v1`.

    python directory.py follow     reads the topic until it is stopped, or killed; continues where it was
    python directory.py show       prints the directory

Where and how: the environment, see `settings`. docs/subscribers.md says why each rule is here."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError
from store import Batch, Store
from topic_id import topic_id

TOPIC = os.environ.get("TOPIC", "magpie.profiles.v1")
STORE = Path(os.environ.get("STORE", "directory.sqlite"))
MAX_ABSENCE = float(os.environ.get("MAX_ABSENCE_SECONDS", 25 * 24 * 3600))
"""Erasures stay on the topic for 30 days. Those of a longer absence were missed: everything is read again."""
LOOK_EVERY = float(os.environ.get("LOOK_EVERY_SECONDS", 10))


def settings() -> dict[str, Any]:
    """Where Kafka is; with KAFKA_USERNAME also a login, and the file of the authority that signed its certificate."""
    found: dict[str, Any] = {"bootstrap_servers": os.environ.get("KAFKA_BOOTSTRAP", "localhost:9092")}
    if name := os.environ.get("KAFKA_USERNAME"):
        found |= {"security_protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512", "sasl_plain_username": name}
        found["sasl_plain_password"] = os.environ["KAFKA_PASSWORD"]
        found["ssl_context"] = ssl.create_default_context(cafile=os.environ.get("KAFKA_CA_FILE"))
    return found


def say(event: str, **what: Any) -> None:
    """One line of the log. Ids and counts, no content."""
    print(json.dumps({"event": event, **what}), flush=True)


# -- what a record means

STATES = {f"magpie.profile.{what}" for what in ("created", "published", "updated", "withdrawn")}


def read(record: ConsumerRecord[bytes, bytes]) -> tuple[str, str, int]:
    """Key, type and sequence. Raises ValueError for what is no event of Magpie."""
    headers = {name: (value or b"").decode() for name, value in record.headers}
    kind, sequence = headers.get("ce_type", ""), headers.get("ce_sequence", "")
    if not record.key or not kind or not (sequence.isdecimal() and int(sequence) < 2**63):
        raise ValueError("no key, ce_type or ce_sequence")
    return record.key.decode(), kind, int(sequence)


def entry(value: bytes) -> dict[str, Any] | None:
    """What the directory keeps of a profile; None if it is not public. Fields that we do not know are not looked at.
    Raises ValueError, KeyError or TypeError for what is no state of a profile."""
    state = json.loads(value)
    if state["state"] != "published":
        return None
    return {"names": state.get("names") or {}, "country": state["country"], "offers": len(state.get("offers") or [])}


def take(batch: Batch, record: ConsumerRecord[bytes, bytes]) -> None:
    """One record takes effect. What cannot be read is set aside, and the rest goes on."""
    try:
        key, kind, sequence = read(record)
        if record.value is None:  # an erasure, whatever its type is
            batch.take(key, sequence, None)
            batch.forget(key)
        elif kind in STATES:  # types that we do not know are passed over
            batch.take(key, sequence, entry(record.value))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        about = None if record.key is None else record.key.decode(errors="replace")
        batch.set_aside(record.offset, about, type(error).__name__, record.value)
        say("set_aside", partition=record.partition, offset=record.offset, reason=type(error).__name__)


# -- reading


class Reader:
    """Reads all partitions of the topic. Two of them on one store would undo each other's work: run one."""

    def __init__(self, consumer: AIOKafkaConsumer, store: Store) -> None:
        self.consumer, self.store = consumer, store

    async def look(self) -> tuple[dict[TopicPartition, int], float]:
        """Finds the topic as it is now, and begins again where what was read before does not count any more. The ends
        of its partitions, and when they were asked for."""
        id, count = await topic_id(self.consumer, TOPIC)
        partitions = [TopicPartition(TOPIC, number) for number in range(count)]
        at, begins = time.time(), await self.consumer.beginning_offsets(partitions)
        ends = await self.consumer.end_offsets(partitions)
        if reason := self.why_again(id, begins, ends):
            say("begins", reason=reason)
            self.store.begin(id)
            self.consumer.unsubscribe()
        if self.consumer.assignment() != set(partitions):
            self.consumer.assign(partitions)
            positions = self.store.positions()
            for tp in partitions:
                self.consumer.seek(tp, positions.get(tp.partition, begins[tp]))
        return ends, at

    def why_again(self, id: str, begins: dict[TopicPartition, int], ends: dict[TopicPartition, int]) -> str | None:
        """Why everything has to be read again; None if we can go on."""
        was = self.store.reading()
        if was is None:
            return "first start"
        if was["topic_id"] != id:
            return "the topic was made again"
        if time.time() - was["whole_at"] > MAX_ABSENCE:
            return "away for longer than erasures stay"
        for tp, next_offset in {tp: self.store.positions().get(tp.partition) for tp in begins}.items():
            if next_offset is not None and not begins[tp] <= next_offset <= ends[tp]:
                return "the log does not hold our position"
        return None

    async def read_some(self) -> bool:
        """Takes what has come, a transaction for the records of each partition. False: it is time for another look."""
        try:
            batches = await self.consumer.getmany(timeout_ms=300, max_records=500)
        except OffsetOutOfRangeError:
            return False
        for tp, records in batches.items():
            with Batch(self.store.db, tp.partition, records[-1].offset + 1) as batch:
                for record in records:
                    take(batch, record)
            say("took", partition=tp.partition, records=len(records), next=records[-1].offset + 1)
        return True

    async def is_at(self, ends: dict[TopicPartition, int]) -> bool:
        """All of it was read, up to these ends."""
        return all([await self.consumer.position(tp) >= end for tp, end in ends.items()])

    async def turn(self) -> None:
        """A look, and what comes until the next one. Raises KafkaError."""
        ends, at = await self.look()
        until, is_whole = time.monotonic() + LOOK_EVERY, False
        while time.monotonic() < until and await self.read_some():
            if not is_whole and await self.is_at(ends):
                is_whole = True
                self.store.is_whole(at)
                say("whole", taken=(self.store.reading() or {})["taken"])


async def follow() -> None:
    """Reads until the process ends. While Kafka is away it waits."""
    consumer = AIOKafkaConsumer(
        **settings(),
        group_id=None,  # the position is in our store, not in Kafka's
        enable_auto_commit=False,
        auto_offset_reset="none",  # it is we who decide where to begin
        isolation_level="read_committed",
    )
    await consumer.start()
    reader = Reader(consumer, Store(STORE))
    try:
        while True:
            try:
                await reader.turn()
            except KafkaError as error:
                say("waits", reason=str(error) or type(error).__name__)
                await asyncio.sleep(1)
    finally:
        await consumer.stop()


def main() -> None:
    """Follows or shows."""
    if sys.argv[1:] == ["show"]:
        print(json.dumps(Store(STORE).organisations(), ensure_ascii=False))
    elif sys.argv[1:] == ["follow"]:
        try:
            with suppress(KeyboardInterrupt):  # Ctrl-C: the store is as after the last batch
                asyncio.run(follow())
        except KafkaError as error:
            sys.exit(f"Kafka does not answer: {error}. Is KAFKA_BOOTSTRAP right? The store is as it was.")
    else:
        sys.exit("say `follow` or `show`")


if __name__ == "__main__":
    main()
