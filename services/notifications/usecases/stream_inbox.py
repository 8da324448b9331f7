"""New entries of an inbox as they come, for server-sent events.

The numbers of entries follow the order of commits. So reading "what comes after number n" misses nothing and repeats
nothing, whichever replica wrote it. The signal only says when to read again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass

from services.chassis.model import Doc, QuotaReached
from services.chassis.mongo import Database

from .. import metrics, store
from ..store import MAILBOXES, RECIPIENTS
from .render_notices import RenderedNotice, render_notices

MAX_ENTRIES = 100
"""Entries in one update of a stream."""
RETRY_AFTER_SECONDS = 30


class InboxSignal:
    """Wakes the streams of a recipient when its mailbox has changed. A collection cache of the mailboxes calls
    `changed` and `wake_all`, so that it hears of writes by all replicas."""

    def __init__(self, *, max_streams: int, max_per_member: int) -> None:
        """`max_streams` bounds the streams of this process, `max_per_member` those of one recipient in it."""
        self._max_streams, self._max_per_member = max_streams, max_per_member
        self._events: dict[str, set[asyncio.Event]] = {}
        self.is_closed = False

    def changed(self, recipient_id: str, mailbox: Doc | None) -> None:
        """Wakes the streams of one recipient."""
        for event in self._events.get(recipient_id, ()):
            event.set()

    def wake_all(self) -> None:
        """Wakes all streams: changes may have been missed."""
        for events in self._events.values():
            for event in events:
                event.set()

    @property
    def open_streams(self) -> int:
        """How many streams this process has open."""
        return sum(map(len, self._events.values()))

    def close(self) -> None:
        """Ends all streams, because the service stops."""
        self.is_closed = True
        self.wake_all()

    def subscribe(self, recipient_id: str) -> Subscriber:
        """A place for one more stream, until it is closed. Raises QuotaReached."""
        if len(self._events.get(recipient_id, ())) >= self._max_per_member:
            raise _too_many("member", f"You have {self._max_per_member} streams open; close one, or use one for all.")
        if self.open_streams >= self._max_streams:
            raise _too_many("replica", "All places for streams are taken; ask again later, or read in pages.")
        event = asyncio.Event()
        self._events.setdefault(recipient_id, set()).add(event)
        metrics.streams.inc()
        return Subscriber(recipient_id, event, self._unsubscribe)

    def _unsubscribe(self, subscriber: Subscriber) -> None:
        events = self._events.get(subscriber.recipient_id, set())
        if subscriber.changed in events:
            metrics.streams.dec()
            events.discard(subscriber.changed)
            if not events:
                del self._events[subscriber.recipient_id]


def _too_many(quota: str, detail: str) -> QuotaReached:
    metrics.streams_refused.labels(quota).inc()
    return QuotaReached("too-many-streams", detail, retry_after=RETRY_AFTER_SECONDS)


@dataclass(frozen=True, eq=False)
class Subscriber:
    """The place of one stream. `changed` is set at every change: clear it before reading, or a change during the read
    is missed."""

    recipient_id: str
    changed: asyncio.Event
    _unsubscribe: Callable[[Subscriber], None]

    def close(self) -> None:
        """Frees the place. May be called again."""
        self._unsubscribe(self)


@dataclass(frozen=True)
class StreamUpdate:
    """New entries with their numbers, rendered, and the position after them. Without entries it is a sign of life."""

    position: int
    entries: list[tuple[int, RenderedNotice]]


@dataclass(frozen=True)
class StreamOptions:
    """How a stream is read: after which number, in which language (None: the recipient's), how often a sign of life is
    sent, and after how many seconds the stream ends."""

    after: int
    lang: str | None
    heartbeat_seconds: float
    max_seconds: float


async def last_entry_number(database: Database, recipient_id: str) -> int:
    """The position at the end of an inbox. Every number that is given later is higher."""
    mailbox = await database.one(MAILBOXES, recipient_id)
    return mailbox.revision if mailbox else 0


async def stream_inbox(
    database: Database, signal: InboxSignal, subscriber: Subscriber, options: StreamOptions
) -> AsyncIterator[StreamUpdate]:
    """Updates until the recipient is deleted, the service stops or the time is over. The first one comes at once, even
    if it has no entries. The caller closes the subscriber."""
    loop, recipient_id, changed = asyncio.get_running_loop(), subscriber.recipient_id, subscriber.changed
    end, position, is_first = loop.time() + options.max_seconds, options.after, True
    while not signal.is_closed and loop.time() < end:
        changed.clear()
        # Read each time: the registration may have been deleted, or its language changed.
        recipient = await database.one(RECIPIENTS, recipient_id)
        if recipient is None:
            return
        entries = await store.next_entries(database, recipient_id, after=position, limit=MAX_ENTRIES)
        if entries or is_first:
            is_first, position = False, entries[-1].number if entries else position
            notices = await render_notices(database, entries, recipient, options.lang or recipient.lang)
            numbers = (entry.number for entry in entries)
            yield StreamUpdate(position, list(zip(numbers, notices, strict=True)))
        elif not await _is_set_within(changed, min(options.heartbeat_seconds, end - loop.time())):
            yield StreamUpdate(position, [])


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
            return True
    return False
