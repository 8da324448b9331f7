"""What a service listens with: the consumer of its group, the broker that feeds it, and what watches over both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from faststream.kafka import KafkaBroker

from schemas.registry import registry

from .commit.committer import Committer
from .kafka_in.consumer import MAX_CONCURRENT_PARTITIONS, Consumer, Reader
from .kafka_in.group import Membership, subscribe
from .kafka_in.lag import LagProbe
from .kafka_in.rebuilds import Rebuilds
from .kafka_in.reconciling import Reconciling
from .kafka_in.retries import RetryReader
from .kafka_in.subscriptions import RecordReader, Subscription
from .kafka_in.watch import LogWatch
from .ops.health import Heartbeat
from .ops.settings import ChassisSettings
from .ops.traces import OFF, Traces


@dataclass(frozen=True, slots=True)
class Listening:
    """The consumer of a service, the broker that feeds it, and the watch over what it reads."""

    broker: KafkaBroker
    consumer: Consumer
    heartbeat: Heartbeat
    watch: LogWatch
    rebuilds: Rebuilds


def listen(
    service: str,
    subscriptions: Sequence[Subscription],
    settings: ChassisSettings,
    committer: Committer,
    *,
    heartbeat: Heartbeat,
    traces: Traces = OFF,
) -> Listening:
    """Builds them; nothing is started yet."""
    group = settings.names.group(service)
    readers = readers_of(service, subscriptions, settings)
    consumer = Consumer(committer.database, committer, readers, group=group, heartbeat=heartbeat, traces=traces)
    options: dict[str, Any] = {"security": settings.kafka.security(), "client_id": f"magpie-{service}"}
    broker = KafkaBroker(settings.kafka.addresses, logger=None, consumer_only=True, **options)
    membership = Membership(
        group=group,
        instance_id=settings.replica and f"{group}-{settings.replica}",
        session_ms=settings.consumer_session_ms,
        # While one partition's batch commits, those of the others are decided.
        max_records=settings.batch_records * MAX_CONCURRENT_PARTITIONS,
    )
    subscribe(broker, consumer, readers, membership)
    rebuilds = Rebuilds(committer.database, service, reconcilings(readers, settings, committer))
    watch = LogWatch(settings.kafka, committer.database, consumer, readers, rebuilds)
    return Listening(broker, consumer, heartbeat, watch, rebuilds)


def reconcilings(
    readers: Mapping[str, Reader], settings: ChassisSettings, committer: Committer
) -> dict[str, Reconciling]:
    """For the topics whose rows can be compared with them, by their full name."""
    return {
        topic: Reconciling(committer, settings.kafka, reader, reader.subscription.projects, topic)
        for topic, reader in readers.items()
        if isinstance(reader, RecordReader) and reader.subscription.projects is not None
    }


def readers_of(service: str, subscriptions: Sequence[Subscription], settings: ChassisSettings) -> dict[str, Reader]:
    """By the topic's name: one for each subscription, and one for what operators have sent again."""
    names, sources = settings.names, {topic.name: f"/magpie/{topic.producer}" for topic in registry()}
    group, dead_letters = names.group(service), names.dead_letters(service)
    readers = {names.topic(s.topic): RecordReader(s, group, dead_letters, sources.get(s.topic)) for s in subscriptions}
    if f"retry.{service}" not in sources:
        return {**readers}
    return {**readers, names.retries(service): RetryReader(readers, group, dead_letters)}


def lag_probe(settings: ChassisSettings) -> LagProbe:
    """Of all groups of the registry, not of one service's alone: a process that hangs cannot tell."""
    names, groups = settings.names, dict[str, list[str]]()
    for topic in registry():
        for consumer in topic.consumers:
            groups.setdefault(names.group(consumer), []).append(topic.full_name(names.prefix))
    return LagProbe(settings.kafka, groups)
