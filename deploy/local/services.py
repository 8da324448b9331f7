"""The four services as processes of their own, any number of replicas."""

from __future__ import annotations

import random
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from .ports import HOST, answers, must_be_free
from .processes import Child

PORTS = {"profiles": 8101, "matching": 8102, "notifications": 8103, "translation": 8104}
REPLICA_STEP = 10
"""Replica n of a service listens ten ports further on."""


def free_base() -> int:
    """A port with room for two replicas of each service, below those that the kernel gives to clients."""
    while True:
        base = random.randrange(20_000, 30_000, 50)
        wanted = [base + n + REPLICA_STEP * replica for n in range(len(PORTS)) for replica in range(2)]
        if not any(answers(port) for port in wanted):
            return base


class ServiceProcess:
    """One replica. It keeps its port, its name in the consumer group and its log over restarts."""

    def __init__(
        self, name: str, replica: int, *, directory: Path, env: Mapping[str, str], base_port: int, module: str = ""
    ) -> None:
        """`module`: what is run where it is none of ours."""
        self.name, self.replica, self.port = name, replica, base_port + REPLICA_STEP * replica
        self._module = module or f"services.{name}"
        self.log = directory / "logs" / f"{name}-{replica}.log"
        self._env = {
            **env,
            "MAGPIE_HTTP_HOST": HOST,
            "MAGPIE_HTTP_PORT": str(self.port),
            "MAGPIE_REPLICA": str(replica),
        }
        self.child: Child | None = None
        self.is_wanted = False
        """Whether it should run: one that was stopped on purpose stays down."""

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def is_running(self) -> bool:
        return self.child is not None and self.child.is_running

    @property
    def pid(self) -> int:
        assert self.child
        return self.child.pid

    def launch(self) -> None:
        """Starts the process; raises PortTaken."""
        must_be_free(self.port, what=f"{self.name}-{self.replica}", option="--base-port")
        command = [sys.executable, "-m", self._module]
        self.child = Child(f"{self.name}-{self.replica}", command, log=self.log, env=self._env)
        self.is_wanted = True  # not before: a supervisor would take the child before for one that has ended

    def wait(self, seconds: float = 60.0) -> None:
        """Returns when it is ready; raises DidNotStart."""
        assert self.child
        self.child.wait_until(self.is_ready, seconds=seconds)

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
