"""The commands: each selects, asks, changes and says what it did."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any

from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from services.chassis.ops import ChassisSettings

from . import letters, views, ways
from .acts import NotSure, Unnamed, confirm, log, operator
from .arguments import MAX_NAMED, ids_by_service, parser
from .bus import Bus
from .installation import PORTS, Installation
from .status import explain, status
from .store import Dead, Store

Arguments = argparse.Namespace
Change = Callable[..., Awaitable[str | None]]


class Failed(Exception):
    """What could not be done, in words."""


def main(words: Sequence[str] | None = None) -> None:
    """Runs one command. Exits with 1 if it could not be done or was not confirmed, with 2 for wrong arguments."""
    logging.disable(logging.CRITICAL)  # what libraries say of servers that are away; the command says it itself
    language = parser()
    arguments = language.parse_args(words)
    ids = getattr(arguments, "ids", None)
    if ids is not None:
        kind = getattr(arguments, "kind", None)
        if sum([bool(ids), bool(kind), arguments.all]) != 1:
            language.error("say ids, a kind where there are kinds, or --all: one of them")
        if len(ids) > MAX_NAMED:
            language.error(f"at most {MAX_NAMED} ids at a time")
    try:
        asyncio.run(run(arguments, Installation(ChassisSettings())))
    except (Failed, NotSure, Unnamed, ValueError) as error:  # pydantic's ValidationError is a ValueError, too
        sys.exit(str(error))
    except (PyMongoError, KafkaError, OSError, TimeoutError) as error:
        sys.exit(f"A server could not be asked: {explain(error)}. Say it once more: nothing is done twice.")


async def run(arguments: Arguments, installation: Installation) -> None:
    """Runs what the arguments say."""
    acts = {
        ("status", None): _status,
        ("trace", None): _trace,
        ("jobs", "list"): _jobs_list,
        ("jobs", "retry"): _jobs_retry,
        ("gaps", "list"): _gaps_list,
        ("gaps", "acknowledge"): _gaps_acknowledge,
        ("deadletters", "list"): _letters_list,
        ("deadletters", "show"): _letters_show,
        ("deadletters", "resend"): _letters_change,
        ("deadletters", "drop"): _letters_change,
    }
    await acts[arguments.command, getattr(arguments, "act", None)](arguments, installation)


def _say(arguments: Arguments, said: views.Json, text: str) -> None:
    print(json.dumps(said, ensure_ascii=False) if arguments.json else text)


def _services(arguments: Arguments) -> list[str]:
    return [service for service in PORTS if not arguments.service or service in arguments.service]


def _readers(arguments: Arguments, installation: Installation) -> list[tuple[str, str]]:
    """Services that have dead letters, each with its topic of them."""
    found = [(service, installation.dead_letters(service)) for service in _services(arguments)]
    return [(service, topic) for service, topic in found if topic is not None]


async def _status(arguments: Arguments, installation: Installation) -> None:
    urls: dict[str, list[str]] = {}
    for service, url in arguments.at:
        urls.setdefault(service, []).append(url)
    rows = await status(installation, _services(arguments), urls)
    _say(arguments, views.status_json(rows), views.status_text(rows))


async def _trace(arguments: Arguments, installation: Installation) -> None:
    settings, way = installation.settings, ways.Way(arguments.id)
    sources = ways.logs_in(arguments.logs or str(settings.state_dir / "logs"))
    try:
        async with Bus(settings.kafka) as bus:
            await way.on_topics(bus, installation.topics, dt.datetime.now(dt.UTC) - dt.timedelta(hours=arguments.hours))
    except KafkaError as error:  # an act is looked for in an outage above all
        way.unread = [f"{topic}: {type(error).__name__}" for topic in installation.topics]
    way.in_logs(sources)
    _say(arguments, views.way_json(way), views.way_text(way))


# -- jobs


async def _jobs_list(arguments: Arguments, installation: Installation) -> None:
    found: list[views.Json] = []
    for service in _services(arguments):
        async with Store(service, installation.settings) as store:
            room = arguments.limit - len(found)
            docs = await store.jobs(state=arguments.state, kind=arguments.kind, limit=room + 1)
        found += [views.job_json(service, doc) for doc in docs]
        if len(found) > arguments.limit:
            break
    cut, shown = len(found) > arguments.limit, found[: arguments.limit]
    _say(arguments, {"jobs": shown, "more": cut}, views.jobs_text(shown) + _more(cut))


async def _jobs_retry(arguments: Arguments, installation: Installation) -> None:
    named = ids_by_service(arguments.ids)
    chosen = {
        service: Dead(ids=named.get(service) if named else None, kind=arguments.kind)
        for service in _services(arguments)
        if not named or service in named
    }
    counts = {service: await _in_store(service, installation, _dead(which)) for service, which in chosen.items()}
    counts = {service: kinds for service, kinds in counts.items() if kinds}
    if not counts:
        raise Failed("Nothing was changed: no such job is dead.")
    told = "; ".join(
        f"{s}: {', '.join(f'{views.line(k)} {n}' for k, n in kinds.items())}" for s, kinds in counts.items()
    )
    by = operator(arguments.named)
    confirm(f"Dead jobs that become due again, with fresh tries: {told}.", yes=arguments.yes)
    done, left = dict[str, int](), 0
    for service in counts:
        done[service] = await _in_store(service, installation, _revive(chosen[service], by))
        log("jobs retry", by=by, service=service, jobs=done[service])
        left += sum((await _in_store(service, installation, _dead(chosen[service]))).values())
    text = f"{sum(done.values())} jobs are due again." + (f" {left} are still dead; say it once more." if left else "")
    _say(arguments, {"revived": done, "still_dead": left}, text)


async def _in_store(service: str, installation: Installation, act: Callable[[Store], Awaitable[Any]]) -> Any:
    async with Store(service, installation.settings) as store:
        return await act(store)


def _dead(which: Dead) -> Callable[[Store], Awaitable[dict[str, int]]]:
    return lambda store: store.dead(which)


def _revive(which: Dead, by: str) -> Callable[[Store], Awaitable[int]]:
    return lambda store: store.revive(which, by=by)


def _more(cut: bool) -> str:
    return "\nThere are more; --limit shows more of them." if cut else ""


# -- gaps


async def _gaps_list(arguments: Arguments, installation: Installation) -> None:
    found: list[views.Json] = []
    for service in _services(arguments):
        async with Store(service, installation.settings) as store:
            room = arguments.limit - len(found)
            docs = await store.gaps(acknowledged=arguments.all, limit=room + 1)
        found += [views.gap_json(service, doc) for doc in docs]
        if len(found) > arguments.limit:
            break
    cut, shown = len(found) > arguments.limit, found[: arguments.limit]
    _say(arguments, {"gaps": shown, "more": cut}, views.gaps_text(shown) + _more(cut))


async def _gaps_acknowledge(arguments: Arguments, installation: Installation) -> None:
    named = ids_by_service(arguments.ids)
    chosen = {service: named.get(service) for service in _services(arguments) if not named or service in named}
    told = ", ".join(arguments.ids[:20]) or "all that are open"
    confirm(f"Gaps to acknowledge: {told}. What was in them stays lost here.", yes=arguments.yes)
    by, done = operator(arguments.named), dict[str, int]()
    for service, ids in chosen.items():
        done[service] = await _in_store(service, installation, _acknowledge(ids, by))
    for service, gaps in done.items():
        if gaps:
            log("gaps acknowledge", by=by, service=service, gaps=gaps)
    if not any(done.values()):
        raise Failed("Nothing was changed: no such gap is open.")
    _say(arguments, {"acknowledged": done}, f"{sum(done.values())} gaps are acknowledged.")


def _acknowledge(ids: Sequence[str] | None, by: str) -> Callable[[Store], Awaitable[int]]:
    return lambda store: store.acknowledge(ids, by=by)


# -- dead letters


async def _letters_list(arguments: Arguments, installation: Installation) -> None:
    found, cut = list[views.Json](), False
    async with Bus(installation.settings.kafka) as bus:
        for service, topic in _readers(arguments, installation):
            scan = letters.Scan(service, topic)
            async with Store(service, installation.settings) as store, aclosing(scan.found(bus, store)) as of_service:
                async for one in of_service:
                    if one.handled is None or arguments.all:
                        found.append(views.letter_json(one))
                    if len(found) > arguments.limit:
                        break
            cut = cut or scan.is_cut
            if len(found) > arguments.limit:
                break
    cut, shown = cut or len(found) > arguments.limit, found[: arguments.limit]
    _say(arguments, {"letters": shown, "more": cut}, views.letters_text(shown) + _more(cut))


async def _letters_show(arguments: Arguments, installation: Installation) -> None:
    async with Bus(installation.settings.kafka) as bus:
        found = await _named([arguments.id], installation, bus)
    details = views.letter_details(found[0], value=arguments.value)
    _say(arguments, details, views.details_text(details))


async def _letters_change(arguments: Arguments, installation: Installation) -> None:
    act: Change = letters.resend if arguments.act == "resend" else letters.drop
    async with Bus(installation.settings.kafka) as bus:
        chosen = await _chosen(arguments, installation, bus)
    if not chosen:
        raise Failed("Nothing was changed: there are no open dead letters.")
    told = ", ".join(found.id for found in chosen[:20]) + (" and so on" if len(chosen) > 20 else "")
    by = operator(arguments.named)
    confirm(f"{len(chosen)} dead letters to {arguments.act}: {told}.", yes=arguments.yes)
    done, refused = list[str](), dict[str, str]()
    for found in chosen:
        async with Store(found.service, installation.settings) as store:
            why = await act(found, installation, store, by=by)
        if why is None:
            done.append(found.id)
            log(f"deadletters {arguments.act}", by=by, letter=found.id)
        else:
            refused[found.id] = why
    lines = [f"{arguments.act}: {len(done)} of {len(chosen)}", *(f"{id}: {why}" for id, why in refused.items())]
    _say(arguments, {"done": done, "refused": refused}, "\n".join(lines))
    if refused:
        raise Failed("Not all of it was done.")


async def _chosen(arguments: Arguments, installation: Installation, bus: Bus) -> list[letters.Found]:
    if arguments.ids:
        return await _named(arguments.ids, installation, bus)
    chosen = list[letters.Found]()
    for service, topic in _readers(arguments, installation):
        async with Store(service, installation.settings) as store:
            most = letters.MAX_AT_ONCE - len(chosen)
            chosen += await letters.open_letters(letters.Scan(service, topic), bus, store, most=most)
    return chosen


async def _named(ids: Sequence[tuple[str, int, int]], installation: Installation, bus: Bus) -> list[letters.Found]:
    found = list[letters.Found]()
    for service, partition, offset in dict.fromkeys(ids):
        topic = installation.dead_letters(service)
        async with Store(service, installation.settings) as store:
            one = topic and await letters.one(service, partition, offset, topic=topic, bus=bus, store=store)
        if not one:
            raise Failed(
                f"There is no dead letter {service}/{partition}/{offset}; `deadletters list` shows what there is."
            )
        found.append(one)
    return found
