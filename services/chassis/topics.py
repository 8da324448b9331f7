"""Topics from the registry (`schemas/topics/*.yaml`): `python -m services.chassis.topics check|apply`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from schemas.registry import Topic, registry

from .ops.kafka_connection import KafkaConnection
from .ops.settings import ChassisSettings
from .ops.topic_settings import own_settings, set_settings

TOPIC_EXISTS = 36
"""Kafka's error code for a topic that exists."""
NEVER_SHORTENED = {"retention.ms", "delete.retention.ms", "max.message.bytes"}
"""A smaller value deletes records, or refuses those that are on their way."""
Settings = Mapping[str, Mapping[str, str]]
"""By topic."""
SHOWN_WITHIN_S, LOOK_EVERY_S = 30, 0.1
"""A broker tells of a topic or a setting only a moment after it has taken it: of a busy one, seconds."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What differs from the registry, in words."""

    missing: tuple[str, ...] = ()
    """Topics that are not there, and settings that a topic does not have: `apply` adds them."""
    wrong: tuple[str, ...] = ()
    """What no setting mends: the number of partitions never changes."""
    kept: tuple[str, ...] = ()
    """Settings that have another value than the registry's: an operator's own."""
    outside: tuple[str, ...] = ()
    """Settings and topics of which the registry says nothing: no drift."""

    @property
    def drift(self) -> tuple[str, ...]:
        """Everything that is not as the registry says."""
        return self.missing + self.wrong + self.kept


async def check(connection: KafkaConnection, prefix: str) -> Findings:
    """Compares the topics of an installation with the registry, and changes nothing. Raises KafkaError."""
    wanted = {topic.full_name(prefix): topic for topic in registry()}
    async with _admin(connection) as admin:
        there = set(await admin.list_topics())
        absent = tuple(f"{name}: there is no such topic; `apply` creates it" for name in wanted if name not in there)
        strangers = sorted(name for name in there - wanted.keys() if name.startswith(f"{prefix}."))
        found = await _compared(admin, {name: wanted[name] for name in wanted if name in there})
        unknown = tuple(f"{name}: the registry has no such topic" for name in strangers)
        return Findings(absent + found.missing, found.wrong, found.kept, found.outside + unknown)


async def apply(
    connection: KafkaConnection, prefix: str, *, replication: int = 1, correct: bool = False, **overrides: str
) -> Findings:
    """Creates missing topics, and gives existing ones the settings that they lack, one by one. What an operator has set
    stays and is reported, unless `correct`: then the registry's values replace other ones, but never by a shorter
    retention or a smaller record. Nothing is deleted, and settings that the registry does not have always stay.
    `overrides` are settings for tests, which are always set. Returns what still differs, when Kafka shows what it has
    taken. Raises KafkaError."""
    wanted = {topic.full_name(prefix): topic for topic in registry()}
    async with _admin(connection) as admin:
        there = set(await admin.list_topics())
        settings = {name: topic.settings() | overrides for name, topic in wanted.items()}
        made = await _create(admin, {name: wanted[name] for name in wanted if name not in there}, settings, replication)
        await _shown(admin, {name: {} for name in wanted})
        existing = {name: topic for name, topic in wanted.items() if name not in made}
        has = await own_settings(admin, existing)
        changes = {name: _changes(has[name], topic.settings(), correct) | overrides for name, topic in existing.items()}
        await set_settings(admin, changes)
        await _shown(admin, changes)
        now = {name: has[name] | changes[name] for name in existing}
        return await _compared(admin, existing, now=now, settings=settings)


@asynccontextmanager
async def _admin(connection: KafkaConnection) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def _create(
    admin: AIOKafkaAdminClient, missing: Mapping[str, Topic], settings: Settings, replication: int
) -> set[str]:
    """Names of those that were made here, and not by another process at the same time."""
    if not missing:
        return set()
    answer: Any = await admin.create_topics(
        [
            NewTopic(name, topic.partitions, replication, topic_configs=dict(settings[name]))
            for name, topic in missing.items()
        ]
    )
    for name, code, *_ in answer.topic_errors:
        if code not in (0, TOPIC_EXISTS):
            raise KafkaError(f"{name}: Kafka refuses to create it, code {code}")
    return {name for name, code, *_ in answer.topic_errors if code == 0}


async def _shown(admin: AIOKafkaAdminClient, settings: Settings) -> None:
    """Waits until Kafka shows these topics with these values. Raises KafkaError."""
    end = time.monotonic() + SHOWN_WITHIN_S
    while absent := await _not_shown(admin, settings):
        if time.monotonic() > end:
            raise KafkaError(f"Kafka took these and does not show them after {SHOWN_WITHIN_S} s: {', '.join(absent)}")
        await asyncio.sleep(LOOK_EVERY_S)


async def _not_shown(admin: AIOKafkaAdminClient, settings: Settings) -> list[str]:
    there = set(await admin.list_topics())
    if absent := sorted(settings.keys() - there):
        return absent
    has = await own_settings(admin, [name for name, values in settings.items() if values])
    return sorted(name for name, values in settings.items() if not values.items() <= has.get(name, {}).items())


def _changes(has: Mapping[str, str], wanted: Mapping[str, str], correct: bool) -> dict[str, str]:
    """What `apply` sets."""
    return {
        name: value
        for name, value in wanted.items()
        if name not in has or (correct and has[name] != value and not _shortens(name, has[name], value))
    }


def _shortens(name: str, before: str, after: str) -> bool:
    """-1 is without limit."""
    return name in NEVER_SHORTENED and before != after and (before == "-1" or 0 <= int(after) < int(before))


async def _compared(
    admin: AIOKafkaAdminClient,
    existing: Mapping[str, Topic],
    *,
    now: Settings | None = None,
    settings: Settings | None = None,
) -> Findings:
    if not existing:
        return Findings()
    has = await own_settings(admin, existing) if now is None else now
    wanted = {name: topic.settings() for name, topic in existing.items()} if settings is None else settings
    partitions = {found["topic"]: len(found["partitions"]) for found in await admin.describe_topics(list(existing))}
    return Findings(
        tuple(line for name in existing for line in lacking(name, has[name], wanted[name])),
        tuple(line for name, topic in existing.items() for line in partition_differences(name, topic, partitions)),
        tuple(line for name in existing for line in other_values(name, has[name], wanted[name])),
        tuple(line for name in existing for line in unnamed(name, has[name], wanted[name])),
    )


def lacking(topic: str, has: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """Settings of the registry that a topic does not have, one line each."""
    absent = sorted(wanted.keys() - has.keys())
    return [f"{topic}: {name} is not set, the registry says {wanted[name]}; `apply` sets it" for name in absent]


def other_values(topic: str, has: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """Settings that have another value than the registry's, one line each."""
    differing = sorted(name for name in has.keys() & wanted.keys() if has[name] != wanted[name])
    return [f"{topic}: {name} is {has[name]}, the registry says {wanted[name]}" for name in differing]


def unnamed(topic: str, has: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """Settings of a topic of which the registry says nothing, one line each."""
    others = sorted(has.keys() - wanted.keys())
    return [f"{topic}: {name} is {has[name]}, of which the registry says nothing" for name in others]


def partition_differences(name: str, topic: Topic, partitions: Mapping[str, int]) -> list[str]:
    """A line where a topic has another number of partitions."""
    if partitions[name] == topic.partitions:
        return []
    return [
        f"{name}: has {partitions[name]} partitions, the registry says {topic.partitions}; a topic's partitions never "
        "change, make a new version of it"
    ]


def main() -> None:
    """The command. `check` exits with 1 on any drift, `apply` if a topic is not as the registry says and no setting can
    mend it."""
    parser = argparse.ArgumentParser(prog="python -m services.chassis.topics", description=__doc__)
    parser.add_argument("act", choices=["check", "apply"])
    parser.add_argument("--replication", type=int, default=1, help="of topics that `apply` creates")
    parser.add_argument("--correct", action="store_true", help="replace settings that differ from the registry's")
    args = parser.parse_args()
    settings = ChassisSettings()
    if args.act == "check":
        found = asyncio.run(check(settings.kafka, settings.topic_prefix))
        _say(found.drift, found.outside)
        failing = found.drift
    else:
        found = asyncio.run(
            apply(settings.kafka, settings.topic_prefix, replication=args.replication, correct=args.correct)
        )
        kept = found.kept + found.outside
        _say(found.missing + found.wrong, tuple(f"{line}: kept" for line in kept))
        failing = found.missing + found.wrong
    if failing:
        sys.exit(f"{len(failing)} differences: not as the registry has them")
    own = len(found.kept + found.outside)
    print(f"{len(registry())} topics, as the registry has them" + (f"; {own} things of your own kept" if own else ""))


def _say(*groups: tuple[str, ...]) -> None:
    for line in (line for lines in groups for line in lines):
        print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
