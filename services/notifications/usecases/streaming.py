"""An inbox as it grows. Its entries are numbered in the order of their commits, so 'what came after number n' misses
nothing and repeats nothing, whichever replica wrote it; the bell only says when to look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from services.chassis.database import Database
from services.chassis.documents import Doc

from .. import metrics, store
from ..store import MAILBOXES, RECIPIENTS
from . import reading

MOST_AT_ONCE = 100


class Bell:
    """Rings for a recipient when its mailbox has changed, heard from the mirror of the mailboxes."""

    def __init__(self) -> None:
        self._listening: dict[str, set[asyncio.Event]] = {}
        self.is_closed = False

    def changed(self, recipient_id: str, mailbox: Doc | None) -> None:
        for event in self._listening.get(recipient_id, ()):
            event.set()

    def ring_all(self) -> None:
        for events in self._listening.values():
            for event in events:
                event.set()

    def close(self) -> None:
        """Ends every stream: the service is told to stop."""
        self.is_closed = True
        self.ring_all()

    @contextmanager
    def listening(self, recipient_id: str) -> Iterator[asyncio.Event]:
        """An event that is set at every ring; clear it before you look."""
        event = asyncio.Event()
        self._listening.setdefault(recipient_id, set()).add(event)
        metrics.streams.inc()
        try:
            yield event
        finally:
            metrics.streams.dec()
            self._listening[recipient_id].discard(event)
            if not self._listening[recipient_id]:
                del self._listening[recipient_id]


@dataclass(frozen=True)
class News:
    """Entries that have come, rendered, and the number of the last one; without entries a sign of life."""

    number: int
    entries: list[tuple[int, reading.Shown]]


async def last_number(database: Database, recipient_id: str) -> int:
    mailbox = await database.one(MAILBOXES, recipient_id)
    return mailbox.revision if mailbox else 0


async def news(
    database: Database,
    bell: Bell,
    recipient_id: str,
    *,
    after: int,
    lang: str | None,
    heartbeat_seconds: float,
    seconds: float,
) -> AsyncIterator[News]:
    """What comes after a number, until the recipient is gone, the service stops or `seconds` are over. The first one
    comes at once, with nothing in it where nothing is new."""
    loop = asyncio.get_running_loop()
    end, last, is_first = loop.time() + seconds, after, True
    with bell.listening(recipient_id) as rung:
        while not bell.is_closed and loop.time() < end:
            rung.clear()
            recipient = await database.one(RECIPIENTS, recipient_id)
            if recipient is None:
                return
            entries = await store.next_entries(database, recipient_id, after=last, limit=MOST_AT_ONCE)
            if entries or is_first:
                is_first, last = False, entries[-1].number if entries else last
                shown = await reading.shown(database, entries, recipient, lang or recipient.lang)
                yield News(last, list(zip((entry.number for entry in entries), shown, strict=True)))
                continue
            if not await _heard(rung, min(heartbeat_seconds, end - loop.time())):
                yield News(last, [])


async def _heard(rung: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await rung.wait()
            return True
    return False
