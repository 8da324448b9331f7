"""Asks `/livez` of all replicas, and measures their memory, in a process of its own: the load that the attacks make in
their process must not look like a slow service.

`python -m tests.abuse.watcher FILE PORT:PID...` appends lines of JSON to FILE until it is stopped."""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from deploy.local.ports import HOST

PAUSE, PATIENCE = 0.25, 10.0
MIB = 1 << 20


def ask(port: int) -> tuple[int, float]:
    """Status and milliseconds of one question on a connection of its own; status 0 where there was no answer."""
    began, status = time.perf_counter(), 0
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        connection.request("GET", "/livez")
        answer = connection.getresponse()
        answer.read()
        status = answer.status
    except (OSError, http.client.HTTPException):
        """Refused, closed or too late: all the same to who asks."""
    finally:
        connection.close()
    return status, (time.perf_counter() - began) * 1000


class Watcher:
    """One thread for each replica, so that a slow one does not keep the others from being asked."""

    def __init__(self, file: Path, replicas: dict[int, int]) -> None:
        self._file, self._replicas = file.open("a", buffering=1), replicas
        self._turn, self._never = threading.Lock(), threading.Event()

    def run(self) -> None:
        for port, pid in self._replicas.items():
            threading.Thread(target=self._watch, args=(port, pid), daemon=True).start()
        while True:
            before = time.perf_counter()
            self._never.wait(0.05)
            late = (time.perf_counter() - before - 0.05) * 1000
            if late > 2:
                self._say(late_ms=late)

    def _watch(self, port: int, pid: int) -> None:
        while not self._never.wait(PAUSE):
            status, took = ask(port)
            try:
                memory = psutil.Process(pid).memory_info().rss / MIB
            except psutil.Error:
                memory = 0.0
            self._say(port=port, status=status, ms=took, mib=memory)

    def _say(self, **what: Any) -> None:
        with self._turn:
            self._file.write(json.dumps({"at": time.time(), **what}) + "\n")


if __name__ == "__main__":
    Watcher(Path(sys.argv[1]), dict(map(int, one.split(":")) for one in sys.argv[2:])).run()  # type: ignore[misc]
