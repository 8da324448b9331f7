"""How topics, consumer groups and schemas are named in one installation."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.envelope import SCHEMA_BASE, schema_uri, version_of


@dataclass(frozen=True, slots=True)
class TopicNames:
    """Names under one prefix, so that several installations can share a cluster."""

    prefix: str
    schema_base: str = SCHEMA_BASE

    def topic(self, aggregates: str) -> str:
        """Full name of a topic of the contract: `profiles` becomes `magpie.profiles.v1`, `profiles.v2` keeps its
        version."""
        bare = aggregates.removesuffix(f".{version_of(aggregates)}")
        return f"{self.prefix}.{bare}.{version_of(aggregates)}"

    def dead_letters(self, service: str) -> str:
        """The topic of the records that a service could not take."""
        return f"{self.prefix}.dlq.{service}"

    def retries(self, service: str) -> str:
        """The topic of dead letters that were sent to a service again."""
        return f"{self.prefix}.retry.{service}"

    def group(self, service: str) -> str:
        """The consumer group of a service."""
        return f"{self.prefix}.{service}"

    def schema(self, event_type: str) -> str:
        """The URI of the schema by which readers of an event validate it."""
        return schema_uri(event_type, base=self.schema_base)
