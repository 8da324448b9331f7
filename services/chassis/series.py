"""Makes the series whose labels are known exist at 0: `increase()` does not see the first event of a counter that comes
into being with it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import product

from fastapi import APIRouter

from . import VERSION
from .commit.jobs import AnyJob
from .http.middleware import REQUESTS_PER_DAY
from .http.routes import api_routes
from .kafka_in.gaps import HOW
from .kafka_in.subscriptions import Subscription
from .model.failures import FAILURE_KINDS
from .model.topic_names import TopicNames
from .ops import metrics
from .ops.health import Heartbeat

REVISION = "MAGPIE_REVISION"
"""The variable with the revision of the sources; an image sets it."""
FAILURES = (500, 503)


def declare_process(name: str, heartbeats: Iterable[Heartbeat], quotas: Sequence[str]) -> None:
    """What every service has."""
    metrics.build_info.labels(name, VERSION, os.environ.get(REVISION, "unknown")).set(1)
    for heartbeat in heartbeats:
        metrics.loop_beat.labels(heartbeat.name).set_function(heartbeat.age)
    for cause in ("Conflict", "TooLong", "Rejected"):
        metrics.batches_again.labels(cause)
    for quota in (REQUESTS_PER_DAY, *quotas):
        metrics.quota_refused.labels(quota)
    metrics.leases_lost.labels("relay")


def declare_topics(service: str, subscriptions: Sequence[Subscription], names: TopicNames) -> None:
    """Of what a service listens to."""
    if subscriptions:
        _declare_topic(names.retries(service))
    for subscription in subscriptions:
        topic = names.topic(subscription.topic)
        _declare_topic(topic)
        for known_by in ("cursor", "inbox"):
            metrics.records_repeated.labels(topic, known_by)
        for route in subscription.routes:
            type_ = route.event.event_type
            metrics.records_consumed.labels(topic, type_, "done")
            metrics.record_seconds.labels(type_)
            metrics.event_age.labels(type_)
        metrics.records_consumed.labels(topic, metrics.NO_TYPE, "passed_over")


def _declare_topic(topic: str) -> None:
    metrics.consumer_paused.labels(topic)
    for reason in HOW:
        metrics.records_lost.labels(topic, reason)
    for reason in FAILURE_KINDS:
        metrics.dead_letters.labels(topic, reason)


def declare_jobs(jobs: Sequence[AnyJob]) -> None:
    """Of the kinds of jobs."""
    for job in jobs:
        kind = job.kind.name
        for gauge in (metrics.jobs_running, metrics.jobs_due, metrics.jobs_oldest_due, metrics.jobs_dead):
            gauge.labels(kind)
        metrics.job_seconds.labels(kind)
        for outcome in ("done", "superseded", "later", "outside", "failed", "dead"):
            metrics.jobs_done.labels(kind, outcome)


def declare_routes(router: APIRouter) -> None:
    """Of the routes of an API: what succeeds, and what must not happen."""
    for route in api_routes(router):
        for method, status in product(sorted(route.methods or ()), (route.status_code or 200, *FAILURES)):
            metrics.http_requests.labels(route.path, method, status)
            metrics.http_seconds.labels(route.path, method)
