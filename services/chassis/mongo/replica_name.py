"""One process a replica name: two with one name would take each other's partitions away without end."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from pathlib import Path

from pymongo.errors import PyMongoError

from ..model.documents import Doc
from ..ops.logs import logger
from ..ops.loops import raise_if_cancelling
from .database import Database
from .errors import explain
from .lease import Lease

log = logger(__name__)
LEASE_SECONDS, LOOK_SECONDS = 4.0, 0.5
PATIENCE_SECONDS = 3.0
"""Longer than a process takes that lives until it renews its lease, as it does when less than half is left."""
PROC = Path("/proc")
ADVICE = (
    "Another process of this service runs with the same MAGPIE_REPLICA. This one ends, and the other one goes on; give "
    "each replica a name of its own."
)
STARTED_FIELD = 19
"""Of `/proc/<pid>/stat`, counted behind the name of the program: when the process started, in ticks since the boot."""


class ReplicaName:
    """A lease on a name, by a process. One that was killed and is started again on the same machine does not wait for
    the lease to run out; one that finds another living process under its name gives up."""

    def __init__(self, database: Database, name: str) -> None:
        self.name, self._database = name, database
        self._id = f"replica/{name}"
        self._lease = Lease(database, self._id, seconds=LEASE_SECONDS, about=process())

    async def take(self) -> bool:
        """Returns True when the name is this process's, and False where a living process has it. Raises the driver's
        errors."""
        began, first = time.monotonic(), None
        while not await self._lease.hold():
            holder = await self._database.db.leases.find_one({"_id": self._id}) or {}
            first = first or holder
            if is_dead(holder.get("about") or {}):
                await self._lease.end(holder["owner"])
                continue
            # Only a process that lives renews its lease; a dead one's runs out.
            if holder.get("until") != first.get("until") and time.monotonic() - began > PATIENCE_SECONDS:
                self._say_that_it_is_taken()
                return False
            await asyncio.sleep(LOOK_SECONDS)
        return True

    async def keep(self) -> None:
        """Returns when another process has taken the name. While MongoDB is away no one can take it."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                if not await self._lease.hold():
                    self._say_that_it_is_taken()
                    return
            except PyMongoError as error:
                raise_if_cancelling()
                log.info("replica_name_not_renewed", error=explain(error))

    def _say_that_it_is_taken(self) -> None:
        log.error("replica_name_is_taken", replica=self.name, advice=ADVICE)

    async def release(self) -> None:
        """Gives the name back, so that the next process need not wait."""
        try:
            await self._lease.release()
        except PyMongoError as error:
            log.info("replica_name_not_released", error=explain(error))


def process() -> Doc:
    """Which process this is, in a form in which another one on this machine can look whether it lives."""
    return {"host": _host(), "pid": os.getpid(), "started": _started(os.getpid())}


def is_dead(holder: Doc) -> bool:
    """Whether a process of this machine has surely ended. One of another machine is never sure to have."""
    return bool(holder) and holder["host"] == _host() and _started(holder["pid"]) != holder["started"]


def _host() -> str:
    boot = PROC / "sys/kernel/random/boot_id"
    return f"{socket.gethostname()}/{boot.read_text().strip() if boot.exists() else ''}"


def _started(pid: int) -> str | None:
    """When a process started; None where there is none with this id."""
    try:
        # The name of the program is in brackets, and may hold anything.
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[STARTED_FIELD]
