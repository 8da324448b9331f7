"""Kafka, mongod and the services together, and the environment that finds them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from .kafka import Kafka
from .mongo import Mongo
from .ports import must_be_free
from .processes import DidNotStart
from .run_file import Run, RunFile
from .services import PORTS, ServiceProcess


class AlreadyRunning(Exception):
    """The text says what runs, and where."""


class Servers:
    """The real Kafka and the real mongod, on their data in `directory`. Port 0: any free one."""

    def __init__(self, directory: Path, *, kafka_port: int = 0, mongo_port: int = 0) -> None:
        self.kafka, self.mongo = Kafka(directory, port=kafka_port), Mongo(directory, port=mongo_port)

    @property
    def bootstrap(self) -> str:
        return self.kafka.bootstrap

    @property
    def uri(self) -> str:
        return self.mongo.uri

    def start(self) -> None:
        """Raises PortTaken, DidNotStart."""
        must_be_free(self.kafka.port, what="Kafka", option="--kafka-port")
        must_be_free(self.mongo.port, what="mongod", option="--mongo-port")
        try:
            self.mongo.start()
            self.kafka.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for server in (self.kafka, self.mongo):
            if server.child:
                server.child.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class System:
    """Everything, described in `run.json` while it runs."""

    def __init__(
        self,
        directory: Path,
        *,
        replicas: Mapping[str, int] | None = None,
        names: Sequence[str] = tuple(PORTS),
        servers: Servers | None = None,
        kafka_port: int = 0,
        mongo_port: int = 0,
        base_port: int = 0,
        fresh: bool = False,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """`servers`: those that run already, which stay; own ones otherwise. `base_port` moves the services' ports:
        0 keeps 8101 to 8104. `env` goes to every service.
        `fresh`: data of an earlier run go before it starts."""
        self.directory, self._fresh = directory, fresh
        self.owns_servers = servers is None
        self.servers = servers or Servers(directory, kafka_port=kafka_port, mongo_port=mongo_port)
        self._env = dict(env or {})
        self._run_file = RunFile(directory)
        counts = {name: (replicas or {}).get(name, 1) for name in names}
        offset = base_port - PORTS["profiles"] if base_port else 0
        self.services = {
            name: [
                ServiceProcess(name, n, directory=directory, env=self.environment(), base_port=PORTS[name] + offset)
                for n in range(count)
            ]
            for name, count in counts.items()
        }

    def environment(self) -> dict[str, str]:
        """What a service, or a command run beside them, is told."""
        return {
            "MAGPIE_KAFKA_BOOTSTRAP": self.servers.bootstrap,
            "MAGPIE_MONGO_URI": self.servers.uri,
            "MAGPIE_STATE_DIR": str(self.directory.resolve()),
            **self._env,
        }

    def urls(self, name: str) -> list[str]:
        return [service.url for service in self.services[name]]

    def start(self) -> None:
        """Servers, topics, services; returns when all are ready. Raises AlreadyRunning, PortTaken, DidNotStart."""
        if (run := self._run_file.running()) is not None:
            raise AlreadyRunning(_described(run))
        if self._fresh and self.owns_servers:
            for data in (self.servers.kafka.directory, self.servers.mongo.directory, self.directory / "logs"):
                shutil.rmtree(data, ignore_errors=True)
        try:
            if self.owns_servers:
                self.servers.start()
            if self.services:
                self.apply_topics()
            everyone = [service for replicas in self.services.values() for service in replicas]
            for service in everyone:
                service.launch()
            for service in everyone:
                service.wait()
            self.describe()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Services first, then Kafka, then mongod; nothing of ours stays."""
        running = [s for replicas in self.services.values() for s in replicas if s.child]
        with ThreadPoolExecutor(max(1, len(running))) as together:
            list(together.map(lambda service: service.child and service.child.stop(), running))
        if self.owns_servers:
            self.servers.stop()
        if self._run_file.running() is None or self._is_ours():
            self._run_file.remove()

    def _is_ours(self) -> bool:
        run = self._run_file.running()
        return run is not None and run["supervisor"]["pid"] == os.getpid()

    def apply_topics(self) -> None:
        command = [sys.executable, "-m", "services.chassis.topics", "apply"]
        done = subprocess.run(command, env={**os.environ, **self.environment()}, capture_output=True, text=True)
        if done.returncode:
            raise DidNotStart(f"The topics could not be made.\n{done.stdout}{done.stderr}")

    def describe(self) -> None:
        """Writes `run.json` as things are now."""
        self._run_file.write(
            {
                "kafka": {"pid": self.servers.kafka.pid, "bootstrap": self.servers.bootstrap},
                "mongo": {"pid": self.servers.mongo.pid, "uri": self.servers.uri},
                "services": {
                    name: [{"pid": s.pid, "url": s.url} for s in replicas if s.is_running]
                    for name, replicas in self.services.items()
                },
            }
        )

    def start_service(self, name: str, replica: int = 0) -> None:
        service = self.services[name][replica]
        service.launch()
        service.wait()
        self.describe()

    def stop_service(self, name: str, replica: int = 0) -> None:
        """SIGTERM: it finishes what is in hand."""
        service = self.services[name][replica]
        assert service.child
        service.is_wanted = False
        service.child.stop()
        self.describe()

    def kill_service(self, name: str, replica: int = 0) -> None:
        """SIGKILL: it finishes nothing."""
        service = self.services[name][replica]
        assert service.child
        service.is_wanted = False
        service.child.kill()
        self.describe()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _described(run: Run) -> str:
    services = [f"{name} {entry['url']}" for name, entries in run["services"].items() for entry in entries]
    parts = [f"Kafka {run['kafka']['bootstrap']}", f"MongoDB {run['mongo']['uri']}", *services]
    return (
        f"Magpie runs here already, by process {run['supervisor']['pid']}: {', '.join(parts)}. "
        "Stop it there (Ctrl-C), or give another --dir."
    )
