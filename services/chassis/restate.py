"""The operator's command after a forged record: the owner says once more what there is, with a later sequence.

`python -m services.profiles restate profiles ID --beyond SEQUENCE`"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from pymongo.errors import PyMongoError

from .commit.committer import Committer
from .commit.decision import Decision, NoGuard
from .commit.unit_of_work import UnitOfWork
from .model.documents import AnyCollection
from .model.events import Cause
from .model.failures import Unavailable, safe_text
from .service import Service

MAX_SEQUENCE = 2**62
"""A sequence beyond this is refused by every reader, and needs no answer."""


def command(service: Service, arguments: Sequence[str]) -> None:
    """Runs the command. Exits with 1 and the reason where it is not possible, with 2 for wrong arguments."""
    by_topic: dict[str, list[AnyCollection]] = {}
    for collection in service.collections:
        if collection.topic and collection.state_event:
            by_topic.setdefault(collection.topic, []).append(collection)
    parser = argparse.ArgumentParser(prog=f"python -m services.{service.name} restate", description=__doc__)
    parser.add_argument("topic", choices=sorted(by_topic), help="the topic of the forged record")
    parser.add_argument("id", help="its key")
    parser.add_argument("--beyond", type=_sequence, required=True, help="its ce_sequence")
    chosen = parser.parse_args(arguments)
    try:
        sequence = asyncio.run(_run(service, by_topic[chosen.topic], chosen.id, chosen.beyond))
    except NothingToSay:
        sys.exit(f"Nothing was said: there is no {chosen.id}, and the topic {chosen.topic} has no erasures.")
    except (PyMongoError, Unavailable) as error:
        sys.exit(f"Nothing was said: {safe_text(error)}")
    print(f"{chosen.topic}/{chosen.id}: said again with sequence {sequence}; the service's relay sends it.")


async def _run(service: Service, collections: Sequence[AnyCollection], id: str, beyond: int) -> int:
    """Looks in all collections of the topic: one may hold the plans of what another holds."""
    await service.database.prepare(service.collections)
    try:
        for collection in collections:
            with suppress(NothingToSay):
                return await restate(service.committer(1), collection, id, beyond=beyond)
        raise NothingToSay(id)
    finally:
        service.database.close()


class NothingToSay(LookupError):
    """There is no such aggregate, and its topic has no erasures."""


async def restate(committer: Committer, collection: AnyCollection, id: str, *, beyond: int) -> int:
    """Commits the owner's state of one aggregate again and returns its sequence. Raises NothingToSay, and Unavailable
    without MongoDB."""

    async def decide(uow: UnitOfWork) -> int:
        if collection.restated(await uow.get(collection, id)) is None:
            raise NothingToSay(id)
        return await uow.restate(collection, id, beyond=beyond)

    decision = Decision(decide=decide, cause=Cause.of_a_person("restate"))
    await committer.commit(deque([decision]), NoGuard())
    if decision.refusal is not None:
        raise decision.refusal
    return int(str(decision.result))


def _sequence(text: str) -> int:
    number = int(text)
    if not 0 <= number <= MAX_SEQUENCE:
        raise argparse.ArgumentTypeError(f"a sequence is a number from 0 to {MAX_SEQUENCE}")
    return number
