"""A member of a consumer group on the rig's world."""

from __future__ import annotations

from typing import Any

from services.chassis.consume import Consumer
from services.chassis.health import Heartbeat
from services.chassis.listen import connect, subscribe
from services.chassis.records import Handler
from tests.integration.chassis.rig import Rig


class Group:
    """A member of the consumer group, as a service runs it."""

    def __init__(self, rig: Rig, handler: Handler, *, group: str = "g", **options: Any) -> None:
        self.consumer = rig.consumer(handler, group=group, most=options.get("max_records", 500))
        self.broker = rig.broker()
        self.subscriber = subscribe(
            self.broker,
            self.consumer,
            [rig.incoming],
            group=f"{rig.prefix}.{group}",
            session_timeout_ms=6000,
            **options,
        )

    async def __aenter__(self) -> Consumer:
        await connect(self.broker, Heartbeat("consumer"))
        return self.consumer

    async def __aexit__(self, *_: object) -> None:
        await self.broker.stop()
