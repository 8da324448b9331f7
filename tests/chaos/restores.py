"""Collections that somebody follows are dropped and restored."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection

from deploy.local.services import ServiceProcess
from deploy.local.system import System

ASIDE = "kept_aside"


RESTORED = (
    ("matching", "indexed", "mirror of indexed"),
    ("notifications", "mailboxes", "mirror of mailboxes"),
    ("profiles", "outbox", "relay"),
)
"""An index in memory, mailboxes that streams wait at, an outbox that a relay waits at: service, collection, and
the part that says it."""


def restore(system: System, service: str, name: str) -> None:
    """As operators do it: the service stands still, so that nothing is written between dump and restore."""
    with _standing_still(system.services[service]), MongoClient[Any](system.servers.uri) as client:
        database = client[f"magpie_{service}"]
        # Takes effect when no transaction holds the collection any more: what those had written is in the dump.
        database[name].rename(ASIDE)
        documents, indexes = list(database[ASIDE].find()), _indexes(database[ASIDE])
        database.create_collection(name)
        for keys, options in indexes:
            database[name].create_index(keys, **options)
        if documents:
            database[name].insert_many(documents)
        database[ASIDE].drop()


def _indexes(collection: Collection[Any]) -> list[tuple[list[tuple[str, int]], dict[str, Any]]]:
    found = []
    for index in collection.list_indexes():
        options = {name: value for name, value in index.items() if name not in ("v", "key", "ns")}
        if index["name"] != "_id_":
            found.append((list(index["key"].items()), options))
    return found


@contextmanager
def _standing_still(services: Sequence[ServiceProcess]) -> Iterator[None]:
    pids = [service.pid for service in services]
    _send(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        _send(pids, signal.SIGCONT)


def _send(pids: Sequence[int], which: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, which)
