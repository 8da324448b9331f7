"""What faults strike and people act in: servers, two replicas of each service and of the witness, and a mail server."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.cluster import Cluster
from deploy.local.ports import free_port
from deploy.local.services import PORTS, REPLICA_STEP, ServiceProcess
from deploy.local.system import System
from tests.support.postbox import ACCEPTED, BUSY, CUT, Postbox
from tests.support.proxy import Proxy, proxied

from . import witness

SITE, ROOT = Path(__file__).parent / "site", Path(__file__).parents[2]
MAIL = {
    "MAGPIE_NOTIFICATIONS_SMTP_HOST": "{postbox.host}",
    "MAGPIE_NOTIFICATIONS_SMTP_PORT": "{postbox.port}",
    "MAGPIE_NOTIFICATIONS_SMTP_TLS": "none",
    "MAGPIE_NOTIFICATIONS_SMTP_RETRY_SECONDS": "1",
    "MAGPIE_NOTIFICATIONS_SMTP_LATE_SECONDS": "5",
}
POST, POST_WEIGHTS, POST_WITH_TROUBLE = (ACCEPTED, BUSY, CUT), (8, 1, 1), 500
"""The first mails meet a server that is busy at times, and that hangs up at times with the mail in its hands."""
REPLICAS = dict.fromkeys(PORTS, 2)


@dataclass(frozen=True)
class Options:
    directory: Path
    base_port: int
    seed: int
    without: Sequence[str]
    """Guards that are taken away."""
    cluster: bool

    @property
    def armed(self) -> Path:
        """Where replicas look which window is armed."""
        return self.directory.resolve() / "armed"

    def environment(self, postbox: Postbox) -> dict[str, str]:
        return {
            "PYTHONPATH": os.pathsep.join([str(SITE), str(ROOT)]),
            "CHAOS_CLOCKS": "0:-240,1:420",
            "CHAOS_ARMED": str(self.armed),
            "CHAOS_WITHOUT": ",".join(self.without),
            # A few firms act for ten minutes, more than people do in a day; budgets have their own tests.
            "MAGPIE_MATCHING_MAX_ACTS_PER_PAIR_AND_DAY": "1000000",
            "MAGPIE_MATCHING_MAX_ACTS_PER_ORG_AND_DAY": "1000000",
            **{name: value.format(postbox=postbox) for name, value in MAIL.items()},
        }


@dataclass(frozen=True)
class World:
    system: System
    postbox: Postbox
    lines: dict[str, Proxy]
    patience: float
    """So long what is on its way may take to arrive, once all is quiet."""
    has_acts: bool
    """Whether operators act, too: not where a guard is taken away, which is to be found out by faults alone."""


@asynccontextmanager
async def a_world(options: Options, *, patience: float) -> AsyncIterator[World]:
    """Runs inside the block."""
    options.armed.mkdir(parents=True, exist_ok=True)
    with Postbox() as postbox:
        trouble = random.Random(options.seed).choices(POST, weights=POST_WEIGHTS, k=POST_WITH_TROUBLE)
        postbox.answers.extend(trouble)
        kind = _on_a_cluster if options.cluster else _behind_lines
        async with kind(options, options.environment(postbox)) as (system, lines):
            system.services[witness.NAME] = [_witness(system, replica) for replica in range(2)]
            # In a thread: the proxies live in this loop, and nothing is ready without them.
            await asyncio.to_thread(system.start)
            try:
                yield World(system, postbox, lines, patience, has_acts=not options.without)
            finally:
                await asyncio.to_thread(system.stop)


Setting = tuple[System, dict[str, Proxy]]


@asynccontextmanager
async def _behind_lines(options: Options, env: Mapping[str, str]) -> AsyncIterator[Setting]:
    """One Kafka and one mongod, whose lines may be bad."""
    kafka_port, mongo_port = free_port(), free_port()
    async with proxied(kafka_port) as kafka, proxied(mongo_port) as mongod:
        system = System(
            options.directory,
            replicas=REPLICAS,
            kafka_port=kafka_port,
            mongo_port=mongo_port,
            base_port=options.base_port,
            fresh=True,
            env={**env, "MAGPIE_MONGO_URI": f"mongodb://{mongod.address}/?directConnection=true"},
        )
        system.servers.kafka.advertised_port = kafka.port
        yield system, {"kafka": kafka, "mongod": mongod}


@asynccontextmanager
async def _on_a_cluster(options: Options, env: Mapping[str, str]) -> AsyncIterator[Setting]:
    """Three of each, of which one may be lost. Their lines are good: each names its own address to the others."""
    servers = Cluster(options.directory)
    yield (
        System.on_servers(
            servers, options.directory, replicas=REPLICAS, base_port=options.base_port, env=env, owned=True
        ),
        {},
    )


def _witness(system: System, replica: int) -> ServiceProcess:
    return ServiceProcess(
        witness.NAME,
        replica,
        directory=system.directory,
        env=system.environment(),
        base_port=free_port() - REPLICA_STEP * replica,
        module="tests.chaos.witness",
    )
