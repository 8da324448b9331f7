"""New entries of an inbox as they come, for server-sent events.

The numbers of entries follow the order of commits. So reading "what comes after number n" misses nothing and repeats
nothing, whichever replica wrote it. The signal only says when to read again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from services.chassis.model import Doc
from services.chassis.mongo import Database

from .. import metrics, store
from ..store import MAILBOXES, RECIPIENTS
from .render_notices import RenderedNotice, render_notices

MAX_ENTRIES = 100
"""Entries in one update of a stream."""


class InboxSignal:
    """Wakes the streams of a recipient when its mailbox has changed. A collection cache of the mailboxes calls
    `changed` and `wake_all`, so that it hears of writes by all replicas."""

    def __init__(self) -> None:
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

    def close(self) -> None:
        """Ends all streams, because the service stops."""
        self.is_closed = True
        self.wake_all()

    @contextmanager
    def subscribe(self, recipient_id: str) -> Iterator[asyncio.Event]:
        """An event that is set at every change. Clear it before reading, or a change during the read is missed."""
        event = asyncio.Event()
        self._events.setdefault(recipient_id, set()).add(event)
        metrics.streams.inc()
        try:
            yield event
        finally:
            metrics.streams.dec()
            self._events[recipient_id].discard(event)
            if not self._events[recipient_id]:
                del self._events[recipient_id]


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
    database: Database, signal: InboxSignal, recipient_id: str, options: StreamOptions
) -> AsyncIterator[StreamUpdate]:
    """Updates until the recipient is deleted, the service stops or the time is over. The first one comes at once, even
    if it has no entries."""
    loop = asyncio.get_running_loop()
    end, position, is_first = loop.time() + options.max_seconds, options.after, True
    with signal.subscribe(recipient_id) as changed:
        while not signal.is_closed and loop.time() < end:
            changed.clear()
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
