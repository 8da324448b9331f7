"""What the routes of notifications need, and the type of their commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from services.chassis.http import CommandRequest, provided

from .settings import NotificationsSettings
from .usecases.stream_inbox import InboxSignal


@dataclass(frozen=True)
class Dependencies:
    """Built by the composition root. `link_key` signs unsubscribe links; `webhook_key` seals the secrets of
    webhooks."""

    settings: NotificationsSettings
    inbox_signal: InboxSignal
    link_key: bytes
    webhook_key: bytes


class Command(CommandRequest[Dependencies]):
    """A request that changes something."""


class WebhookCommand(CommandRequest[Dependencies]):
    """A request about a webhook: those who read public topics register them."""

    roles = frozenset({"organiser", "reader"})


DependenciesDep = Annotated[Dependencies, Depends(provided(Dependencies))]
