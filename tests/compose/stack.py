"""A system that Docker Compose runs from the files of deploy/, under a project name of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.demo.on_compose import Composed
from services.chassis.tokens import mint

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
IMAGE, NEXT = "magpie:0.1.0", "magpie:0.1.1-test"
"""The image that the files build, and one that the tests upgrade to."""
ONE_SHOTS = {"topics", "mongo-init", "kafka-access"}


def run(*command: str, env: dict[str, str] | None = None, seconds: float = 600) -> str:
    """What a command printed. Raises AssertionError with all of it if it fails."""
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@dataclass
class Stack:
    """The system of one project. `ports` are those of the gateway, of Kafka for the demonstration and outside."""

    project: str
    secrets: Path
    files: tuple[str, ...] = ("compose.yaml", "compose.demo.yaml")
    ports: tuple[int, int, int] = (18443, 19094, 19095)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """What the files and the scripts of deploy/ read."""
        return {
            **os.environ,
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_FILE": ":".join(str(DEPLOY / name) for name in self.files),
            "MAGPIE_SECRETS": str(self.secrets),
            "MAGPIE_PORT": str(self.ports[0]),
            "MAGPIE_KAFKA_PORT": str(self.ports[1]),
            "MAGPIE_KAFKA_EXTERNAL_PORT": str(self.ports[2]),
            "MAGPIE_PROMETHEUS_PORT": "19090",
            "MAGPIE_MAIL_PORT": "18025",
            **self.settings,
        }

    @property
    def system(self) -> Composed:
        """As people and subscribers outside see it."""
        return Composed(f"https://localhost:{self.ports[0]}", f"localhost:{self.ports[1]}", self.secrets)

    def compose(self, *args: str) -> str:
        """What `docker compose ARGS` printed."""
        return run("docker", "compose", *args, env=self.env)

    def script(self, name: str, *args: str) -> str:
        """What a script of deploy/ printed."""
        return run(str(DEPLOY / name), *args, env=self.env)

    def up(self, *args: str) -> None:
        """As the documentation has it."""
        self.compose("up", "-d", "--build", "--wait", *args)

    def containers(self, *services: str) -> list[dict[str, Any]]:
        """What Docker says of the project's containers."""
        ids = self.compose("ps", "--all", "--quiet", *services).split()
        found: list[dict[str, Any]] = json.loads(run("docker", "inspect", *ids)) if ids else []
        return found

    def exec(self, service: str, *command: str) -> str:
        """What a command printed inside a container."""
        return self.compose("exec", "-T", service, *command)

    def kill(self, service: str) -> None:
        """kill -9 of the main process of each container, behind Docker's back."""
        for container in self.containers(service):
            os.kill(container["State"]["Pid"], signal.SIGKILL)

    def token(self, org: str, sub: str | None = None, role: str = "participant") -> str:
        """A token that this installation takes."""
        return mint(org=org, sub=sub, role=role, state_dir=self.secrets)

    def remove(self) -> None:
        """Containers, networks and data."""
        self.compose("--profile", "*", "down", "--volumes", "--remove-orphans")


def service_of(container: dict[str, Any]) -> str:
    """The service of the compose file that a container belongs to."""
    return str(container["Config"]["Labels"]["com.docker.compose.service"])
