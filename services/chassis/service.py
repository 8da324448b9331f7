"""A service: the parts that its composition root has built, run until it is told to stop."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from schemas.publish import published
from schemas.registry import registry

from . import VERSION
from .commit.answers import ANSWERS
from .commit.backlog import Backlog
from .commit.commands import MAX_COMMANDS, Commands
from .commit.committer import Committer
from .commit.workers import Workers
from .definition import Background, Definition, HttpApi, Loop
from .http import contract, problems
from .http.arrivals import Arrivals
from .http.authenticator import Authenticator
from .http.middleware import ApiMiddleware, ApiOptions
from .http.operations import NO_TELEMETRY, contract_route, health_routes, inspection_routes, operations_app
from .http.page_tokens import PageTokens
from .http.routes import must_fit
from .http.schemas import schema_routes
from .http.server import GRACE_SECONDS, Server, server
from .kafka_in.cluster import compare_cluster
from .kafka_in.group import join, leave
from .kafka_in.subscriptions import Subscription
from .kafka_out.relay import Relay, RelayOptions
from .listening import Listening, lag_probe, listen
from .model.failures import safe_traceback
from .mongo.database import Database
from .mongo.errors import explain
from .mongo.replica_name import ReplicaName
from .mongo_start import MongoStart
from .ops import logs, metrics
from .ops.certificates import CertificateWatch, addresses
from .ops.garbage import collect_garbage_less_often
from .ops.health import Health
from .ops.kafka_probe import KafkaProbe
from .ops.loops import Backoff, retry
from .ops.otlp import open_traces, resource
from .ops.settings import ChassisSettings
from .ops.watchdog import Watchdog
from .series import declare_jobs, declare_process, declare_routes, declare_topics

log = logs.logger(__name__)
OPERATIONS_OFFSET = 1000
"""The operators' port is that of the API and this much."""
__all__ = ["Background", "Definition", "HttpApi", "Service"]


class Service:
    """One process. Its servers may be away when it starts: it retries without end, and is not ready until then."""

    def __init__(
        self,
        definition: Definition,
        settings: ChassisSettings,
        database: Database,
        api: HttpApi,
        *,
        background: Sequence[Background] = (),
    ) -> None:
        self.name, self.settings, self.database = definition.name, settings, database
        self.port = settings.http_port or api.port
        self.collections = (*definition.collections, ANSWERS)
        self.subscriptions = definition.subscriptions
        self._background = tuple(background)
        self.traces = open_traces(settings.otlp_endpoint, resource(definition.name, VERSION, settings.replica))
        self.health = Health(
            heartbeats=[b.heartbeat for b in background if b.heartbeat],
            checks=dict(b.ready for b in background if b.ready),
            conditions=database.conditions,
        )
        self.commands = Commands(
            self.committer(MAX_COMMANDS),
            heartbeat=self.health.heartbeat("commands"),
            wait_seconds=settings.command_wait_seconds,
        )
        self.workers = Workers(
            database,
            self.commands,
            definition.jobs,
            heartbeat=self.health.heartbeat("jobs"),
            lease_seconds=settings.job_lease_seconds,
            traces=self.traces,
        )
        self.relay = Relay(database, self._relay_options(), heartbeat=self.health.heartbeat("relay"))
        self.listening = self._listen(definition.subscriptions) if definition.subscriptions else None
        self.backlog = Backlog(database, [job.kind.name for job in definition.jobs])
        self.kafka = KafkaProbe(settings.kafka)
        self.lag = lag_probe(settings)
        self.health.dependencies["kafka"] = lambda: self.kafka.is_there
        # Asked when the metrics are read: what is set at a failure would be as old as the last failure.
        metrics.dependency_up.labels("kafka").set_function(lambda: self.kafka.is_there)
        metrics.dependency_up.labels("mongodb").set_function(lambda: database.clock.is_fresh)
        metrics.clock_ahead.set_function(lambda: database.clock.ahead_seconds)
        self._declare(definition, api)
        self._tasks: list[asyncio.Task[None]] = []
        self._abort: Callable[[], None] = lambda: None
        self.replica_name = ReplicaName(database, settings.replica) if settings.replica else None
        self.mongo = MongoStart(settings.mongo_uri, database, self.collections, beat=self.health.beat)
        self.health.checks |= {"prepared": lambda: self.mongo.is_prepared, "mongodb": lambda: database.clock.is_fresh}
        self.app = self._http(api)
        self.operations = operations_app(self.app, self.health)

    # -- composition

    def _listen(self, subscriptions: Sequence[Subscription]) -> Listening:
        found = listen(
            self.name,
            subscriptions,
            self.settings,
            self.committer(self.settings.batch_records),
            heartbeat=self.health.heartbeat("consumer"),
            traces=self.traces,
        )
        self.health.checks |= {
            "group joined": lambda: found.consumer.has_joined,
            "absence judged": lambda: found.watch.has_judged,
        }
        return found

    def committer(self, max_decisions: int) -> Committer:
        """What commits decisions of this service, at most `max_decisions` at once."""
        return Committer(self.database, self.settings.names, max_decisions, secret=self.settings.secret)

    def _declare(self, definition: Definition, api: HttpApi) -> None:
        declare_process(self.name, self.health.heartbeats, definition.quotas)
        declare_topics(self.name, definition.subscriptions, self.settings.names)
        declare_jobs(definition.jobs)
        declare_routes(api.router)

    def _relay_options(self) -> RelayOptions:
        settings = self.settings
        return RelayOptions(
            connection=settings.kafka,
            transactional_id=f"{settings.topic_prefix}.relay.{self.database.db.name}",
            batch=settings.relay_batch,
            lease_seconds=settings.relay_lease_seconds,
            aside_seconds=settings.relay_aside_seconds,
            traces=self.traces,
        )

    def _http(self, api: HttpApi) -> FastAPI:
        app = FastAPI(
            title=f"Magpie {self.name}",
            version="1",
            lifespan=self._lifespan,
            telemetry=NO_TELEMETRY,
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
        )
        # A redirect would repeat the Host header, which is the caller's own.
        app.router.redirect_slashes = False
        app.state.commands, app.state.database = self.commands, self.database
        app.state.arrivals, app.state.page_tokens = Arrivals(self.database), PageTokens(self.settings.secret)
        app.state.dependencies = api.dependencies
        must_fit(api.router, api.dependencies)
        problems.install(app)
        contract.describe(app)
        # Built here: keys that production must not trust end the start, not each request.
        options = ApiOptions(self.settings, Authenticator(self.settings), api.large_bodies, self.traces, api.pages)
        self.health.dependencies["identity provider"] = options.authenticator.has_keys
        app.add_middleware(ApiMiddleware, options=options)
        # First, because a request is matched against one route after the other, and include_router matches it twice.
        app.router.routes[:0] = api.router.routes
        app.include_router(health_routes(self.health, details=self.operations_port == self.port))
        app.include_router(contract_route(app))
        app.include_router(schema_routes(published(self._written(), base=self.settings.schema_base)))
        if self.operations_port == self.port:
            app.include_router(inspection_routes(app))
        return app

    def _written(self) -> list[str]:
        """The events that it writes, as the registry says."""
        return [event for topic in registry() if topic.producer == self.name for event in topic.events]

    @property
    def operations_port(self) -> int:
        """The operators' port; 0 where there is none."""
        configured = self.settings.operations_port
        return self.port + OPERATIONS_OFFSET if configured is None else configured

    # -- life

    def run(self) -> None:
        """Runs until SIGINT or SIGTERM. If a loop hangs, the process exits with 1, so that it is started again."""
        logs.configure(self.name, self.settings.log_level)
        collect_garbage_less_often()
        server = self.server(self.port)
        self._abort = server.abort
        server.run()
        if server.has_aborted:
            sys.exit(1)

    def server(self, port: int) -> Server:
        """The HTTP server of this service, not started yet."""
        has_own_port = self.operations_port not in (0, self.port)
        return server(
            self.app,
            self.settings,
            port,
            begin_shutdown=self.begin_shutdown,
            operations=self.operations if has_own_port else None,
            operations_port=self.operations_port,
        )

    def begin_shutdown(self) -> None:
        """Ends what would keep a shutdown waiting; may be called again."""
        for background in self._background:
            if background.close:
                background.close()

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        # Beside the server, which must answer /livez and /readyz while MongoDB and Kafka are away.
        starting = asyncio.ensure_future(_supervised("start", self._start))
        watching = asyncio.ensure_future(self.health.watch(self._abort))
        watchdog = Watchdog()
        watchdog.start(asyncio.get_running_loop())
        try:
            yield
        finally:
            watchdog.stop()
            self.begin_shutdown()
            for task in (starting, watching):
                task.cancel()
            await asyncio.gather(starting, watching, return_exceptions=True)
            await self._stop()

    async def _start(self) -> None:
        await self.mongo.prepare()
        if self.replica_name and not await self.replica_name.take():
            self._abort()
            return
        loops: dict[str, Loop] = {
            "commands": self.commands.serve,
            "jobs": self.workers.serve,
            "relay": self.relay.serve,
            "clock": self.mongo.keep_time,
            "backlog": self.backlog.serve,
            "kafka": self.kafka.serve,
            "lag": self.lag.serve,
            "certificates": CertificateWatch(addresses(self.settings.watch_certificates)).serve,
            "cluster": partial(compare_cluster, self.settings.kafka, self.database),
        }
        loops |= {background.name: background.serve for background in self._background if background.serve}
        if self.listening:
            loops |= {"offsets": self.listening.consumer.monitor, "logs": self.listening.watch.serve}
        if self.replica_name:
            loops["replica name"] = partial(self._keep_name, self.replica_name)
        self._tasks = [asyncio.create_task(_supervised(name, loop), name=name) for name, loop in loops.items()]
        if self.listening:
            await join(self.listening.broker, self.listening.heartbeat)
        log.info("started", port=self.port)

    async def _keep_name(self, name: ReplicaName) -> None:
        await name.keep()
        self._abort()

    async def _stop(self) -> None:
        """Takes nothing more, finishes and commits what it has, leaves its group; MongoDB is closed last."""
        # The order matters: jobs and records commit through the commands' lane or MongoDB, which must still be there.
        await self.workers.stop(GRACE_SECONDS)
        if self.listening:
            await self.listening.rebuilds.stop()
            await leave(self.listening.broker)
        self.commands.stop()
        waiting = [task for task in self._tasks if task.get_name() == "commands"]
        if waiting:
            await asyncio.wait(waiting, timeout=GRACE_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.replica_name:
            await self.replica_name.release()
        self.database.close()
        await asyncio.to_thread(self.traces.close)
        log.info("stopped")


async def _supervised(name: str, loop: Loop) -> None:
    """Runs a loop until it is done or cancelled. One that raises has a fault: it is logged, and runs again."""
    await retry(
        loop,
        backoff=Backoff(0.5, 10.0),
        report=lambda error: log.error(
            "loop_failed", loop=name, reason=explain(error), traceback=safe_traceback(error)
        ),
    )
