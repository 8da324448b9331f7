"""The topics of the contract: each has one page in `topics/`, and this is what a page says. It also needs PyYAML."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

PAGES = Path(__file__).parent / "topics"
DAY_MS = 86_400_000
Classification = Literal["public", "by grant", "owner, operators"]
SIZES = {"compression.type": "uncompressed"}
"""A batch of blanks that was sent compressed would grow a thousandfold in each of its readers. Kafka unpacks it here,
once, and refuses what is then too large."""
COMPACTION = {
    "cleanup.policy": "compact",
    "segment.ms": str(DAY_MS),
    "min.compaction.lag.ms": str(DAY_MS),
    "max.compaction.lag.ms": str(7 * DAY_MS),
}
"""Readers have a day to see every event. A segment that ends a moment after a record would leave that record to the
cleaner at once; the lag does not."""


class _Page(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Deprecation(_Page):
    """The announced end of a topic, an event, a field or a value."""

    what: str
    """`topic`, or the name of an event, or `event: field`."""
    instead: str
    announced: dt.date
    ends: dt.date
    """Until this day both are written."""

    @model_validator(mode="after")
    def _readers_have_time(self) -> Deprecation:
        if (self.ends - self.announced).days < MIN_NOTICE_DAYS:
            raise ValueError(f"an end is announced {MIN_NOTICE_DAYS} days before it, so that readers can follow")
        return self


MIN_NOTICE_DAYS = 180


class Topic(_Page):
    """A topic: who writes and who reads it, how long records live, which events it holds, and what readers rely on."""

    name: str
    """Aggregate plural (`profiles`), `dlq.<service>` or `retry.<service>`."""
    version: int = Field(default=1, ge=1)
    """In its full name. A new version is a topic of its own, beside the old one."""
    summary: str
    owner: str
    """The service that decides what it says."""
    contact: str
    """Whom subscribers ask."""
    producer: str
    """The principal that alone writes it."""
    consumers: list[str]
    classification: Classification
    access: str
    """How others are granted it."""
    key: str
    partitioner: Literal["murmur2"]
    """Of the bytes of the key, as Kafka's own clients have it."""
    partitions: int
    cleanup: Literal["compact", "delete"]
    retention_days: int | None = None
    """Of a topic that is kept by time."""
    delete_retention_days: int | None = None
    """Of a compacted topic: how long an erasure can be read."""
    max_record_bytes: int
    """Key, value and headers, with Kafka's framing."""
    headers: list[str]
    """In each record."""
    optional_headers: list[str]
    """In some records: an erasure, for example, has none that are about a body."""
    events: list[str]
    dead_letters: str
    rely_on: list[str]
    """What a subscriber may rely on."""
    deprecations: list[Deprecation]

    @model_validator(mode="after")
    def _lives_as_its_cleanup_says(self) -> Topic:
        compacts = self.cleanup == "compact"
        if compacts is (self.delete_retention_days is None) or compacts is not (self.retention_days is None):
            raise ValueError("compact goes with delete_retention_days, delete with retention_days, and not both")
        return self

    @property
    def title(self) -> str:
        """Its name with its version, where that is not the first one: `things.v2`."""
        return self.name if self.version == 1 else f"{self.name}.v{self.version}"

    def full_name(self, prefix: str) -> str:
        """Its name in an installation."""
        is_inside = self.name.startswith(("dlq.", "retry."))
        return f"{prefix}.{self.name}" if is_inside else f"{prefix}.{self.name}.v{self.version}"

    @property
    def is_for_subscribers(self) -> bool:
        """Whether it holds events of the contract."""
        return bool(self.events)

    def settings(self) -> dict[str, str]:
        """Its configuration, as Kafka takes it."""
        found = SIZES | {"max.message.bytes": str(self.max_record_bytes)}
        if self.delete_retention_days is not None:
            return COMPACTION | {"delete.retention.ms": str(self.delete_retention_days * DAY_MS)} | found
        assert self.retention_days is not None
        return {"cleanup.policy": "delete", "retention.ms": str(self.retention_days * DAY_MS)} | found


def registry(folder: Path = PAGES) -> list[Topic]:
    """All topics of the contract. Raises pydantic's ValidationError for a page that is not one."""
    return list(_ours()) if folder == PAGES else _read(folder)


@lru_cache(maxsize=1)
def _ours() -> list[Topic]:
    """A process asks for them at several places, and they do not change while it runs."""
    return _read(PAGES)


def _read(folder: Path) -> list[Topic]:
    return [Topic.model_validate(yaml.safe_load(path.read_text())) for path in sorted(folder.glob("*.yaml"))]


@lru_cache(maxsize=1)
def public_events() -> tuple[str, ...]:
    """The names (`ce_type`) of all events of topics that are public. Those by grant, and those of one owner, are not
    among them."""
    return tuple(name for topic in registry() if topic.classification == "public" for name in topic.events)
