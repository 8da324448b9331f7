"""Imported by Python at start, where this folder is on its path: what a replica's process does to itself.

`CHAOS_CLOCKS=0:-300,1:420`  seconds by which a replica's wall clock is off
`CHAOS_ARMED=DIR`            a file `SERVICE.WINDOW` in it makes the first replica that comes to that window stop
                             (SIGSTOP) or end (SIGKILL) there, as the file says
`CHAOS_WITHOUT=a,b`          guards that are taken away: outbox, news, cursor, inbox, revision, fence, token

Windows: `deciding` (decided, nothing written), `committed` (nobody told), `publishing` (rows in hand), `published`
(rows not deleted), `settling` (a job's work done, its effect not decided)."""

from __future__ import annotations

import importlib.abc
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

_off = dict(entry.split(":") for entry in os.environ.get("CHAOS_CLOCKS", "").split(",") if entry)
_seconds = int(_off.get(os.environ.get("MAGPIE_REPLICA", ""), "0"))
_time, _time_ns = time.time, time.time_ns
if _seconds:
    time.time = lambda: _time() + _seconds
    time.time_ns = lambda: _time_ns() + _seconds * 1_000_000_000

_armed = os.environ.get("CHAOS_ARMED", "")
_service = next((name.rpartition(".")[2] for name in sys.orig_argv if name.startswith(("services.", "tests."))), "")


def window(name: str) -> None:
    """Whoever takes the file away first is the one."""
    path = Path(_armed, f"{_service}.{name}")
    try:
        which = signal.Signals[path.read_text()]
        path.rename(f"{path}.{os.getpid()}")
    except FileNotFoundError:
        return
    os.kill(os.getpid(), which)


def _around(owner: Any, name: str, *, before: str = "", after: str = "") -> None:
    original = getattr(owner, name)

    async def windowed(*args: Any, **more: Any) -> Any:
        if before:
            window(before)
        result = await original(*args, **more)
        if after:
            window(after)
        return result

    setattr(owner, name, windowed)


def _settle_windows(module: Any) -> None:
    _around(module.Committer, "_commit", before="deciding")
    _around(module, "commit_with_known_outcome", after="committed")


def _relay_windows(module: Any) -> None:
    _around(module.Relay, "_publish", before="publishing", after="published")


def _job_windows(module: Any) -> None:
    run = module.Commands.run

    async def windowed(self: Any, decide: Any, **more: Any) -> Any:
        if more.get("patient"):
            window("settling")
        return await run(self, decide, **more)

    module.Commands.run = windowed


def _small_batches(module: Any) -> None:
    """The plan of a few firms is published in several steps."""
    module.BATCH = 2


# -- guards taken away, as most services do without them


def _without_outbox(module: Any) -> None:
    """Events are kept after the write instead of with it."""
    commit = module.Committer._commit

    async def careless(self: Any, uow: Any, guard: Any, decided: Any) -> None:
        rows, uow._rows = uow._rows, []
        await commit(self, uow, guard, decided)
        if rows:
            await self.database.db.outbox.insert_many(rows)

    module.Committer._commit = careless


def _without_news(module: Any) -> None:
    """An event that is not newer than the projection is applied all the same."""
    module.is_newer = lambda sequence, row: True


def _without_cursor(module: Any) -> None:
    """Nothing remembers with the effect how far a partition was read."""
    guards = module.CheckpointGuard.guards
    module.CheckpointGuard.guards = lambda self: [op for op in guards(self) if op[0] != "cursors"]
    module.CheckpointGuard.committed = lambda self: None


def _without_inbox(module: Any) -> None:
    """An event that comes again elsewhere in the log is taken for another one."""
    guards = module.CheckpointGuard.guards
    module.CheckpointGuard.guards = lambda self: [op for op in guards(self) if op[0] != "inbox"]
    module.CheckpointGuard._is_new = lambda self, decision: True


def _without_revision(module: Any) -> None:
    """The last write wins."""
    module.as_read = lambda before: {"_id": before["_id"]}


def _without_fence(module: Any) -> None:
    """An idempotent producer without a transactional id, as most relays have it."""

    @asynccontextmanager
    async def plain(self: Any) -> Any:
        producer = module.AIOKafkaProducer(
            bootstrap_servers=self._options.bootstrap, acks="all", enable_idempotence=True
        )
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()

    async def publish(self: Any, producer: Any, rows: list[Any]) -> None:
        await self._delete()
        await self._acknowledged(rows, [await self._send(producer, row) for row in rows])
        self._published = [row["_id"] for row in rows]

    module.Relay._producer, module.Relay._publish = plain, publish


def _without_token(module: Any) -> None:
    """Whoever has done the work may decide what follows."""

    async def careless(job: Any, claimed: Any, result: Any, uow: Any) -> None:
        await uow.load([(module.JOBS, claimed.id)])
        holder = uow._stored[module.JOBS, claimed.id]
        if holder is not None:
            uow.finish(claimed.id, holder["token"])
        await job.apply(uow, claimed, result)

    module._finish = careless


Change = Callable[[Any], None]
_changes: dict[str, list[Change]] = {}
_guards: dict[str, tuple[str, Change]] = {
    "outbox": ("services.chassis.commit.committer", _without_outbox),
    "news": ("services.chassis.model.documents", _without_news),
    "cursor": ("services.chassis.kafka_in.checkpoint", _without_cursor),
    "inbox": ("services.chassis.kafka_in.checkpoint", _without_inbox),
    "revision": ("services.chassis.commit.unit_of_work", _without_revision),
    "fence": ("services.chassis.kafka_out.relay", _without_fence),
    "token": ("services.chassis.commit.workers", _without_token),
}
for _name in filter(None, os.environ.get("CHAOS_WITHOUT", "").split(",")):
    _changes.setdefault(_guards[_name][0], []).append(_guards[_name][1])
if _armed:
    for _module, _change in (
        ("services.chassis.commit.committer", _settle_windows),
        ("services.chassis.kafka_out.relay", _relay_windows),
        ("services.chassis.commit.commands", _job_windows),
        ("services.matching.usecases.publish_plan", _small_batches),
    ):
        _changes.setdefault(_module, []).append(_change)


class _Changed(importlib.abc.MetaPathFinder):
    """Changes a module as soon as it is there, before anybody takes a name from it."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in _changes:
            return None
        sys.meta_path.remove(self)
        try:
            spec: Any = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)
        run = spec.loader.exec_module

        def and_change(module: Any) -> None:
            run(module)
            for change in _changes[name]:
                change(module)

        spec.loader.exec_module = and_change
        return spec


if _changes:
    sys.meta_path.insert(0, _Changed())
