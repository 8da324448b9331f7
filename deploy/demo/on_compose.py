"""`python -m deploy.demo.on_compose`: runs the forum against an empty system that Docker Compose has started, with
`compose.demo.yaml`; checks its books."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import ssl
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from .client import GaveUp, Refused
from .forum import SEED, Forum
from .steps import StepMissing

SECRETS = Path(__file__).parents[1] / "secrets"


@dataclass(frozen=True)
class Composed:
    """A system behind its gateway, as people and subscribers outside see it."""

    gateway: str
    bootstrap: str
    directory: Path
    """With the key that signs tokens, and the certificate of the gateway's authority."""

    def urls(self, name: str) -> list[str]:
        """The one address of a service; the gateway knows its replicas."""
        return [f"{self.gateway}/{name}"]

    def trust(self) -> ssl.SSLContext:
        """Trusts the installation's own authority only."""
        return ssl.create_default_context(cafile=str(self.directory / "ca.crt"))


def from_environment() -> Composed:
    """The system that the same variables describe to Docker Compose."""
    return Composed(
        gateway=f"https://localhost:{os.environ.get('MAGPIE_PORT', '8443')}",
        bootstrap=f"localhost:{os.environ.get('MAGPIE_KAFKA_PORT', '9094')}",
        directory=Path(os.environ.get("MAGPIE_SECRETS") or SECRETS),
    )


async def hold(system: Composed, *, seed: int = SEED, size: int | None = None) -> tuple[dict[str, Any], list[str]]:
    """Runs the forum until its plan is published; its days do not come, as production has the true time. Returns how
    far it came, and what the books say is wrong."""
    began = time.monotonic()
    limits = httpx2.Limits(max_connections=40)
    async with httpx2.AsyncClient(timeout=10, limits=limits, verify=system.trust()) as http:
        forum = Forum(system, http, seed, size)
        try:
            problems = await forum.run()
        except (StepMissing, Refused, GaveUp) as error:
            problems = [str(error)]
    return forum.result(time.monotonic() - began), problems


def main() -> int:
    """Prints how far it came as one JSON line. Returns the exit code: 0 if the books are right."""
    parser = argparse.ArgumentParser(prog="python -m deploy.demo.on_compose", description=__doc__)
    parser.add_argument("--organisations", type=int, help="so many come (default: all)")
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args()
    found, problems = asyncio.run(hold(from_environment(), seed=args.seed, size=args.organisations))
    print(json.dumps(found), flush=True)
    for problem in problems:
        print(f"books: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
