"""A member of a consumer group on the rig's world."""

from __future__ import annotations

import asyncio
from typing import Any

from services.chassis.kafka_in.consumer import Consumer
from services.chassis.kafka_in.group import Membership, connect, subscribe
from services.chassis.kafka_in.rebuilds import Rebuilds
from services.chassis.kafka_in.reconciling import Reconciling
from services.chassis.kafka_in.subscriptions import AnyHandler, Projects, RecordReader
from services.chassis.kafka_in.watch import LogWatch
from services.chassis.ops import KafkaConnection
from services.chassis.ops.health import Heartbeat
from tests.integration.chassis.rig import Rig


class Group:
    """A member of the consumer group, as a service runs it; `watched`, with the watch over what it reads."""

    def __init__(
        self,
        rig: Rig,
        handler: AnyHandler,
        *,
        group: str = "g",
        watched: bool = False,
        rows: Projects | None = None,
        **options: Any,
    ) -> None:
        most = options.get("max_records", 500)
        self.consumer = rig.consumer(handler, group=group, max_decisions=most, projects=rows)
        self.broker = rig.broker()
        self.subscriber = subscribe(
            self.broker,
            self.consumer,
            [rig.incoming],
            Membership(group=f"{rig.prefix}.{group}", **options),
        )

        connection, reader = KafkaConnection(rig.bootstrap), self.consumer._readers[rig.incoming]
        assert isinstance(reader, RecordReader)
        self.reconciling = Reconciling(rig.committer(), connection, reader, rows, rig.incoming) if rows else None
        self.rebuilds = Rebuilds(rig.database, "test", {rig.incoming: self.reconciling} if self.reconciling else {})
        self.watch = LogWatch(connection, rig.database, self.consumer, [rig.incoming], self.rebuilds)
        self._watched, self._watching = watched, asyncio.Future[None]()

    async def __aenter__(self) -> Consumer:
        await connect(self.broker, Heartbeat("consumer"))
        if self._watched:
            self._watching = asyncio.ensure_future(self.watch.serve())
        return self.consumer

    async def __aexit__(self, *_: object) -> None:
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)
        await self.rebuilds.stop()
        await self.broker.stop()
