"""Pictures of the dashboards for README.md, from a forum that runs: `python -m deploy.grafana.pictures`.

Grafana itself is in no package registry, so they are drawn from the same JSON, with the answers of a real Prometheus to
the same queries."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import httpx2

from ..demo.forum import SEED, Forum
from ..local.prometheus import Prometheus, targets
from ..local.services import free_base
from ..local.system import System
from .asking import dashboards
from .drawing import Span, draw

IMAGES = Path(__file__).parents[2] / "docs" / "images"
RATE = "10s"
"""The window of rates: ten scrapes."""
BEFORE_SECONDS, AFTER_SECONDS = 3.0, 12.0
"""What is shown around the forum: the time before it, and the notices after it."""


def main() -> None:
    """The command. Raises what a system, a forum or Prometheus may raise at their start."""
    parser = argparse.ArgumentParser(prog="python -m deploy.grafana.pictures", description=__doc__)
    parser.add_argument("--to", type=Path, default=IMAGES, help="the folder (default docs/images)")
    parser.add_argument("--organisations", type=int, help="this many come (default: all)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="magpie-pictures-") as directory:
        system = System(Path(directory), base_port=free_base())
        with system, Prometheus(Path(directory) / "prometheus", targets(system.services)) as prometheus:
            prometheus.wait_until_scraped()
            span = asyncio.run(_forum(system, args.organisations))
            args.to.mkdir(parents=True, exist_ok=True)
            for name, board in dashboards().items():
                draw(board, prometheus, span, RATE, args.to / f"dashboard-{name}.png")


async def _forum(system: System, organisations: int | None) -> Span:
    """Runs it. Returns the time that it took."""
    await asyncio.sleep(BEFORE_SECONDS)
    start = time.time() - BEFORE_SECONDS
    async with httpx2.AsyncClient(timeout=10, limits=httpx2.Limits(max_connections=40)) as http:
        problems = await Forum(system, http, SEED, organisations).run()
    if problems:
        raise RuntimeError(f"The forum's books are wrong, so no picture is drawn: {problems[0]}")
    await asyncio.sleep(AFTER_SECONDS)
    return Span(start, time.time())


if __name__ == "__main__":
    main()
