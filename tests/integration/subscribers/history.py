"""What a subscriber may meet on a topic of profiles, and what its directory has to say afterwards."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from aiokafka import AIOKafkaProducer, ConsumerRecord

from tests.support.kafka import Headers, ce_headers, note, producing

KNOWN = {f"magpie.profile.{what}" for what in ("created", "published", "updated", "withdrawn")}
Record = tuple[bytes | None, bytes | None, Headers]


def headers(key: str, kind: str, sequence: int) -> Headers:
    more = {"ce_specversion": "1.0", "ce_source": "/magpie/profiles", "ce_subject": key}
    more |= {"ce_correlationid": "c", "ce_causationid": "c"}
    return ce_headers(f"{key}-{sequence}", kind, sequence, ce_time="2026-11-25T01:00:00.123456+00:00", **more)


def state(key: str, sequence: int, kind: str = "published", **more: Any) -> Record:
    body = {
        "profile_id": key,
        "owner": f"org-{key}",
        "type": "company",
        "country": "KR",
        "state": "withdrawn" if kind == "withdrawn" else "published",
        "names": {"ko": f"한빛 {key} {sequence}", "zh": f"汉光 {sequence}"},
        **more,
    }
    value = json.dumps(body, ensure_ascii=False).encode()
    return key.encode(), value, headers(key, f"magpie.profile.{kind}", sequence)


def erasure(key: str, sequence: int) -> Record:
    return key.encode(), None, headers(key, "magpie.profile.erased", sequence)


def odd(key: str, sequence: int) -> list[Record]:
    """A type and a field of a later release, and records that are no events."""
    later = state(key, sequence, "updated", added_later={"x": [1]})
    bad: list[Record] = [
        (b"odd-1", b"{", headers("odd-1", "magpie.profile.updated", 1)),
        (b"odd-2", b'{"state": "published"}', [("ce_type", b"magpie.profile.updated"), ("ce_sequence", b"seven")]),
        (b"odd-3", b'["published"]', headers("odd-3", "magpie.profile.updated", 1)),
        (b"odd-4", b"\xff", [("ce_type", None)]),
    ]
    return [later, (key.encode(), b'{"by": "x"}', headers(key, "magpie.profile.endorsed", sequence)), *bad]


def lives(seed: int, keys: int, turns: int) -> Iterator[list[Record]]:
    """Batches of changes of several profiles; the last events of a key may come again."""
    dice, sequences = random.Random(seed), dict.fromkeys((f"p{n}" for n in range(keys)), 0)
    last: list[Record] = []
    for turn in range(turns):
        batch: list[Record] = []
        for key in dice.sample(sorted(sequences), k=keys // 2):
            sequences[key] += 1
            kind = dice.choice(["published", "updated", "updated", "withdrawn"])
            gone = dice.random() < 0.15
            batch.append(erasure(key, sequences[key]) if gone else state(key, sequences[key], kind))
        if turn == turns // 2:
            sequences["p0"] += 1
            batch += odd("p0", sequences["p0"])
        yield [*last, *batch] if dice.random() < 0.3 else batch
        last = batch


async def write(producer: AIOKafkaProducer, topic: str, batch: list[Record]) -> None:
    """In a transaction, as Magpie's relay does; before it one that is aborted, as when a relay dies."""
    await producer.begin_transaction()
    await producer.send_and_wait(topic, *_parts(state("never", 1)))
    await producer.abort_transaction()
    async with producer.transaction():
        await note([await producer.send(topic, *_parts(record)) for record in batch])


def _parts(record: Record) -> tuple[Any, ...]:
    key, value, headers = record
    return value, key, None, None, list(headers)


async def write_all(bootstrap: str, topic: str, batches: list[list[Record]]) -> None:
    async with producing(bootstrap, transactional_id=f"history-{topic}") as producer:
        for batch in batches:
            await write(producer, topic, batch)


def expected(records: list[ConsumerRecord[Any, Any]]) -> tuple[list[dict[str, Any]], int]:
    """The directory of what stands on the topic, and how many changes it took. The rules, said once more."""
    found: dict[str, tuple[int, dict[str, Any] | None]] = {}
    taken = 0
    for record in records:
        try:
            said = {name: value.decode() for name, value in record.headers}
            key, sequence = (record.key or b"").decode(), int(said["ce_sequence"])
            body = None if record.value is None else json.loads(record.value)
            is_known = body is None or (said["ce_type"] in KNOWN and body["state"])
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        if is_known and sequence > found.get(key, (0, None))[0]:
            taken += 1
            found[key] = (sequence, _entry(body))
    ordered = sorted((key, sequence, entry) for key, (sequence, entry) in found.items() if entry)
    return [{"id": key, "sequence": sequence, **entry} for key, sequence, entry in ordered if entry], taken


def _entry(body: dict[str, Any] | None) -> dict[str, Any] | None:
    if body is None or body["state"] != "published":
        return None
    return {"names": body["names"], "country": body["country"], "offers": len(body.get("offers") or [])}
