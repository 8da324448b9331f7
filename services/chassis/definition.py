"""What a service declares: what it stores, listens to, does later, answers, and runs in the background."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from .commit.jobs import AnyJob
from .http.body_limits import LargeBody
from .http.browser import Pages
from .kafka_in.subscriptions import Subscription
from .model.documents import AnyCollection
from .ops.health import Heartbeat

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
    other bodies. `pages`: what of it browsers are shown, who sign in by a cookie."""

    router: APIRouter
    port: int
    dependencies: object = None
    large_bodies: Sequence[LargeBody] = ()
    pages: Pages | None = None


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
