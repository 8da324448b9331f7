"""A member of a consumer group on the rig's world."""

from __future__ import annotations

from typing import Any

from services.chassis.kafka_in.consumer import Consumer
from services.chassis.kafka_in.group import Membership, connect, subscribe
from services.chassis.kafka_in.subscriptions import AnyHandler
from services.chassis.ops.health import Heartbeat
from tests.integration.chassis.rig import Rig


class Group:
    """A member of the consumer group, as a service runs it."""

    def __init__(self, rig: Rig, handler: AnyHandler, *, group: str = "g", **options: Any) -> None:
        self.consumer = rig.consumer(handler, group=group, max_decisions=options.get("max_records", 500))
        self.broker = rig.broker()
        self.subscriber = subscribe(
            self.broker,
            self.consumer,
            [rig.incoming],
            Membership(group=f"{rig.prefix}.{group}", **options),
        )

    async def __aenter__(self) -> Consumer:
        await connect(self.broker, Heartbeat("consumer"))
        return self.consumer

    async def __aexit__(self, *_: object) -> None:
        await self.broker.stop()
