"""The dead letters of services: which are open, and what is done with them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from services.chassis.kafka_in import DeadLetter, retry_row, why_not_to_resend
from services.chassis.model import Doc

from .bus import Bus
from .installation import Installation
from .store import Store

MAX_SCANNED = 20_000
"""Letters of a service that one command looks at, the oldest first; `status` looks at fewer."""
MAX_AT_ONCE = 100
"""Letters that one command changes."""
MAX_HELD_BYTES = 32 * 1024 * 1024
"""Of values that one command holds at a time."""


@dataclass(frozen=True, slots=True)
class Found:
    """A letter with what was done about it; None where nothing was."""

    service: str
    letter: DeadLetter
    handled: Doc | None = None

    @property
    def id(self) -> str:
        """As people name it: `matching/2/17`."""
        return f"{self.service}/{self.letter.id}"


@dataclass(slots=True)
class Scan:
    """A look through the letters of one service, up to `most` of them."""

    service: str
    topic: str
    most: int = MAX_SCANNED
    scanned: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether there may be letters that were not looked at."""
        return self.scanned >= self.most

    async def found(self, bus: Bus, store: Store) -> AsyncGenerator[Found, None]:
        """Each letter once, also where a relay has sent it twice, with what was done about it."""
        seen = set[str]()
        async with aclosing(bus.letters(self.topic)) as batches:
            async for batch in batches:
                fresh = {letter.digest: letter for letter in reversed(batch) if letter.digest not in seen}
                seen |= fresh.keys()
                self.scanned += len(batch)
                handled = await store.handled(list(fresh))
                for digest, letter in reversed(fresh.items()):
                    yield Found(self.service, letter, handled.get(digest))
                if self.is_cut:
                    return


async def open_letters(scan: Scan, bus: Bus, store: Store, *, most: int = MAX_AT_ONCE) -> list[Found]:
    """Letters about which nothing was done yet, as many as one command may hold."""
    chosen, held = list[Found](), 0
    async with aclosing(scan.found(bus, store)) as letters:
        async for found in letters:
            if found.handled is not None:
                continue
            held += found.letter.size
            if len(chosen) >= most or (chosen and held > MAX_HELD_BYTES):
                break
            chosen.append(found)
    return chosen


async def one(service: str, partition: int, offset: int, *, topic: str, bus: Bus, store: Store) -> Found | None:
    """The letter at one place."""
    letter = await bus.letter(topic, partition, offset)
    if letter is None:
        return None
    handled = await store.handled([letter.digest])
    return Found(service, letter, handled.get(letter.digest))


async def resend(found: Found, installation: Installation, store: Store, *, by: str) -> str | None:
    """Sends a letter to its service again, through the outbox and the service's own topic of retries. Returns why not,
    or None where it was done."""
    letter, service = found.letter, found.service
    if why := why_not_to_resend(letter, readable=installation.readable(service)):
        return why
    topic = installation.retries(service)

    def as_row(at: int) -> Doc:
        return retry_row(letter, topic=topic, by=by, at=at)

    done = await store.handle(letter.digest, act="resend", by=by, place=found.id, row=as_row)
    return None if done else "someone has handled it already"


async def drop(found: Found, installation: Installation, store: Store, *, by: str) -> str | None:
    """Marks a letter as handled; its topic keeps it. Returns why not, or None where it was done."""
    done = await store.handle(found.letter.digest, act="drop", by=by, place=found.id, row=None)
    return None if done else "someone has handled it already"
