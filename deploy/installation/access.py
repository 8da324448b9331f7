"""Who may do what with which topic, from the registry: only a topic's producer writes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from schemas.registry import Topic
from services.chassis.model.topic_names import TopicNames

SERVICES = ("profiles", "matching", "notifications", "translation")
READERS = {
    "reader": ("public",),
    "partner": ("public", "by grant"),
    "operator": ("public", "by grant", "owner, operators"),
}
"""Principals outside the installation, with the classes of topics that each may read. Groups of theirs begin with their
name and a dot."""
PRINCIPALS = ("topics", *SERVICES, *READERS)


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """What one principal may do with one resource. `prefixed`: with all whose names begin so."""

    principal: str
    operations: tuple[str, ...]
    prefixed: bool
    kind: str
    """As Kafka's command has it: topic, group, transactional-id."""
    name: str


def grants(topics: Sequence[Topic], prefix: str = "magpie", database_prefix: str = "magpie_") -> list[Grant]:
    """All grants of an installation, in a stable order."""
    names = TopicNames(prefix)
    found = [Grant("topics", ("Create", "Describe", "DescribeConfigs", "AlterConfigs"), True, "topic", f"{prefix}.")]
    for topic in topics:
        found += _topic_grants(topic, topic.full_name(prefix))
    for service in SERVICES:
        relay = f"{prefix}.relay.{database_prefix}{service}"
        found.append(Grant(service, ("Describe", "Write"), False, "transactional-id", relay))
        found.append(Grant(service, ("Read",), False, "group", names.group(service)))
    found += [Grant(reader, ("Read",), True, "group", f"{reader}.") for reader in READERS]
    return sorted([*found, *_lag_grants(topics, names, prefix)])


def _lag_grants(topics: Sequence[Topic], names: TopicNames, prefix: str) -> Iterator[Grant]:
    """Every service measures the lag of every group, so that one that hangs is measured by the others: offsets and
    nothing of the records. The operator sees them, too."""
    groups = sorted({service for topic in topics for service in topic.consumers if service in SERVICES})
    read = sorted(topic.full_name(prefix) for topic in topics if topic.consumers)
    for principal in (*SERVICES, "operator"):
        for service in groups:
            yield Grant(principal, ("Describe",), False, "group", names.group(service))
        for name in read:
            yield Grant(principal, ("Describe",), False, "topic", name)


def _topic_grants(topic: Topic, name: str) -> Iterator[Grant]:
    yield Grant(topic.producer, ("Describe", "Write"), False, "topic", name)
    inside = {topic.owner, *topic.consumers}
    outside = {reader for reader, classes in READERS.items() if topic.classification in classes}
    for principal in sorted(inside | outside):
        yield Grant(principal, ("Read",), False, "topic", name)
    # How long erasures live on it.
    for principal in topic.consumers:
        yield Grant(principal, ("DescribeConfigs",), False, "topic", name)


def text(found: Sequence[Grant]) -> str:
    """The file that `compose.secure.yaml` applies: a line has the arguments of one call of kafka-acls.sh, each of which
    starts a JVM, so what can be said together is."""
    head = "# Made from schemas/topics by `make access`: the arguments of kafka-acls.sh --add, one call a line.\n"
    together = groupby(found, key=lambda grant: (grant.principal, grant.operations, grant.prefixed))
    return head + "".join(_line(*said, list(grants)) for said, grants in together)


def _line(principal: str, operations: tuple[str, ...], prefixed: bool, found: Sequence[Grant]) -> str:
    words = [
        f"--allow-principal User:{principal}",
        *(f"--operation {operation}" for operation in operations),
        *(f"--{grant.kind} {grant.name}" for grant in found),
        f"--resource-pattern-type {'prefixed' if prefixed else 'literal'}",
    ]
    return " ".join(words) + "\n"
