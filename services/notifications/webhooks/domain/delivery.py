"""What is sent to webhooks: the events that are kept for it, a delivery for each webhook, and the queues in which they
wait."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from services.chassis.model import Document

State = Literal["waiting", "sent", "failed", "erased", "dropped"]
KEPT = dt.timedelta(days=10)
"""How long deliveries and events are kept: three days in which they may wait, and a week in which they can be sent
again."""


class KeptEvent(Document):
    """An event as it came, once for all webhooks. Its id is the event's. `data` is the JSON text of its body; None for
    an erasure."""

    topic: str
    key: str
    sequence: int
    attributes: dict[str, str]
    data: str | None = None
    created_at: dt.datetime


class Delivery(Document):
    """One event on its way to one webhook; its id is `<webhook>/<event>`.

    `waiting` until an attempt succeeds (`sent`). `failed`: a test event, which is tried once. `erased`: its content
    was erased before it was sent. `dropped`: the webhook was disabled because too much waited."""

    webhook_id: str
    queue_id: str
    event_id: str
    type: str
    sequence: int
    state: State = "waiting"
    attempts: int = 0
    outcome: str | None = None
    """Of the last attempt: `sent`, or one of `Outcome`'s reasons."""
    status: int | None = None
    ms: int | None = None
    first_at: dt.datetime | None = None
    last_at: dt.datetime | None = None
    next_at: dt.datetime | None = None
    created_at: dt.datetime

    @property
    def is_test(self) -> bool:
        """Whether it is a test event: tried once, and not sent again."""
        return self.queue_id.startswith(f"{self.webhook_id}/test/")

    def tried(self, at: dt.datetime, *, outcome: str, status: int | None, ms: int | None) -> Delivery:
        """After one more attempt."""
        return self.model_copy(
            update={
                "attempts": self.attempts + 1,
                "outcome": outcome,
                "status": status,
                "ms": ms,
                "first_at": self.first_at or at,
                "last_at": at,
                "next_at": None,
            }
        )

    def ended(self, state: State) -> Delivery:
        """It waits no longer."""
        return self.model_copy(update={"state": state, "next_at": None})

    def again(self) -> Delivery:
        """It is to be sent, or sent again, with three days of its own."""
        return self.model_copy(update={"state": "waiting", "attempts": 0, "first_at": None, "next_at": None})


class Queue(Document):
    """The deliveries of one aggregate to one webhook; its id is `<webhook>/<topic>/<key>`.

    It is written with every delivery that begins to wait, and by the job that sends them: so a job that ends because
    nothing waits conflicts with what comes at that moment, and none is left behind. While it `is_busy`, exactly one
    job is planned for it, and the deliveries leave one after the other, by their sequence."""

    webhook_id: str
    is_busy: bool = False
    turn: int = 0
    """Of its jobs; each has another name."""
    written: int = 0
    """Deliveries that ever began to wait: shows whether one has come since it was looked."""
    last: int = 0
    """The highest sequence among them."""
    touched_at: dt.datetime

    def taking(self, sequence: int, at: dt.datetime) -> Queue:
        """With one more delivery."""
        last = max(self.last, sequence)
        return self.model_copy(update={"written": self.written + 1, "last": last, "touched_at": at})

    def planned(self, at: dt.datetime) -> Queue:
        """With its next job."""
        return self.model_copy(update={"is_busy": True, "turn": self.turn + 1, "touched_at": at})

    def idle(self, at: dt.datetime) -> Queue:
        """Without a job."""
        return self.model_copy(update={"is_busy": False, "touched_at": at})


class Pace(Document):
    """When something may be sent to a webhook again; its id is the webhook's. `rests_until`: its receiver has asked for
    a pause."""

    rests_until: dt.datetime | None = None
    tested_at: dt.datetime | None = None
    replayed_at: dt.datetime | None = None


def queue_id(webhook_id: str, topic: str, key: str) -> str:
    """The id of the queue of an aggregate."""
    return f"{webhook_id}/{topic}/{key}"


def delivery_id(webhook_id: str, event_id: str) -> str:
    """The id of the delivery of an event: one for each webhook, however often the event is read."""
    return f"{webhook_id}/{event_id}"
