"""The whole installation at one look. What cannot be asked is a note, and the rest is shown all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeVar

from aiokafka.errors import KafkaError
from pymongo.errors import OperationFailure, PyMongoError

from .bus import Bus
from .installation import Installation, default_url
from .letters import Scan
from .looks import Look, look
from .store import Store, Waiting

PART_SECONDS = 15.0
MAX_LETTERS = 2000
"""Letters of a service that are counted."""
NOT_ASKED = (PyMongoError, KafkaError, OSError, TimeoutError, RuntimeError)
UNAUTHORIZED = (13, 18)
R = TypeVar("R")


@dataclass(slots=True)
class Row:
    """One service. None: it could not be asked, and `notes` say why."""

    service: str
    reads: bool = True
    """Whether it reads topics, and so has a group, a lag and dead letters."""
    looks: Sequence[Look] = ()
    members: int | None = None
    """Replicas in its consumer group."""
    lag: dict[str, int] | None = None
    waiting: Waiting | None = None
    letters: int | None = None
    letters_cut: bool = False
    """Whether there may be more of them."""
    notes: list[str] = field(default_factory=list)


async def status(installation: Installation, services: Sequence[str], urls: Mapping[str, Sequence[str]]) -> list[Row]:
    """One row a service, asked at the same time. Never raises: what does not answer is a note."""
    rows = [Row(service, reads=bool(installation.read_by(service))) for service in services]
    await asyncio.gather(*(_look(row, urls.get(row.service) or [default_url(row.service)]) for row in rows))
    await asyncio.gather(*(_note(row, "MongoDB", _waiting(row, installation)) for row in rows))
    await asyncio.gather(*(_of_kafka(row, installation) for row in rows if row.reads))
    return rows


async def _look(row: Row, urls: Sequence[str]) -> None:
    row.looks = await asyncio.gather(*map(look, urls))


async def _waiting(row: Row, installation: Installation) -> None:
    async with Store(row.service, installation.settings) as store:
        row.waiting = await store.waiting()


async def _of_kafka(row: Row, installation: Installation) -> None:
    parts: dict[str, Callable[[Row, Installation, Bus], Awaitable[None]]] = {
        "the group": _members,
        "the lag": _lag,
        "dead letters": _letters,
    }

    async def ask() -> None:
        async with Bus(installation.settings.kafka) as bus:
            for what, part in parts.items():
                await _note(row, f"Kafka ({what})", part(row, installation, bus))

    await _note(row, "Kafka", ask(), seconds=PART_SECONDS * (len(parts) + 1))


async def _members(row: Row, installation: Installation, bus: Bus) -> None:
    row.members = await bus.members(installation.group(row.service))


async def _lag(row: Row, installation: Installation, bus: Bus) -> None:
    topics = [installation.full_name(topic) for topic in installation.read_by(row.service)]
    row.lag = await bus.lag(installation.group(row.service), topics)


async def _letters(row: Row, installation: Installation, bus: Bus) -> None:
    topic = installation.dead_letters(row.service)
    if topic is None:
        return
    scan, open_ = Scan(row.service, topic, MAX_LETTERS), 0
    async with Store(row.service, installation.settings) as store, aclosing(scan.found(bus, store)) as letters:
        async for found in letters:
            open_ += found.handled is None
    row.letters, row.letters_cut = open_, scan.is_cut


async def _note(row: Row, what: str, asking: Awaitable[R], *, seconds: float = PART_SECONDS) -> R | None:
    try:
        async with asyncio.timeout(seconds):
            return await asking
    except NOT_ASKED as error:
        row.notes.append(f"{what}: {explain(error)}")
        return None


def explain(error: BaseException) -> str:
    """Why a server could not be asked, without what it quotes."""
    if isinstance(error, OperationFailure) and error.code in UNAUTHORIZED:
        return "this user may not read it; MAGPIE_MONGO_URI needs one that may"
    if isinstance(error, TimeoutError):
        return f"no answer within {PART_SECONDS:.0f} s"
    if type(error) is KafkaError:  # our own sentence
        return str(error.args[0]) if error.args else "KafkaError"
    return type(error).__name__
