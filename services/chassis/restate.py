"""The operator's command after a forged record: the owner says once more what there is, with a later sequence.

`python -m services.profiles restate profiles ID --beyond SEQUENCE [--jump]`"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial

from pymongo.errors import PyMongoError

from .commit.committer import Committer
from .commit.decision import Decision, NoGuard
from .commit.unit_of_work import UnitOfWork
from .model.documents import MAX_STEP, AnyCollection
from .model.events import MAX_SEQUENCE, Cause
from .model.failures import Unavailable, safe_text
from .service import Service

MAX_BEYOND = MAX_SEQUENCE - MAX_STEP
"""Readers refuse what is beyond their bound. Revisions only grow, so some are left for what the owner says later."""

Restating = Callable[[Committer, AnyCollection], Awaitable[int]]


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
    parser.add_argument("--jump", action="store_true", help="though readers without the forged record set it aside")
    chosen = parser.parse_args(arguments)
    act = partial(restate, id=chosen.id, beyond=chosen.beyond, jump=chosen.jump)
    try:
        sequence = asyncio.run(_run(service, by_topic[chosen.topic], act))
    except Jumps as jump:
        sys.exit(f"Nothing was said: {jump}")
    except NothingToSay:
        sys.exit(f"Nothing was said: there is no {chosen.id}, and the topic {chosen.topic} has no erasures.")
    except (PyMongoError, Unavailable) as error:
        sys.exit(f"Nothing was said: {safe_text(error)}")
    print(f"{chosen.topic}/{chosen.id}: said again with sequence {sequence}; the service's relay sends it.")


async def _run(service: Service, collections: Sequence[AnyCollection], act: Restating) -> int:
    """Looks in all collections of the topic: one may hold the plans of what another holds."""
    await service.database.prepare(service.collections)
    try:
        for collection in collections:
            with suppress(NothingToSay):
                return await act(service.committer(1), collection)
        raise NothingToSay
    finally:
        service.database.close()


class NothingToSay(LookupError):
    """There is no such aggregate, and its topic has no erasures."""


class Jumps(ValueError):
    """Readers that are where the owner is would set this sequence aside, and every later one of the key."""


async def restate(committer: Committer, collection: AnyCollection, id: str, *, beyond: int, jump: bool = False) -> int:
    """Commits the owner's state of one aggregate again and returns its sequence. Raises NothingToSay; Jumps for a
    sequence that readers refuse as a jump, unless `jump` says that they are there; and Unavailable without MongoDB."""
    stored = await committer.database.collection(collection.name).find_one({"_id": id}, {"revision": 1})
    if stored is not None and not jump and beyond >= stored["revision"] + MAX_STEP:
        raise Jumps(
            f"the owner is at {stored['revision']}, and readers who are there too would set aside {beyond + 1} and all "
            f"that is said of {id} later, because it jumps by more than {MAX_STEP}. Look for a mistyped digit. Where "
            "readers have taken a record with that sequence, and only then, add --jump."
        )

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
    if not 0 <= number <= MAX_BEYOND:
        raise argparse.ArgumentTypeError(
            f"a sequence is a number from 0 to {MAX_BEYOND}; readers refuse what is larger"
        )
    return number
