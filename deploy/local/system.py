"""Kafka, mongod and the services together, and the environment through which processes find them."""

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
from .space import must_have_space, with_advice

ONE_OF_EACH: Mapping[str, int] = dict.fromkeys(PORTS, 1)
"""Replicas: one of each of the four services."""


class AlreadyRunning(Exception):
    """A system runs in this directory already. The message says which process runs it, and its addresses."""


class Servers:
    """The real Kafka and the real mongod, with their data in one directory."""

    replication = 1
    """Of topics."""

    def __init__(self, directory: Path, *, kafka_port: int = 0, mongo_port: int = 0) -> None:
        """Port 0: any free port. Nothing is started yet."""
        self.directory = directory
        self.kafka, self.mongo = Kafka(directory, port=kafka_port), Mongo(directory, port=mongo_port)

    @property
    def kafkas(self) -> Sequence[Kafka]:
        """All brokers."""
        return [self.kafka]

    @property
    def mongos(self) -> Sequence[Mongo]:
        """All members of the replica set."""
        return [self.mongo]

    @property
    def processes(self) -> Sequence[Kafka | Mongo]:
        """All of them, Kafka first."""
        return [*self.kafkas, *self.mongos]

    @property
    def bootstrap(self) -> str:
        """`host:port` of Kafka for clients."""
        return self.kafka.bootstrap

    @property
    def uri(self) -> str:
        """Connection string of MongoDB."""
        return self.mongo.uri

    def start(self) -> None:
        """Starts both and waits until they are ready. Raises PortTaken, DidNotStart, FileNotFoundError."""
        must_have_space(self.directory)
        must_be_free(self.kafka.port, what="Kafka", option="--kafka-port")
        must_be_free(self.mongo.port, what="mongod", option="--mongo-port")
        try:
            self._start()
        except DidNotStart as error:
            self.stop()
            raise with_advice(error, self.directory) from None
        except BaseException:  # also Ctrl-C: no server may stay behind
            self.stop()
            raise

    def _start(self) -> None:
        self.mongo.start()
        self.kafka.start()

    def stop(self) -> None:
        """Stops all, Kafka first. Their data stay."""
        for server in self.processes:
            if server.child:
                server.child.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class System:
    """Kafka, mongod and the services. While they run, `run.json` describes them."""

    def __init__(
        self,
        directory: Path,
        *,
        replicas: Mapping[str, int] | None = None,
        kafka_port: int = 0,
        mongo_port: int = 0,
        base_port: int = 0,
        fresh: bool = False,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """A system with servers of its own. Nothing is started yet.

        `replicas`: number of replicas by service; a service that is not named does not run. Default: one of each.
        `base_port` is the port of profiles; the other services follow it. 0 keeps the default ports 8101 to 8104.
        `fresh`: the data and logs of an earlier run are deleted at the start. `env` goes to every service."""
        self.directory, self._fresh, self._env = directory, fresh, dict(env or {})
        self._run_file = RunFile(directory)
        self.servers, self.owns_servers = Servers(directory, kafka_port=kafka_port, mongo_port=mongo_port), True
        self.services = self._service_processes(ONE_OF_EACH if replicas is None else replicas, base_port)

    @classmethod
    def on_servers(
        cls,
        servers: Servers,
        directory: Path,
        *,
        replicas: Mapping[str, int] | None = None,
        base_port: int = 0,
        env: Mapping[str, str] | None = None,
        owned: bool = False,
    ) -> Self:
        """A system on servers that run already. It neither starts nor stops them and deletes none of their data, unless
        they are `owned`: then it starts and stops them."""
        system = cls(directory, replicas={}, env=env)
        system.servers, system.owns_servers = servers, owned
        system.services = system._service_processes(ONE_OF_EACH if replicas is None else replicas, base_port)
        return system

    def _service_processes(self, replicas: Mapping[str, int], base_port: int) -> dict[str, list[ServiceProcess]]:
        offset = base_port - PORTS["profiles"] if base_port else 0
        env = self.environment()
        return {
            name: [
                ServiceProcess(name, n, directory=self.directory, env=env, base_port=PORTS[name] + offset)
                for n in range(count)
            ]
            for name, count in replicas.items()
        }

    def environment(self) -> dict[str, str]:
        """The environment variables for a service, or for a command that uses the system."""
        return {
            "MAGPIE_KAFKA_BOOTSTRAP": self.servers.bootstrap,
            "MAGPIE_MONGO_URI": self.servers.uri,
            "MAGPIE_STATE_DIR": str(self.directory.resolve()),
            **self._env,
        }

    @property
    def bootstrap(self) -> str:
        """Address of Kafka."""
        return self.servers.bootstrap

    def urls(self, name: str) -> list[str]:
        """Base URLs of all replicas of a service."""
        return [service.url for service in self.services[name]]

    def start(self) -> None:
        """Starts servers and services, creates the topics, and waits until all are ready.

        Raises AlreadyRunning, PortTaken, DidNotStart, FileNotFoundError. After an error nothing keeps running."""
        if (run := self._run_file.running()) is not None:
            raise AlreadyRunning(_description(run))
        if self._fresh and self.owns_servers:
            for data in (self.servers.kafka.directory, self.servers.mongo.directory, self.directory / "logs"):
                shutil.rmtree(data, ignore_errors=True)
        try:
            if self.owns_servers:
                self.servers.start()
            self._start_services()
            self.write_run_file()
        except BaseException:
            self.stop()
            raise

    def _start_services(self) -> None:
        if not self.services:
            return
        self._apply_topics()
        services = [service for replicas in self.services.values() for service in replicas]
        for service in services:
            service.launch()
        for service in services:  # after all were launched: they start side by side
            service.wait()

    def stop(self) -> None:
        """Stops the services, then Kafka and mongod if they are its own, and deletes `run.json`."""
        running = [s for replicas in self.services.values() for s in replicas if s.child]
        # In parallel: each service may take seconds to complete its current work.
        with ThreadPoolExecutor(max(1, len(running))) as together:
            list(together.map(lambda service: service.child and service.child.stop(), running))
        if self.owns_servers:
            self.servers.stop()
        if self._run_file.running() is None or self._is_ours():
            self._run_file.remove()

    def _is_ours(self) -> bool:
        """Whether this process has written `run.json`: that of another one stays."""
        run = self._run_file.running()
        return run is not None and run["supervisor"]["pid"] == os.getpid()

    def _apply_topics(self) -> None:
        command = [sys.executable, "-m", "services.chassis.topics", "apply"]
        command += ["--replication", str(self.servers.replication)]
        done = subprocess.run(command, env={**os.environ, **self.environment()}, capture_output=True, text=True)
        if done.returncode:
            raise DidNotStart(f"The topics could not be made.\n{done.stdout}{done.stderr}")

    def write_run_file(self) -> None:
        """Writes `run.json` with the processes that run now."""
        self._run_file.write(
            {
                "kafka": {"pid": self.servers.kafka.pid, "bootstrap": self.servers.bootstrap},
                "mongo": {"pid": self.servers.mongo.pid, "uri": self.servers.uri},
                "services": {
                    name: [
                        {"pid": s.pid, "url": s.url, "operations": s.operations_url} for s in replicas if s.is_running
                    ]
                    for name, replicas in self.services.items()
                },
            }
        )

    def start_service(self, name: str, replica: int = 0, *, wait: bool = True) -> None:
        """Starts one replica, waits until it is ready, and updates `run.json`. Raises PortTaken, DidNotStart."""
        service = self.services[name][replica]
        service.launch()
        if wait:
            service.wait()
        self.write_run_file()

    def stop_service(self, name: str, replica: int = 0) -> None:
        """Stops one replica by SIGTERM, so that it completes its current work. A supervisor does not restart it."""
        service = self.services[name][replica]
        assert service.child
        service.should_run = False
        service.child.stop()
        self.write_run_file()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _description(run: Run) -> str:
    services = [f"{name} {entry['url']}" for name, entries in run["services"].items() for entry in entries]
    parts = [f"Kafka {run['kafka']['bootstrap']}", f"MongoDB {run['mongo']['uri']}", *services]
    return (
        f"Magpie runs here already, by process {run['supervisor']['pid']}: {', '.join(parts)}. "
        "Stop it there (Ctrl-C), or give another --dir."
    )
