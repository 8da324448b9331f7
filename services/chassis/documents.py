"""How a service declares what it keeps: models, collections, indexes. The declarations stand in its `store.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Doc = dict[str, Any]
Ref = tuple[str, str]
"""(collection, _id)"""


class Document(BaseModel):
    """What a collection holds. Frozen: a decision makes a changed copy and puts that. `revision` grows by one with
    each accepted write and is the sequence of the event that the write emits; `at` (microseconds) orders events
    whatever the replicas' clocks say. Both are the unit of work's to set."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="ignore")

    id: str = Field(alias="_id")
    revision: int = 0
    at: int = 0


class Projection(Document):
    """What a service keeps of another's aggregate: `sequence` is the source's, and what is not newer is ignored. After
    an erasure a row with nothing but its sequence stays, so that a rewind does not bring anything back."""

    sequence: int = 0


def is_news(row: Projection | None, sequence: int) -> bool:
    """Whether an event of this sequence tells something new: if not, nothing follows from it."""
    return row is None or row.sequence < sequence


D = TypeVar("D", bound=Document)


@dataclass(frozen=True)
class Index:
    """Fields in order; a leading `-` means descending. `expires_seconds` makes it a TTL index."""

    keys: tuple[str, ...]
    unique: bool = False
    expires_seconds: int | None = None
    partial: Doc | None = None

    def specification(self) -> tuple[list[tuple[str, int]], Doc]:
        keys = [(key.removeprefix("-"), -1 if key.startswith("-") else 1) for key in self.keys]
        options: Doc = {"unique": True} if self.unique else {}
        if self.expires_seconds is not None:
            options["expireAfterSeconds"] = self.expires_seconds
        if self.partial is not None:
            options["partialFilterExpression"] = self.partial
        return keys, options


@dataclass(frozen=True)
class Collection(Generic[D]):
    """`topic` names the aggregate's topic (`profiles`); every write of such a document emits exactly one event.
    Without a topic the documents are private: revisions, no events."""

    name: str
    model: type[D]
    topic: str | None = None
    indexes: Sequence[Index] = field(default=())

    def read(self, doc: Doc) -> D:
        return self.model.model_validate(doc)

    def write(self, value: D) -> Doc:
        return value.model_dump(by_alias=True, exclude_none=True)

    def ref(self, id: str) -> Ref:
        return (self.name, id)
