"""Dead letters: records that could not be taken, as they came, and how one of them is sent to its consumer again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bson import Binary

from ..commit.outbox import row
from ..model.documents import Doc
from ..model.events import MAX_EVENT_BYTES
from ..model.ids import derived_id
from .decoding import Record

OURS = "dlq_"
"""Our headers begin so. Where a stranger's record has such ones, they are left out."""
MAX_RESENT = 5
"""A record that has failed so often after it was sent again is not sent once more: what refuses it has to change."""
MAX_RECORD_BYTES = 1_000_000
"""Key, value and headers together; below what a topic takes, with room for framing."""
RawHeader = tuple[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record stood before it became a dead letter, and how often it was sent again since."""

    topic: str
    partition: int
    offset: int
    resent: int = 0
    resent_by: str = ""

    def headers(self) -> dict[str, str]:
        """As they travel with the record."""
        found = {
            "dlq_topic": self.topic,
            "dlq_partition": str(self.partition),
            "dlq_offset": str(self.offset),
        }
        if self.resent:
            found |= {"dlq_resent": str(self.resent), "dlq_resent_by": self.resent_by}
        return found


class NoOrigin(ValueError):
    """The headers do not say where the record comes from."""


def origin_of(headers: Sequence[RawHeader]) -> Origin:
    """What `Origin.headers` has written. Raises NoOrigin."""
    found = {name: (value or b"").decode("utf-8", "replace") for name, value in headers if name.startswith(OURS)}
    numbers = [found.get("dlq_partition", ""), found.get("dlq_offset", ""), found.get("dlq_resent", "0")]
    if not found.get("dlq_topic") or not all(n.isascii() and n.isdigit() and len(n) < 19 for n in numbers):
        raise NoOrigin("The headers dlq_topic, dlq_partition and dlq_offset do not name a place.")
    partition, offset, resent = map(int, numbers)
    return Origin(found["dlq_topic"], partition, offset, resent, found.get("dlq_resent_by", ""))


def without_ours(headers: Sequence[RawHeader]) -> list[RawHeader]:
    """The headers as the producer of the record wrote them."""
    return [(name, value) for name, value in headers if not name.startswith(OURS)]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record of a dead-letter topic. `partition` and `offset` are its place there; `at` is in milliseconds."""

    partition: int
    offset: int
    at: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[RawHeader]
    origin: Origin | None
    """None where its headers do not say."""
    reason: str
    cut_from: int | None
    """How long its value was before it was cut; None for a whole one."""

    @classmethod
    def read(cls, record: Record) -> DeadLetter:
        """Never raises: whatever stands on the topic can be shown."""
        ours = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
        try:
            origin = origin_of(record.headers)
        except NoOrigin:
            origin = None
        cut = ours.get("dlq_value_cut_from", "")
        return cls(
            partition=record.partition,
            offset=record.offset,
            at=record.timestamp,
            key=record.key,
            value=record.value,
            headers=tuple(record.headers),
            origin=origin,
            reason=ours.get("dlq_reason", ""),
            cut_from=int(cut) if cut.isascii() and cut.isdigit() and len(cut) < 19 else None,
        )

    @property
    def id(self) -> str:
        """Its place, as people name it: `2/17`."""
        return f"{self.partition}/{self.offset}"

    @property
    def digest(self) -> str:
        """The same for a letter that a relay has sent twice, and another one for what stands at this place after the
        topic was deleted and created again."""
        parts = [self.key, self.value]
        for name, value in self.headers:
            parts += [name.encode("utf-8", "surrogateescape"), value]
        found = hashlib.sha256()
        for part in parts:
            found.update(b"-" if part is None else b"%d:%b" % (len(part), part))
        return found.hexdigest()[:32]

    @property
    def size(self) -> int:
        """Bytes of key, value and headers."""
        held = [self.key, self.value, *(value for _, value in self.headers)]
        return sum(len(part) for part in held if part) + sum(len(name) for name, _ in self.headers)


def why_not_to_resend(letter: DeadLetter, *, readable: frozenset[str]) -> str | None:
    """Why a letter cannot be sent again, and what helps; None where it can. `readable` are the topics, by their full
    names, that the service reads."""
    if letter.origin is None or letter.origin.topic not in readable:
        return "it does not say from which topic of this service it comes, so no one would take it; drop it"
    if letter.cut_from is not None:
        return (
            f"only a part of its {letter.cut_from} bytes was kept; let the owner say its state once more (restate), "
            "and drop it"
        )
    if letter.origin.resent >= MAX_RESENT:
        return f"it has failed {letter.origin.resent} times since; let the owner say its state once more, and drop it"
    if letter.size > MAX_RECORD_BYTES:
        return f"it has {letter.size} bytes, more than a topic takes with the headers of its way; drop it"
    return None


def retry_row(letter: DeadLetter, *, topic: str, by: str, at: int) -> Doc:
    """The letter as a row of the outbox for the service's own topic of retries: the record as it was, and its origin.
    Raises NoOrigin."""
    if letter.origin is None:
        raise NoOrigin("The letter does not say where it comes from.")
    was = letter.origin
    again = Origin(was.topic, was.partition, was.offset, was.resent + 1, by)
    headers = [*without_ours(letter.headers), *_encoded(again.headers())]
    return row(topic, letter.key, letter.value, _stored(headers), at=at, id=derived_id("retry", letter.digest))


def dead_letter(record: Record, why: str, *, topic: str, group: str, at: int, origin: Origin | None = None) -> Doc:
    """The record as it came (raw key, value and headers) and why it was refused, without its content. A value that no
    broker would take again is cut, and a header says so. `origin`: for one that was sent again, where it came from."""
    value = record.value
    place = origin or Origin(record.topic, record.partition, record.offset)
    ours = {"dlq_reason": why, **place.headers(), "dlq_group": group}
    if value is not None and len(value) > MAX_EVENT_BYTES:
        ours["dlq_value_cut_from"] = str(len(value))
        value = value[:MAX_EVENT_BYTES]
    headers = _stored([*without_ours(record.headers), *_encoded(ours)])
    # aiokafka sends no record that has neither a key nor a value.
    key = record.key if record.key is not None or value is not None else b""
    return row(topic, key, value, headers, at=at, id=derived_id(group, record.topic, record.partition, record.offset))


def _encoded(headers: dict[str, str]) -> list[RawHeader]:
    return [(name, text.encode()) for name, text in headers.items()]


def _stored(headers: Sequence[RawHeader]) -> list[list[str | bytes | None]]:
    return [[name, None if raw is None else Binary(raw)] for name, raw in headers]
