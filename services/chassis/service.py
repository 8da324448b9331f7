"""A service: the parts that its composition root has built, run until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiokafka import TopicPartition
from fastapi import APIRouter, FastAPI
from faststream.kafka import KafkaBroker
from pymongo.errors import PyMongoError

from schemas.publish import published
from schemas.registry import registry

from . import VERSION
from .commit.answers import ANSWERS
from .commit.backlog import Backlog
from .commit.commands import MAX_COMMANDS, Commands
from .commit.committer import Committer
from .commit.jobs import AnyJob
from .commit.workers import Workers
from .http import contract, problems
from .http.arrivals import Arrivals
from .http.authenticator import Authenticator
from .http.body_limits import LargeBody
from .http.middleware import ApiMiddleware, ApiOptions
from .http.operations import NO_TELEMETRY, contract_route, health_routes, inspection_routes, operations_app
from .http.page_tokens import PageTokens
from .http.requests import StrictRoute
from .http.schemas import schema_routes
from .http.server import GRACE_SECONDS, Server, server
from .kafka_in.cluster import compare_cluster
from .kafka_in.consumer import MAX_CONCURRENT_PARTITIONS, Consumer, Reader
from .kafka_in.group import Membership, join, leave, subscribe
from .kafka_in.lag import LagProbe
from .kafka_in.retries import RetryReader
from .kafka_in.subscriptions import RecordReader, Subscription
from .kafka_out.relay import Relay, RelayOptions
from .model.documents import AnyCollection
from .model.failures import safe_traceback
from .mongo.clock import LOOK_SECONDS
from .mongo.database import Database
from .mongo.diagnosis import clock_off, why_unusable
from .mongo.errors import explain
from .ops import logs, metrics
from .ops.certificates import CertificateWatch
from .ops.health import Health, Heartbeat
from .ops.kafka_probe import KafkaProbe
from .ops.loops import Backoff, retry, run_forever
from .ops.otlp import open_traces
from .ops.settings import ChassisSettings
from .ops.watchdog import Watchdog
from .series import api_routes, declare_jobs, declare_process, declare_routes, declare_topics

log = logs.logger(__name__)
CLOCK_SECONDS = 4.0
OPERATIONS_OFFSET = 1000
"""The operators' port is that of the API and this much."""
Loop = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Definition:
    """What a service stores, listens to and does later: its `store.py`, `consumers.py` and `jobs.py`."""

    name: str
    collections: Sequence[AnyCollection]
    subscriptions: Sequence[Subscription] = ()
    jobs: Sequence[AnyJob] = ()
    quotas: Sequence[str] = ()
    """Names of the quotas that it refuses by, as metrics show them."""


@dataclass(frozen=True, slots=True)
class HttpApi:
    """What a service answers over HTTP. `dependencies` is the one object that its routes find as `command.deps` or by
    `provided`. `port` is its own, unless the settings name another one. `large_bodies`: files that may be larger than
    other bodies."""

    router: APIRouter
    port: int
    dependencies: object = None
    large_bodies: Sequence[LargeBody] = ()


@dataclass(frozen=True, slots=True)
class Background:
    """Something that runs as long as the service, a replica's index for example.

    `heartbeat` is its sign of life for `/livez`. `ready` is a check of `/readyz` with the name that is shown there.
    `close` is called at the shutdown, before open answers are waited for: it ends those that would never end."""

    name: str
    serve: Loop | None = None
    heartbeat: Heartbeat | None = None
    ready: tuple[str, Callable[[], bool]] | None = None
    close: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Listening:
    """The consumer of a service, and the broker that feeds it."""

    broker: KafkaBroker
    consumer: Consumer
    heartbeat: Heartbeat


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
        self._background = tuple(background)
        self.traces = open_traces(settings.otlp_endpoint, _resource(definition.name, settings))
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
        self.lag = self._lag_probe()
        self.health.dependencies["kafka"] = lambda: self.kafka.is_there
        # Asked when the metrics are read: what is set at a failure would be as old as the last failure.
        metrics.dependency_up.labels("kafka").set_function(lambda: self.kafka.is_there)
        metrics.dependency_up.labels("mongodb").set_function(lambda: database.clock.is_fresh)
        metrics.clock_ahead.set_function(lambda: database.clock.ahead_seconds)
        self._declare(definition, api)
        self._tasks: list[asyncio.Task[None]] = []
        self._abort: Callable[[], None] = lambda: None
        self._prepared = False
        self.health.checks |= {"prepared": lambda: self._prepared, "mongodb": lambda: database.clock.is_fresh}
        self.app = self._http(api)
        self.operations = operations_app(self.app, self.health)

    # -- composition

    def committer(self, max_decisions: int) -> Committer:
        """What commits decisions of this service, at most `max_decisions` at once."""
        return Committer(self.database, self.settings.names, max_decisions, secret=self.settings.secret)

    def _declare(self, definition: Definition, api: HttpApi) -> None:
        declare_process(self.name, self.health.heartbeats, definition.quotas)
        declare_topics(definition.subscriptions, self.settings.names)
        declare_jobs(definition.jobs)
        declare_routes(api.router)

    def _lag_probe(self) -> LagProbe:
        """Of all groups of the registry, not of this service's alone: a process that hangs cannot tell."""
        names, groups = self.settings.names, dict[str, list[TopicPartition]]()
        for topic in registry():
            for consumer in topic.consumers:
                partitions = [TopicPartition(topic.full_name(names.prefix), n) for n in range(topic.partitions)]
                groups.setdefault(names.group(consumer), []).extend(partitions)
        return LagProbe(self.settings.kafka, groups)

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

    def _listen(self, subscriptions: Sequence[Subscription]) -> Listening:
        settings, names = self.settings, self.settings.names
        group, dead_letters = names.group(self.name), names.dead_letters(self.name)
        readers = self._readers(subscriptions, group, dead_letters)
        heartbeat = self.health.heartbeat("consumer")
        consumer = Consumer(
            self.database,
            self.committer(settings.batch_records),
            readers,
            group=group,
            connection=settings.kafka,
            heartbeat=heartbeat,
            traces=self.traces,
        )
        options: dict[str, Any] = {"security": settings.kafka.security(), "client_id": f"magpie-{self.name}"}
        broker = KafkaBroker(settings.kafka_bootstrap, logger=None, consumer_only=True, **options)
        membership = Membership(
            group=group,
            instance_id=settings.replica and f"{group}-{settings.replica}",
            session_ms=settings.consumer_session_ms,
            # While one partition's batch commits, those of the others are decided.
            max_records=settings.batch_records * MAX_CONCURRENT_PARTITIONS,
        )
        subscribe(broker, consumer, readers, membership)
        self.health.checks["group joined"] = lambda: consumer.has_joined
        return Listening(broker, consumer, heartbeat)

    def _readers(self, subscriptions: Sequence[Subscription], group: str, dead_letters: str) -> dict[str, Reader]:
        """By the topic's name: one for each subscription, and one for what operators have sent again."""
        names, sources = self.settings.names, {topic.name: f"/magpie/{topic.producer}" for topic in registry()}
        readers = {
            names.topic(s.topic): RecordReader(s, group, dead_letters, sources.get(s.topic)) for s in subscriptions
        }
        if f"retry.{self.name}" not in sources:
            return {**readers}
        return {**readers, names.retries(self.name): RetryReader(readers, group, dead_letters)}

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
        app.state.arrivals = Arrivals(self.database)
        app.state.page_tokens = PageTokens(self.settings.secret)
        app.state.dependencies = api.dependencies
        must_fit(api)
        problems.install(app)
        contract.describe(app)
        # Built here: keys that production must not trust end the start, not each request.
        options = ApiOptions(self.settings, Authenticator(self.settings), api.large_bodies, self.traces)
        app.add_middleware(ApiMiddleware, options=options)
        # First, because a request is matched against one route after the other, and include_router matches it twice.
        app.router.routes[:0] = api.router.routes
        app.include_router(health_routes(self.health))
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
        await self._prepare()
        loops: dict[str, Loop] = {
            "commands": self.commands.serve,
            "jobs": self.workers.serve,
            "relay": self.relay.serve,
            "clock": self._keep_time,
            "backlog": self.backlog.serve,
            "kafka": self.kafka.serve,
            "lag": self.lag.serve,
            "certificates": CertificateWatch(addresses(self.settings.watch_certificates)).serve,
            "cluster": partial(compare_cluster, self.settings.kafka, self.database),
        }
        loops |= {background.name: background.serve for background in self._background if background.serve}
        if self.listening:
            loops["offsets"] = self.listening.consumer.monitor
        self._tasks = [asyncio.create_task(_supervised(name, loop), name=name) for name, loop in loops.items()]
        if self.listening:
            await join(self.listening.broker, self.listening.heartbeat)
        log.info("started", port=self.port)

    async def _prepare(self) -> None:
        def report(error: BaseException) -> None:
            log.warning("mongodb_not_there_yet", error=explain(error))
            self.health.beat()

        if not self._prepared:
            await retry(self._prepare_once, backoff=Backoff(0.2, 3.0), report=report, catch=(PyMongoError,))
            self._prepared = True
            self._say_whether_clocks_agree()

    async def _prepare_once(self) -> None:
        try:
            await self.database.prepare(self.collections)
        except PyMongoError as error:
            if why := await why_unusable(self.settings.mongo_uri, error):
                log.error("mongodb_unusable", reason=why)
            raise

    def _say_whether_clocks_agree(self) -> None:
        ahead = self.database.clock.ahead_seconds
        if advice := clock_off(ahead):
            log.error("clock_is_off", ahead_seconds=round(ahead), advice=advice)

    async def _keep_time(self) -> None:
        """Keeps the clock fresh; its answers are also the sign that MongoDB is there."""

        async def refresh() -> None:
            # A mongod that was stopped, or a line that swallows everything, lets a driver wait for 30 s.
            async with asyncio.timeout(CLOCK_SECONDS):
                await self.database.clock.refresh(self.database.client)
            await asyncio.sleep(LOOK_SECONDS)

        def report(error: BaseException) -> None:
            log.warning("mongodb_away", error=explain(error))

        pause = LOOK_SECONDS
        await run_forever(refresh, backoff=Backoff(pause, pause), report=report, catch=(PyMongoError, TimeoutError))

    async def _stop(self) -> None:
        """Takes nothing more, finishes and commits what it has, leaves its group; MongoDB is closed last."""
        # The order matters: jobs and records commit through the commands' lane or MongoDB, which must still be there.
        await self.workers.stop(GRACE_SECONDS)
        if self.listening:
            await leave(self.listening.broker)
        self.commands.stop()
        waiting = [task for task in self._tasks if task.get_name() == "commands"]
        if waiting:
            await asyncio.wait(waiting, timeout=GRACE_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.database.close()
        await asyncio.to_thread(self.traces.close)
        log.info("stopped")


def _resource(name: str, settings: ChassisSettings) -> dict[str, str]:
    """Who a span is from, as OpenTelemetry names it."""
    replica = {"service.instance.id": settings.replica} if settings.replica else {}
    return {"service.name": name, "service.namespace": "magpie", "service.version": VERSION, **replica}


def addresses(setting: str) -> list[str]:
    """The addresses of a setting, with commas between."""
    return [address.strip() for address in setting.split(",") if address.strip()]


def must_fit(api: HttpApi) -> None:
    """Raises TypeError if a route expects other dependencies: at the composition, not at its first call."""
    for route in api_routes(api.router):
        wanted = route.dependencies_type if isinstance(route, StrictRoute) else None
        if wanted is not None and not isinstance(api.dependencies, wanted):
            raise TypeError(f"{route} expects {wanted.__name__}, not {type(api.dependencies).__name__}")


def collect_garbage_less_often() -> None:
    """Sets the garbage collector's thresholds for batches.

    What is loaded by now stays. A batch makes tens of thousands of objects, and none of them is in a cycle, so looking
    for cycles after every 700 of them costs a tenth of the time, and after every 20,000 still a fourteenth. Garbage in
    cycles takes about 20 MB at most meanwhile."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


async def _supervised(name: str, loop: Loop) -> None:
    """Runs a loop until it is done or cancelled. One that raises has a fault: this is logged, and it runs again."""
    await retry(
        loop,
        backoff=Backoff(0.5, 10.0),
        report=lambda error: log.error(
            "loop_failed", loop=name, reason=explain(error), traceback=safe_traceback(error)
        ),
    )
