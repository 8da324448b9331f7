"""What stands on the topics and in the databases."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bson import encode
from pymongo import MongoClient

from deploy.local.system import System
from tests.support.kafka import read_all
from tests.support.postbox import Postbox, Posted

TOPICS = ("profiles", "matches", "meetings", "outcomes", "calendars", "forums", "translations", "notifications")
SERVICES = ("profiles", "matching", "notifications", "translation")
DATABASES = (*SERVICES, "witness")
PASSING = frozenset({"outbox", "jobs", "leases", "cursors", "seen", "gaps", "facts", "inbox", "answers"})
"""Collections of the chassis, which come and go; the rest is state."""
UNSTABLE = frozenset({"at", "guard"})
FILLER = "magpie.test.filler"
"""A type that no reader knows."""


@dataclass(frozen=True)
class Event:
    id: str
    type: str
    key: str
    sequence: int
    body: Any


@dataclass(frozen=True)
class Mail:
    """As it arrived."""

    id: str
    """What its deliveries know it by."""
    attempt: int


@dataclass
class Evidence:
    events: dict[str, list[Event]]
    """By topic, in the order of each key, repeats included."""
    state: dict[str, list[dict[str, Any]]]
    """By `database.collection`, live documents."""
    dead: list[str] = field(default_factory=list)
    """Jobs that failed for the last time, and dead letters."""
    waiting: list[str] = field(default_factory=list)
    """Outbox rows, and jobs that are due."""
    mails: list[Mail] = field(default_factory=list)
    records: int = 0
    """That stand on the topic of profiles, those of aborted transactions too: what the witness counts."""
    holed: set[str] = field(default_factory=set)
    """Topics of which records are gone on purpose: made again, or compacted."""

    def once(self, topic: str) -> dict[str, list[Event]]:
        """By key, each event once, in order."""
        found: dict[str, dict[int, Event]] = {}
        for event in self.events[topic]:
            found.setdefault(event.key, {}).setdefault(event.sequence, event)
        return {key: [events[n] for n in sorted(events)] for key, events in found.items()}


async def gather(system: System, postbox: Postbox) -> Evidence:
    events = {}
    for topic in TOPICS:
        records = await read_all(system.servers.bootstrap, f"magpie.{topic}.v1")
        events[topic] = [event for event in map(_event, records) if event.type != FILLER]
    dead = [
        f"dead letter of {service}: {dict(record.headers).get('dlq_reason', b'').decode()}"
        for service in SERVICES
        for record in await read_all(system.servers.bootstrap, f"magpie.dlq.{service}")
    ]
    physical = await read_all(system.servers.bootstrap, "magpie.profiles.v1", committed=False)
    told = [posted for posted in list(postbox.all) if posted.has_arrived and not posted.is_confirmation]
    mails = [_mail(posted) for posted in told]
    found = Evidence(events, {}, dead, mails=mails, records=len(physical))
    with MongoClient[Any](system.servers.uri, tz_aware=True) as client:
        for service in DATABASES:
            database = client[f"magpie_{service}"]
            for name in database.list_collection_names():
                if name not in PASSING:
                    found.state[f"{service}.{name}"] = list(database[name].find({"gone": {"$ne": True}}))
            found.dead += [f"dead job of {service}: {job['kind']}" for job in database.jobs.find({"dead": True})]
            found.waiting += [f"outbox row of {service}" for _ in database.outbox.find({}, {"_id": 1})]
            now = client.admin.command("hello")["localTime"]
            due = {"dead": {"$ne": True}, "run_at": {"$lte": now}}
            found.waiting += [f"job of {service}: {job['kind']}" for job in database.jobs.find(due)]
    return found


def _event(record: Any) -> Event:
    headers = {name: (value or b"").decode() for name, value in record.headers}
    body = json.loads(record.value) if record.value is not None else None
    return Event(headers["ce_id"], headers["ce_type"], (record.key or b"").decode(), int(headers["ce_sequence"]), body)


def _mail(posted: Posted) -> Mail:
    id = str(posted.mail["Message-ID"]).strip("<>").partition("@")[0]
    return Mail(id, int(posted.mail["X-Magpie-Attempt"] or 1))


def digest(system: System) -> dict[str, str]:
    """Of each collection's state: equal where nothing has changed."""
    return {name: hashlib.sha256(b"".join(parts)).hexdigest() for name, parts in _parts(system)}


def _parts(system: System) -> Iterator[tuple[str, list[bytes]]]:
    with MongoClient[Any](system.servers.uri) as client:
        for service in DATABASES:
            database = client[f"magpie_{service}"]
            for name in sorted(database.list_collection_names()):
                if name not in PASSING:
                    documents = database[name].find({"marker": {"$exists": False}}).sort("_id", 1)
                    yield f"{service}.{name}", [encode(_stable(document)) for document in documents]


def _stable(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in sorted(document) if name not in UNSTABLE}
