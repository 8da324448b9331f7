"""How a service declares what it stores: models, collections, indexes. The declarations are in its `store.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from schemas.envelope import Event, Tombstone

from .events import MAX_SEQUENCE
from .refusals import Unreadable

Doc = dict[str, Any]
"""A BSON document as the driver gives and takes it."""
Ref = tuple[str, str]
"""(collection, _id)"""


class Document(BaseModel):
    """What a collection holds. Frozen: a decision makes a changed copy and puts that.

    `revision` grows by one with each accepted write and is the sequence of the event that the write emits. `at`
    (microseconds since the epoch) orders events, whatever the replicas' clocks say. The unit of work sets both."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="ignore", hide_input_in_errors=True)

    id: str = Field(alias="_id")
    revision: int = 0
    at: int = 0


class Projection(Document):
    """What a service stores of another service's aggregate.

    `sequence` is the source's revision; an event that is not newer is ignored. After an erasure a row with nothing but
    its sequence remains, so that reading the topic again from its start brings nothing back."""

    sequence: int = 0


def is_newer(sequence: int, row: Projection | None) -> bool:
    """Whether an event with this sequence changes the projection. If not, it must have no effect at all.

    Raises Unreadable for a sequence that jumps beyond what can be."""
    must_follow(sequence, row)
    return row is None or row.sequence < sequence


MAX_STEP = 1000
"""More than this many events of one aggregate are never missing between two that are read: each of them would be a dead
letter, or lost. A larger jump is a forged sequence, and would block the key until it is reached."""
MAX_FIRST = MAX_SEQUENCE // 2
"""The first event of a key has no row to be compared with. A forged one at the readers' bound would leave its owner no
sequence to say the truth with."""


def must_follow(sequence: int, row: Projection | None) -> None:
    """Raises Unreadable for a sequence that jumps beyond what can be. The first event that is read of a key may have
    any sequence up to MAX_FIRST: those before it may have been compacted or have left with time."""
    known = row.sequence if row is not None else 0
    if sequence > (known + MAX_STEP if known else MAX_FIRST):
        raise Unreadable(f"The sequence jumps from {known} to {sequence}: it is set aside, and moves nothing.")


D = TypeVar("D", bound=Document)


@dataclass(frozen=True)
class Index:
    """Fields in order; a leading `-` means descending. `expires_seconds` makes it a TTL index; `partial` is a filter
    of MongoDB for the documents that it covers."""

    keys: tuple[str, ...]
    unique: bool = False
    expires_seconds: int | None = None
    partial: Doc | None = None

    def specification(self) -> tuple[list[tuple[str, int]], Doc]:
        """Keys and options as the driver's `create_index` takes them."""
        keys = [(key.removeprefix("-"), -1 if key.startswith("-") else 1) for key in self.keys]
        options: Doc = {"unique": True} if self.unique else {}
        if self.expires_seconds is not None:
            options["expireAfterSeconds"] = self.expires_seconds
        if self.partial is not None:
            options["partialFilterExpression"] = self.partial
        return keys, options


@dataclass(frozen=True)
class Collection(Generic[D]):
    """Documents of one model under one name.

    `topic` names the aggregate's topic (`profiles`): every write of such a document emits exactly one event. Without a
    topic the documents are private: they have revisions and no events. `state_event` makes the event that says the
    whole state of a document once more; `erased_event` is the erasure, where the topic has one. While a topic is
    followed by its next version (`things.v2`), `successor` makes each event of that from the stored document (None for
    an erasure) and the event of this topic: both are written in one transaction."""

    name: str
    model: type[D]
    topic: str | None = None
    indexes: Sequence[Index] = field(default=())
    state_event: Callable[[D], Event] | None = None
    erased_event: type[Tombstone] | None = None
    successor: Callable[[D | None, Event | Tombstone], Event | Tombstone] | None = None

    def restated(self, value: D | None) -> Event | Tombstone | None:
        """The event that says what there is now: the whole state, or that there is none. None if no event does."""
        if value is None:
            return self.erased_event() if self.erased_event else None
        return self.state_event(value) if self.state_event else None

    def told(self, doc: Doc, event: Event | Tombstone) -> list[tuple[str, Event | Tombstone]]:
        """What a write says, and on which topics. Raises TypeError where the documents are private."""
        if self.topic is None:
            raise TypeError(f"{self.name} has no topic to say {event.event_type} on")
        if self.successor is None:
            return [(self.topic, event)]
        later = self.successor(None if doc.get("gone") else self.read(doc), event)
        return [(self.topic, event), (later.topic, later)]

    def read(self, doc: Doc) -> D:
        """The model of a stored document. Raises pydantic's ValidationError."""
        return self.model.model_validate(doc)

    def write(self, value: D) -> Doc:
        """The document to store."""
        return value.model_dump(by_alias=True, exclude_none=True)

    def ref(self, id: str) -> Ref:
        """Names one document, for `reads` and `load`."""
        return (self.name, id)


AnyCollection = Collection[Any]
"""A collection whose model does not matter here."""
