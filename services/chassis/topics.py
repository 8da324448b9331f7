"""Topics from the registry (`schemas/topics/*.yaml`): `python -m services.chassis.topics apply`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError
from pydantic import BaseModel, ConfigDict

from .model.topic_names import TopicNames
from .ops.kafka_connection import KafkaConnection
from .ops.settings import ChassisSettings

REGISTRY = Path(__file__).parents[2] / "schemas" / "topics"
DAY_MS = 86_400_000
TOPIC_EXISTS = 36
"""Kafka's error code for a topic that exists."""
DYNAMIC_TOPIC_CONFIG = 1
"""Kafka's code for the source of a setting that a topic has of its own."""
SIZES = {"max.message.bytes": "1048576", "compression.type": "uncompressed"}
"""A batch of blanks that was sent compressed would grow a thousandfold in each of its readers. Kafka unpacks it here,
once, and refuses what is then too large."""
COMPACTION = {
    "cleanup.policy": "compact",
    "delete.retention.ms": str(30 * DAY_MS),
    "segment.ms": str(DAY_MS),
    "max.compaction.lag.ms": str(7 * DAY_MS),
}


class Topic(BaseModel):
    """A topic of the registry: who writes and who reads it, how long records live, which events it holds."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str
    """Aggregate plural (`profiles`), `dlq.<service>` or `retry.<service>`."""
    summary: str
    key: str
    owner: str
    producer: str
    consumers: list[str]
    classification: Literal["public", "by grant", "owner, operators"]
    cleanup: Literal["compact", "delete"]
    retention_days: int | None = None
    partitions: int
    events: list[str]
    dead_letters: str

    def full_name(self, prefix: str) -> str:
        """Its name in an installation."""
        names = TopicNames(prefix)
        kind, _, service = self.name.partition(".")
        special = {"dlq": names.dead_letters, "retry": names.retries}
        return special[kind](service) if kind in special else names.topic(self.name)

    def settings(self) -> dict[str, str]:
        """Its configuration, as Kafka takes it."""
        if self.cleanup == "compact":
            return COMPACTION | SIZES
        assert self.retention_days is not None
        return {"cleanup.policy": "delete", "retention.ms": str(self.retention_days * DAY_MS)} | SIZES


def registry() -> list[Topic]:
    """All topics of the contract. Raises pydantic's ValidationError for a page that is not one."""
    return [Topic.model_validate(yaml.safe_load(path.read_text())) for path in sorted(REGISTRY.glob("*.yaml"))]


@dataclass(frozen=True, slots=True)
class Findings:
    """What differs from the registry after `apply`, in words."""

    wrong: tuple[str, ...] = ()
    """What no setting mends: the number of partitions never changes."""
    kept: tuple[str, ...] = ()
    """Settings that an operator made: other values than the registry's, or settings that the registry does not have."""


async def apply(
    connection: KafkaConnection, prefix: str, *, replication: int = 1, correct: bool = False, **overrides: str
) -> Findings:
    """Creates missing topics, and gives existing ones the settings that they lack. What an operator has set stays and
    is reported, unless `correct`: then the registry's values replace other ones. Settings that the registry does not
    have always stay. `overrides` are settings for tests. Raises KafkaError."""
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        wanted = {topic.full_name(prefix): topic for topic in registry()}
        there = set(await admin.list_topics())
        settings = {name: topic.settings() | overrides for name, topic in wanted.items()}
        await _create(admin, wanted, settings, there, replication)
        existing = {name: settings[name] for name in wanted if name in there}
        if not existing:
            return Findings()
        kept = await _configure(admin, existing, correct=correct)
        return Findings(_partition_differences(await admin.describe_topics(list(existing)), wanted), kept)
    finally:
        await admin.close()


async def _create(
    admin: AIOKafkaAdminClient,
    wanted: Mapping[str, Topic],
    settings: Mapping[str, dict[str, str]],
    there: set[str],
    replication: int,
) -> None:
    missing = [
        NewTopic(name, topic.partitions, replication, topic_configs=settings[name])
        for name, topic in wanted.items()
        if name not in there
    ]
    if not missing:
        return
    answer: Any = await admin.create_topics(missing)
    for name, code, *_ in answer.topic_errors:
        if code not in (0, TOPIC_EXISTS):  # another process was faster
            raise KafkaError(f"{name}: Kafka refuses to create it, code {code}")


async def _configure(
    admin: AIOKafkaAdminClient, existing: Mapping[str, Mapping[str, str]], *, correct: bool
) -> tuple[str, ...]:
    """Returns what was kept, in words."""
    found = await _dynamic_settings(admin, list(existing))
    # The whole configuration, with what was found in it: the client has no incremental alteration, and this one erases
    # what it does not name.
    changed = {
        name: found[name] | {k: v for k, v in wanted.items() if correct or k not in found[name]}
        for name, wanted in existing.items()
    }
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, name, configs=configs)
        for name, configs in changed.items()
        if configs != found[name]
    ]
    if resources:
        answers: list[Any] = await admin.alter_configs(resources)
        for answer in answers:
            for code, message, _, name in answer.resources:
                if code:
                    raise KafkaError(f"{name}: Kafka refuses its settings, code {code}: {message}")
    return tuple(line for name in existing for line in setting_differences(name, changed[name], existing[name]))


async def _dynamic_settings(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    """The settings that each topic has of its own, without the defaults of the broker."""
    answers: list[Any] = await admin.describe_configs(
        [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    )
    return {
        name: {key: value for key, value, _, source, *_ in entries if source == DYNAMIC_TOPIC_CONFIG}
        for answer in answers
        for _, _, _, name, entries in answer.resources
    }


def setting_differences(topic: str, has: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """What a topic's settings have that the registry does not say, one line each."""
    return [
        f"{topic}: {name} is {value}, "
        + (f"the registry says {wanted[name]}" if name in wanted else "of which the registry says nothing")
        for name, value in sorted(has.items())
        if wanted.get(name) != value
    ]


def _partition_differences(described: list[dict[str, Any]], wanted: Mapping[str, Topic]) -> tuple[str, ...]:
    return tuple(
        f"{found['topic']}: has {len(found['partitions'])} partitions, the registry says "
        f"{wanted[found['topic']].partitions}; a topic's partitions never change, make a new version of it"
        for found in described
        if len(found["partitions"]) != wanted[found["topic"]].partitions
    )


def main() -> None:
    """The command. Exits with 1 if a topic is not as the registry says and no setting can mend it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("act", choices=["apply"])
    parser.add_argument("--replication", type=int, default=1)
    parser.add_argument("--correct", action="store_true", help="replace settings that differ from the registry's")
    args = parser.parse_args()
    settings = ChassisSettings()
    findings = asyncio.run(
        apply(settings.kafka, settings.topic_prefix, replication=args.replication, correct=args.correct)
    )
    for line in findings.wrong:
        print(line, file=sys.stderr)
    for line in findings.kept:
        print(f"{line}: kept", file=sys.stderr)
    if findings.wrong:
        sys.exit("not as the registry has them")
    settled = "as the registry has them" if not findings.kept else f"{len(findings.kept)} settings of your own kept"
    print(f"{len(registry())} topics, {settled}")


if __name__ == "__main__":
    main()
