"""The operator's command that compares what a service stores of a topic with the topic, and applies what was missed.

`python -m services.matching rebuild profiles [--check] [--erase]`"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from .kafka_in.rebuilds import finish, why_held
from .kafka_in.reconciling import Differences, Reconciling
from .listening import readers_of, reconcilings
from .model.failures import Unavailable, safe_text
from .service import Service

SHOWN = 20
"""Ids that are shown of each kind."""


def command(service: Service, arguments: Sequence[str]) -> None:
    """Runs the command. Exits with 1 where something differs and was not mended, with 2 for wrong arguments."""
    readers = readers_of(service.name, service.subscriptions, service.settings)
    found = reconcilings(readers, service.settings, service.committer(service.settings.batch_records))
    by_topic = {one.reader.subscription.topic: one for one in found.values()}
    parser = argparse.ArgumentParser(prog=f"python -m services.{service.name} rebuild", description=__doc__)
    parser.add_argument("topic", choices=sorted(by_topic), help="a topic whose rows can be compared")
    parser.add_argument("--check", action="store_true", help="only compares, and says what differs")
    parser.add_argument("--erase", action="store_true", help="erases what is not in the topic, however much it is")
    chosen = parser.parse_args(arguments)
    try:
        differences, held = asyncio.run(_run(service, by_topic[chosen.topic], check=chosen.check, erase=chosen.erase))
    except (PyMongoError, KafkaError, Unavailable, OSError, TimeoutError) as error:
        sys.exit(f"A server could not be asked: {safe_text(error)}. Say it once more: nothing is done twice.")
    print(said(differences))
    if chosen.check and not differences.are_none:
        sys.exit("Nothing was changed.")
    if held:
        sys.exit(f"Nothing was erased: {held}. Where that is right, say --erase.")
    if not chosen.check:
        print("The rows are what the topic says.")


async def _run(
    service: Service, reconciling: Reconciling, *, check: bool, erase: bool
) -> tuple[Differences, str | None]:
    await service.database.prepare(service.collections)
    try:
        found = await reconciling.compare()
        held = None if erase else why_held(found)
        if not check:
            await reconciling.apply(found, erase=held is None)
            if held is None:
                await finish(service.database, reconciling.topic)
        return found, held
    finally:
        service.database.close()


def said(found: Differences) -> str:
    """What differs, in words."""
    lines = [f"{found.rows} living rows; {len(found.missing)} are not in the topic, {len(found.newer)} are behind it."]
    for what, ids in (("not in the topic", list(found.missing)), ("behind the topic", list(found.newer))):
        if ids:
            lines.append(f"{what}: {', '.join(ids[:SHOWN])}{' and more' if len(ids) > SHOWN else ''}")
    return "\n".join(lines)
