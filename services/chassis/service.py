"""A service: what its composition root has put together, run until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from fastapi.telemetry import TelemetryConfig
from faststream.kafka import KafkaBroker
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pymongo.errors import PyMongoError

from . import logs, metrics, problems
from .answers import ANSWERS
from .clock import FRESH_SECONDS
from .commands import Commands
from .consume import AT_ONCE, Consumer
from .database import Database
from .documents import Collection
from .errors import Pace, meaning, must_go_on, reason
from .gate import Gate
from .health import Health, Heartbeat
from .jobs import Job, Workers
from .listen import join, leave, subscribe
from .records import Reader, Subscription
from .relay import Relay
from .serving import GRACE_SECONDS, Server, server
from .settings import ChassisSettings
from .settle import Settler
from .uow import Topics

NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""Of FastAPI's own, by OpenTelemetry: what is measured is in `metrics`."""

log = logs.logger(__name__)
Loop = Callable[[], Awaitable[None]]


def open_database(name: str, settings: ChassisSettings) -> Database:
    return Database(settings.mongo_uri, settings.database_prefix + name, source=f"/magpie/{name}")


class Service:
    """One process. Its servers may be away when it starts: it retries without end and is not ready until then."""

    def __init__(
        self,
        name: str,
        settings: ChassisSettings,
        *,
        database: Database,
        port: int,
        api: APIRouter,
        collections: Sequence[Collection[Any]],
        subscriptions: Sequence[Subscription] = (),
        jobs: Sequence[Job] = (),
        loops: Mapping[str, Loop] | None = None,
        checks: Mapping[str, Callable[[], bool]] | None = None,
        state: Mapping[str, Any] | None = None,
        hearts: Sequence[Heartbeat] = (),
        farewells: Sequence[Callable[[], None]] = (),
    ) -> None:
        """`loops` run as long as the service does (a replica's index, say); `hearts` are their signs of life;
        `checks` must hold for it to be ready; `farewells` are called when it is told to stop, before it waits for open
        answers: they end those that would never end;
        `state` is what the API's dependencies find."""
        self.name, self.settings, self.database = name, settings, database
        self.port = settings.http_port or port
        self._collections = (*collections, ANSWERS)
        self._loops = dict(loops or {})
        self._farewells = tuple(farewells)
        self.health = Health(hearts=list(hearts), checks=dict(checks or {}))
        settler = Settler(database, Topics(settings.topic_prefix), most=settings.batch_records)
        self.commands = Commands(
            Settler(database, Topics(settings.topic_prefix), most=64),
            heartbeat=self.health.heartbeat("commands"),
            wait_seconds=settings.command_wait_seconds,
        )
        self.workers = Workers(
            database,
            self.commands,
            jobs,
            heartbeat=self.health.heartbeat("jobs"),
            lease_seconds=settings.job_lease_seconds,
        )
        self.relay = Relay(
            database,
            bootstrap=settings.kafka_bootstrap,
            transactional_id=f"{settings.topic_prefix}.relay.{database.db.name}",
            heartbeat=self.health.heartbeat("relay"),
            batch=settings.relay_batch,
            lease_seconds=settings.relay_lease_seconds,
            aside_seconds=settings.relay_aside_seconds,
        )
        self.broker, self.consumer = self._listen(settler, subscriptions)
        self._tasks: list[asyncio.Task[None]] = []
        self._give_up: Callable[[], None] = lambda: None
        self._prepared = False
        self.health.checks |= {"prepared": lambda: self._prepared, "mongodb": lambda: database.clock.is_fresh}
        self.app = self._http(api, dict(state or {}))

    # -- composition

    def _listen(
        self, settler: Settler, subscriptions: Sequence[Subscription]
    ) -> tuple[KafkaBroker | None, Consumer | None]:
        if not subscriptions:
            return None, None
        settings, group = self.settings, self.settings.group(self.name)
        readers = {
            settings.topic(s.topic): Reader(s, group=group, dead_letters=settings.dead_letters(self.name))
            for s in subscriptions
        }
        self._listening = self.health.heartbeat("consumer")
        consumer = Consumer(
            self.database,
            settler,
            readers,
            group=group,
            bootstrap=settings.kafka_bootstrap,
            heartbeat=self._listening,
        )
        broker = KafkaBroker(settings.kafka_bootstrap, logger=None, consumer_only=True, client_id=f"magpie-{self.name}")
        subscribe(
            broker,
            consumer,
            readers,
            group=group,
            max_records=settings.batch_records * AT_ONCE,  # while one partition's batch commits, another's is decided
            session_timeout_ms=settings.consumer_session_ms,
            heartbeat_interval_ms=settings.consumer_session_ms // 3,
            group_instance_id=settings.replica and f"{group}-{settings.replica}",
        )
        self.health.checks["group joined"] = lambda: consumer.has_joined
        return broker, consumer

    def _http(self, api: APIRouter, state: dict[str, Any]) -> FastAPI:
        app = FastAPI(title=f"Magpie {self.name}", version="1", lifespan=self._lifespan, telemetry=NO_TELEMETRY)
        app.state._state.update({"commands": self.commands, "database": self.database, **state})
        problems.install(app)
        app.add_middleware(Gate, settings=self.settings)
        # First, as a request is held against one route after the other; and include_router would look for it twice.
        app.router.routes[:0] = api.routes
        app.include_router(self._health_routes())
        return app

    def _health_routes(self) -> APIRouter:
        router = APIRouter(tags=["operation"])

        @router.get("/livez")
        async def livez() -> Response:
            return _told(self.health.hanging())

        @router.get("/readyz")
        async def readyz() -> Response:
            return _told(self.health.unready())

        @router.get("/metrics")
        async def exposition() -> Response:
            return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

        return router

    # -- life

    def run(self) -> None:
        """Until SIGINT or SIGTERM; or until a loop hangs, and then it exits with 1, to be started again."""
        logs.configure(self.name, self.settings.log_level)
        collect_less_often()
        server = self.server(self.port)
        self._give_up = server.give_up
        server.run()
        if server.has_given_up:
            sys.exit(1)

    def server(self, port: int) -> Server:
        """What listens for it, not started yet."""
        return server(
            self.app,
            host=self.settings.http_host,
            port=port,
            read_seconds=self.settings.read_timeout_seconds,
            take_leave=self.take_leave,
        )

    def take_leave(self) -> None:
        """Told to stop; may be called again."""
        for farewell in self._farewells:
            farewell()

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        starting = asyncio.ensure_future(_for_ever("start", self._start))
        watching = asyncio.ensure_future(self.health.watch(self._give_up))
        try:
            yield
        finally:
            self.take_leave()
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
            **self._loops,
        }
        if self.consumer:
            loops["lag"] = self.consumer.look_after
        self._tasks = [asyncio.create_task(_for_ever(name, loop), name=name) for name, loop in loops.items()]
        if self.broker:
            await join(self.broker, self._listening)
        log.info("started", port=self.port)

    async def _prepare(self) -> None:
        pace = Pace(0.2, 3.0)
        while not self._prepared:
            try:
                await self.database.prepare(self._collections)
                self._prepared = True
                metrics.dependency_up.labels("mongodb").set(1)
            except PyMongoError as error:
                log.warning("mongodb_not_there_yet", error=reason(meaning(error)))
                self.health.beat()  # nobody hangs: the loops start when it is there
                await pace.wait()

    async def _keep_time(self) -> None:
        while True:
            try:
                await self.database.clock.refresh(self.database.client)
                metrics.dependency_up.labels("mongodb").set(1)
            except PyMongoError as error:
                must_go_on()
                metrics.dependency_up.labels("mongodb").set(0)
                log.warning("mongodb_away", error=reason(meaning(error)))
            await asyncio.sleep(FRESH_SECONDS / 2)

    async def _stop(self) -> None:
        """Stop taking, finish what is in hand, commit, leave; MongoDB is closed last."""
        await self.workers.stop(GRACE_SECONDS)
        if self.broker:
            await leave(self.broker)
        self.commands.stop()
        waiting = [task for task in self._tasks if task.get_name() == "commands"]
        if waiting:
            await asyncio.wait(waiting, timeout=GRACE_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.database.close()
        log.info("stopped")


def collect_less_often() -> None:
    """What is loaded by now stays; a batch makes tens of thousands of objects that end by themselves, in no cycle, so
    to look for cycles after each 700 of them costs a tenth of the time, and after each 20,000 still a fourteenth. What
    cycles hold until then is some 20 MB at most."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


async def _for_ever(name: str, loop: Loop) -> None:
    """A loop ends by being cancelled, or because it is done; one that raises is our fault: it says so and goes on. So
    it does after a cancellation that a library let out and nobody asked for."""
    pace = Pace(0.5, 10.0)
    while True:
        try:
            await loop()
            return
        except Exception as error:
            failed: BaseException = meaning(error)
        except asyncio.CancelledError as error:
            must_go_on()
            failed = error
        log.error("loop_failed", loop=name, reason=reason(failed))
        await pace.wait()


def _told(failing: list[str]) -> Response:
    return Response("\n".join(failing) or "ok", 503 if failing else 200, media_type="text/plain")
