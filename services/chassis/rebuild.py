"""The operator's command that builds the rows of a topic once more, beside those that a service has, compares both by
hashes, and takes over what differs: nothing is sent, planned or moved, and members may go on.

`python -m services.chassis.rebuild --service matching --topic profiles [--check] [--erase]`"""

from __future__ import annotations

import argparse
import asyncio
import runpy
import sys
from collections.abc import Collection, Sequence

from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from schemas.registry import registry

from .kafka_in.rebuilds import Outcome, rebuild_beside
from .kafka_in.reconciling import Reconciling
from .listening import readers_of, reconcilings
from .model.failures import Unavailable, safe_text
from .service import Service

PROGRAM, WORD = "python -m services.chassis.rebuild", "rebuild"
SHOWN = 20
"""Ids that are shown of each kind."""


def main(arguments: Sequence[str]) -> None:
    """Runs the command in the named service: its own settings, collections and handlers. Exits as `command`."""
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__)
    parser.add_argument(
        "--service", required=True, choices=sorted({c for topic in registry() for c in topic.consumers})
    )
    _add_options(parser, topics=None)
    chosen = parser.parse_args(arguments)
    flags = [f"--{name}" for name in ("check", "erase") if getattr(chosen, name)]
    # The chassis imports no service: the process becomes the service's, as if that had been called with this word.
    sys.argv = [sys.argv[0], WORD, "--topic", chosen.topic, *flags]
    runpy.run_module(f"services.{chosen.service}", run_name="__main__", alter_sys=True)


def command(service: Service, arguments: Sequence[str]) -> None:
    """Runs the command. Exits with 1 where something differs and was not mended, with 2 for wrong arguments."""
    readers = readers_of(service.name, service.subscriptions, service.settings)
    found = reconcilings(readers, service.settings, service.committer(service.settings.batch_records))
    by_topic = {one.reader.subscription.topic: one for one in found.values()}
    parser = argparse.ArgumentParser(prog=f"{PROGRAM} --service {service.name}", description=__doc__)
    _add_options(parser, topics=sorted(by_topic))
    chosen = parser.parse_args(arguments)
    try:
        outcome = asyncio.run(_run(service, by_topic[chosen.topic], check=chosen.check, erase=chosen.erase))
    except (PyMongoError, KafkaError, Unavailable, OSError, TimeoutError) as error:
        sys.exit(f"A server could not be asked: {safe_text(error)}. Say it once more: nothing is done twice.")
    print(said(outcome))
    if chosen.check and not outcome.is_as_built:
        sys.exit("Nothing was changed.")
    if outcome.held:
        sys.exit(f"Nothing was erased: {outcome.held}. Where that is right, say --erase.")
    if not chosen.check:
        print("The rows are what the topic says.")


def _add_options(parser: argparse.ArgumentParser, *, topics: Sequence[str] | None) -> None:
    """`topics`: those whose rows can be built; None where only the service itself knows them."""
    parser.add_argument("--topic", required=True, choices=topics, help="a topic whose rows can be built")
    parser.add_argument("--check", action="store_true", help="only builds and compares, and says what differs")
    parser.add_argument("--erase", action="store_true", help="erases what is not in the topic, however much it is")


async def _run(service: Service, reconciling: Reconciling, *, check: bool, erase: bool) -> Outcome:
    await service.database.prepare(service.collections)
    try:
        return await rebuild_beside(reconciling, check=check, erase=erase)
    finally:
        service.database.close()


def said(outcome: Outcome) -> str:
    """What was found and done, in words."""
    found, content = outcome.found, outcome.content
    lines = [
        f"{found.rows} living rows; {len(found.missing)} are not in the topic, {len(found.newer)} are behind it, "
        f"{len(content.other)} say something else.",
        f"{content.rows} rows compared: {content.hash[:16]} here, {content.beside[:16]} built beside.",
    ]
    if outcome.refused:
        lines.append(f"{outcome.refused} records were refused, as dead letters are; what is stored of them stays.")
    named: dict[str, Collection[str]] = {
        "not in the topic": found.missing,
        "behind the topic": found.newer,
        "something else": content.other,
    }
    for what, ids in named.items():
        if ids:
            shown = sorted(ids)[:SHOWN]
            lines.append(f"{what}: {', '.join(shown)}{' and more' if len(ids) > SHOWN else ''}")
    if outcome.after:
        after = outcome.after
        lines.append(f"Switched: {after.rows} rows, {after.hash[:16]} here, {after.beside[:16]} built beside.")
    if outcome.after and content.other:
        lines.append(f"What followed from {len(content.other)} replaced rows was not made again: docs/operations.md.")
    return "\n".join(lines)


if __name__ == "__main__":
    main(sys.argv[1:])
