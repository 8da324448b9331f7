"""Job kind -> use case: what webhooks do later."""

from __future__ import annotations

from services.chassis.commit import AnyJob, Job, RunOptions
from services.chassis.mongo import Database
from services.chassis.ops import OutwardClient, Sealer

from ..settings import NotificationsSettings
from .domain.schedule import Patience
from .job_kinds import DELIVER, DROP_WAITING, ERASE_EVENTS, FORGET_WEBHOOK, REPLAY, WATCH_BACKLOG
from .usecases.backlog import DropWaiting, WatchBacklog
from .usecases.clean import Clean
from .usecases.deliver import Deliver
from .usecases.replay import Replay

AT_ONCE = 32
"""Requests of a replica at a time: more than one organisation can hold with webhooks that never answer."""
MAX_TRIES = 20
"""Of a job whose process ends each time; what a receiver answers counts for the delivery, not for the job."""


def webhook_jobs(
    database: Database, settings: NotificationsSettings, client: OutwardClient, sealer: Sealer
) -> tuple[AnyJob, ...]:
    """All jobs of webhooks."""
    patience = Patience(settings.webhook_retry_seconds, settings.webhook_retry_days)
    deliver = Deliver(database, client, sealer, patience, is_open=settings.webhook_open)
    watch, replay = WatchBacklog(database, settings.webhook_backlog), Replay(database)
    drop, clean = DropWaiting(database), Clean(database)
    options = RunOptions(concurrency=AT_ONCE, max_tries=MAX_TRIES)
    return (
        Job(kind=DELIVER, work=deliver.work, apply=deliver.apply, reads=deliver.reads, options=options),
        Job(kind=WATCH_BACKLOG, work=watch.work, apply=watch.apply),
        Job.working(DROP_WAITING, drop.work),
        Job(kind=REPLAY, work=replay.work, apply=replay.apply),
        Job.working(FORGET_WEBHOOK, clean.forget),
        Job.working(ERASE_EVENTS, clean.erase),
    )
