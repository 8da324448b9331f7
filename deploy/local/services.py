"""The four services as child processes, with any number of replicas."""

from __future__ import annotations

import random
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from .ports import HOST, is_listening, must_be_free, reserve
from .processes import START_SECONDS, Child

PORTS = {"profiles": 8101, "matching": 8102, "notifications": 8103, "translation": 8104}
"""The services, with the default port of the first replica of each."""
REPLICA_STEP = 10
"""Replica n + 1 of a service listens ten ports above replica n."""
OPERATIONS_STEP = 1000
"""The operators' port (`/metrics`, `/docs`) of a replica is this far above the port of its API."""


def free_base() -> int:
    """A free base port: from it on, the ports of two replicas of each service are free, and no one else is given them
    for three minutes.

    It is below the range from which the kernel takes the ports of outgoing connections."""
    while True:
        base = random.randrange(20_000, 30_000, 50)
        needed = [base + n + REPLICA_STEP * replica for n in range(len(PORTS)) for replica in range(2)]
        is_taken = any(is_listening(port) or is_listening(port + OPERATIONS_STEP) for port in needed)
        if not is_taken and reserve((base, base + OPERATIONS_STEP)):  # all others are less than a step away
            return base


class ServiceProcess:
    """One replica of a service. It keeps its port, its name in the consumer group and its log over restarts."""

    def __init__(
        self, name: str, replica: int, *, directory: Path, env: Mapping[str, str], base_port: int, module: str = ""
    ) -> None:
        """`base_port` is the port of replica 0. `module` is run instead of `services.<name>`, for tests."""
        self.name, self.replica, self.port = name, replica, base_port + REPLICA_STEP * replica
        self._module = module or f"services.{name}"
        self.log = directory / "logs" / f"{name}-{replica}.log"
        self._env = {
            **env,
            "MAGPIE_HTTP_HOST": HOST,
            "MAGPIE_HTTP_PORT": str(self.port),
            "MAGPIE_OPERATIONS_PORT": str(self.operations_port),
            "MAGPIE_REPLICA": str(replica),
        }
        self.child: Child | None = None
        self.should_run = False
        """Whether the supervisor restarts it when it ends; not after it was stopped on purpose."""

    @property
    def url(self) -> str:
        """Base URL of its HTTP API."""
        return f"http://{HOST}:{self.port}"

    @property
    def operations_url(self) -> str:
        """Base URL of `/metrics` and `/docs`."""
        return f"http://{HOST}:{self.operations_port}"

    @property
    def operations_port(self) -> int:
        """Port of `/metrics` and `/docs`."""
        return self.port + OPERATIONS_STEP

    @property
    def is_running(self) -> bool:
        """Whether its process runs; it need not be ready."""
        return self.child is not None and self.child.is_running

    @property
    def pid(self) -> int:
        """Process id; only after the first launch."""
        assert self.child
        return self.child.pid

    def launch(self) -> None:
        """Starts the process and returns at once. Raises PortTaken."""
        for port in (self.port, self.operations_port):
            must_be_free(port, what=f"{self.name}-{self.replica}", option="--base-port")
        command = [sys.executable, "-m", self._module]
        self.child = Child(f"{self.name}-{self.replica}", command, log=self.log, env=self._env)
        self.should_run = True  # last: until here the supervisor sees the old child, and would start one more

    def wait(self, seconds: float = START_SECONDS) -> None:
        """Waits until it is ready. Raises DidNotStart."""
        assert self.child
        self.child.wait_until(self.is_ready, seconds=seconds)

    def is_ready(self) -> bool:
        """Whether `/readyz` answers 200."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False
