"""Imported by Python at start, where this folder is on its path: a replica's wall clock is set off, and for the control
the guards are taken away.

`CHAOS_CLOCKS=0:-300,1:420`: seconds by replica. `CHAOS_CONTROL=1`: events are published after the write instead of with
it, nothing remembers how far a partition was read, and what is not newer is taken as news: as most services do it."""

import importlib.abc
import importlib.util
import os
import sys
import time
from typing import Any

_OFF = dict(entry.split(":") for entry in os.environ.get("CHAOS_CLOCKS", "").split(",") if entry)
_SECONDS = int(_OFF.get(os.environ.get("MAGPIE_REPLICA", ""), "0"))
_time, _time_ns = time.time, time.time_ns
if _SECONDS:
    time.time = lambda: _time() + _SECONDS
    time.time_ns = lambda: _time_ns() + _SECONDS * 1_000_000_000


def _publish_after_write(module: Any) -> None:
    commit = module.Settler._commit

    async def careless(self: Any, uow: Any, guard: Any, decided: Any) -> None:
        rows, uow._rows = uow._rows, []
        await commit(self, uow, guard, decided)
        if rows:
            await self.database.db.outbox.insert_many(rows)

    module.Settler._commit = careless


def _no_cursor(module: Any) -> None:
    module.CursorGuard.guards = lambda self: ()


def _all_is_news(module: Any) -> None:
    module.is_news = lambda row, sequence: True


_CARELESS = {
    "services.chassis.settle": _publish_after_write,
    "services.chassis.cursor": _no_cursor,
    "services.chassis.documents": _all_is_news,
}


class _Taken(importlib.abc.MetaPathFinder):
    """Changes a module as soon as it is there, before anybody takes a name from it."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        change = _CARELESS.get(name)
        if change is None:
            return None
        sys.meta_path.remove(self)
        try:
            spec: Any = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)
        run = spec.loader.exec_module

        def and_change(module: Any) -> None:
            run(module)
            change(module)

        spec.loader.exec_module = and_change
        return spec


if os.environ.get("CHAOS_CONTROL"):
    sys.meta_path.insert(0, _Taken())
