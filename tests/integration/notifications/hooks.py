"""A webhook of an organisation's reader, with its receiver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from standardwebhooks.webhooks import Webhook

from deploy.local.system import Servers
from schemas.profiles import ProfileErased
from services.notifications.app import build
from services.notifications.settings import NotificationsSettings
from tests.contract import node
from tests.support.contract import korean_profile, publish
from tests.support.receiver import Received, Receiver, receiver
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually


@dataclass
class Hooks:
    """A running service, a receiver, and a reader of the organisation `hanbit`."""

    running: Running
    receiver: Receiver

    @property
    def reader(self) -> httpx2.AsyncClient:
        return self.running.client("hanbit", role="reader", sub="lee-1")

    @property
    def db(self) -> Any:
        return self.running.service.database.db

    async def registered(self, **more: Any) -> dict[str, Any]:
        answer = await self.reader.post("/v1/webhooks", json={"url": self.receiver.url, **more})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def says(self, key: str, sequence: int, event: Any = None, **more: Any) -> str:
        """Publishes an event of a profile; returns its id."""
        settings = self.running.service.settings
        event = event or korean_profile(key, **more)
        return await publish(settings.kafka_bootstrap, settings.topic_prefix, event, key=key, sequence=sequence)

    async def erases(self, key: str, sequence: int) -> str:
        return await self.says(key, sequence, ProfileErased())

    async def gets(self, count: int) -> list[Received]:
        """All that was received, once it is at least that much."""
        await eventually(lambda: len(self.receiver.received) >= count, f"{count} requests received")
        return self.receiver.received

    async def of(self, webhook: dict[str, Any]) -> dict[str, Any]:
        """The webhook as its reader sees it."""
        return dict((await self.reader.get(f"/v1/webhooks/{webhook['webhook_id']}")).json())

    async def disabled(self, webhook: dict[str, Any]) -> str:
        """The reason, once it is disabled."""

        async def reason() -> Any:
            return (await self.of(webhook)).get("reason")

        return str(await eventually(reason, "disabled"))

    async def log(self, webhook: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
        answer = await self.reader.get(f"/v1/webhooks/{webhook['webhook_id']}/deliveries", params=query)
        return list(answer.json()["items"])

    async def idle(self) -> None:
        """No job of webhooks is left."""

        async def none() -> bool:
            return await self.db.jobs.find_one({"kind": {"$regex": "^webhook"}}) is None

        await eventually(none, "no job of webhooks left")


@asynccontextmanager
async def hooks_with(servers: Servers, run_id: str, directory: Path, **more: Any) -> AsyncIterator[Hooks]:
    quick: dict[str, Any] = {"webhook_open": True, "webhook_retry_seconds": 0.05, "webhook_timeout_seconds": 2.0}
    settings = NotificationsSettings(**(quick | more))
    chassis = chassis_settings(servers, run_id, directory, job_lease_seconds=2.0)
    async with receiver() as receiving, running(build(chassis, settings)) as service:
        yield Hooks(service, receiving)


def verified(received: Received, secret: str) -> Any:
    """The event, if the official library takes the signature. Raises WebhookVerificationError."""
    return Webhook(secret).verify(received.body, received.headers)


async def verified_in_javascript(*received: Received, secret: str) -> list[str]:
    """What the official JavaScript library says of each: the event's id, or `refused: ...`."""
    questions = [{"secret": secret, "headers": r.headers, "body": r.body.decode()} for r in received]
    return list(await asyncio.to_thread(node.ask, "webhooks.cjs", questions))
