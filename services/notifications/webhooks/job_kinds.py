"""The kinds of jobs of webhooks. Names and keys are stored; renaming one would leave planned jobs behind."""

from __future__ import annotations

from services.chassis.commit import JobKind, Payload


class DeliverJob(Payload):
    """The queue whose next delivery is to be sent. `turn`: that of the queue's jobs which this one is."""

    webhook_id: str
    queue_id: str
    turn: int


class WebhookJob(Payload):
    """A webhook. `at` (ISO 8601): what is older is meant."""

    webhook_id: str
    at: str = ""


class ReplayJob(Payload):
    """Deliveries of a webhook, after a place in its log, that are sent again; or only those that still wait."""

    webhook_id: str
    after_at: str
    after_id: str = ""
    only_waiting: bool = False


class EraseJob(Payload):
    """An aggregate that was erased, and the sequence of its erasure."""

    topic: str
    key: str
    sequence: int


DELIVER = JobKind("webhook", DeliverJob)
WATCH_BACKLOG = JobKind("webhook_backlog", WebhookJob)
DROP_WAITING = JobKind("webhook_drop", WebhookJob)
REPLAY = JobKind("webhook_replay", ReplayJob)
FORGET_WEBHOOK = JobKind("webhook_forget", WebhookJob)
ERASE_EVENTS = JobKind("webhook_erase", EraseJob)
