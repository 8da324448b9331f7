"""Which services there are, what each of them reads, and where it keeps its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from schemas.registry import Topic, registry
from services.chassis.ops import ChassisSettings

PORTS = {"profiles": 8101, "matching": 8102, "notifications": 8103, "translation": 8104}
"""The services, with the default port of each one's API."""
OPERATIONS_OFFSET = 1000
"""The operators' port is that of the API and this much."""


@dataclass(frozen=True)
class Installation:
    """All services under the settings' prefixes."""

    settings: ChassisSettings

    def group(self, service: str) -> str:
        """Its consumer group."""
        return self.settings.names.group(service)

    def dead_letters(self, service: str) -> str | None:
        """The full name of its topic of dead letters; None for a service that reads nothing."""
        return self.settings.names.dead_letters(service) if f"dlq.{service}" in self._names else None

    def retries(self, service: str) -> str:
        """The full name of its topic of records that are sent again."""
        return self.settings.names.retries(service)

    def read_by(self, service: str) -> list[Topic]:
        """The topics that it reads."""
        return [topic for topic in self._topics if service in topic.consumers]

    def readable(self, service: str) -> frozenset[str]:
        """The full names of the topics from which it takes events: those that it reads, without its retries."""
        return frozenset(self.full_name(topic) for topic in self.read_by(service) if topic.events)

    @property
    def topics(self) -> list[str]:
        """The full names of all topics."""
        return [self.full_name(topic) for topic in self._topics]

    def full_name(self, topic: Topic) -> str:
        """The topic's name in this installation."""
        return topic.full_name(self.settings.topic_prefix)

    @cached_property
    def _topics(self) -> Sequence[Topic]:
        return registry()

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(topic.name for topic in self._topics)


def default_url(service: str) -> str:
    """The operators' port of a service on this machine."""
    return f"http://127.0.0.1:{PORTS[service] + OPERATIONS_OFFSET}"
