"""Topics from the registry (`schemas/topics/*.yaml`): `python -m services.chassis.topics apply`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any, Literal

import yaml
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError
from pydantic import BaseModel, ConfigDict

from .model.topic_names import TopicNames
from .ops.settings import ChassisSettings

REGISTRY = Path(__file__).parents[2] / "schemas" / "topics"
DAY_MS = 86_400_000
COMPACTION = {
    "cleanup.policy": "compact",
    "delete.retention.ms": str(30 * DAY_MS),
    "segment.ms": str(DAY_MS),
    "max.compaction.lag.ms": str(7 * DAY_MS),
}


class Topic(BaseModel):
    """A topic of the registry: who writes and who reads it, how long records live, which events it holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    """Aggregate plural (`profiles`), or `dlq.<service>`."""
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
        return names.dead_letters(service) if kind == "dlq" else names.topic(self.name)

    def settings(self) -> dict[str, str]:
        """Its configuration, as Kafka takes it."""
        if self.cleanup == "compact":
            return COMPACTION
        assert self.retention_days is not None
        return {"cleanup.policy": "delete", "retention.ms": str(self.retention_days * DAY_MS)}


def registry() -> list[Topic]:
    """All topics of the contract. Raises pydantic's ValidationError for a page that is not one."""
    return [Topic.model_validate(yaml.safe_load(path.read_text())) for path in sorted(REGISTRY.glob("*.yaml"))]


async def apply(bootstrap: str, prefix: str, *, replication: int = 1, **overrides: str) -> list[str]:
    """Creates missing topics and configures existing ones. Returns what differs all the same, in words: the number of
    partitions never changes. `overrides` are settings for tests."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return await _apply(admin, prefix, replication, overrides)
    finally:
        await admin.close()


async def _apply(admin: AIOKafkaAdminClient, prefix: str, replication: int, overrides: dict[str, str]) -> list[str]:
    wanted = {topic.full_name(prefix): topic for topic in registry()}
    there = set(await admin.list_topics())
    missing = [
        NewTopic(name, topic.partitions, replication, topic_configs={**topic.settings(), **overrides})
        for name, topic in wanted.items()
        if name not in there
    ]
    if missing:
        answer: Any = await admin.create_topics(missing)
        for name, code, *_ in answer.topic_errors:
            if code not in (0, 36):  # 36: another process was faster
                raise KafkaError(f"{name}: Kafka refuses to create it, code {code}")
    existing = [name for name in wanted if name in there]
    if not existing:
        return []
    await admin.alter_configs(
        [
            ConfigResource(ConfigResourceType.TOPIC, name, configs={**wanted[name].settings(), **overrides})
            for name in existing
        ]
    )
    return _differences(await admin.describe_topics(existing), wanted)


def _differences(described: list[dict[str, Any]], wanted: dict[str, Topic]) -> list[str]:
    return [
        f"{found['topic']}: has {len(found['partitions'])} partitions, the registry says "
        f"{wanted[found['topic']].partitions}; a topic's partitions never change, make a new version of it"
        for found in described
        if len(found["partitions"]) != wanted[found["topic"]].partitions
    ]


def main() -> None:
    """The command. Exits with 1 if the cluster is not as the registry says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("act", choices=["apply"])
    parser.add_argument("--replication", type=int, default=1)
    args = parser.parse_args()
    settings = ChassisSettings()
    wrong = asyncio.run(apply(settings.kafka_bootstrap, settings.topic_prefix, replication=args.replication))
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(registry())} topics as the registry has them" if not wrong else "not as the registry has them")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
