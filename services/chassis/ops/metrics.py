"""Every metric of the chassis, declared once. A service's own metrics are in its `metrics.py`."""

from __future__ import annotations

from functools import cache
from typing import TypeVar

from prometheus_client import Counter, Gauge, Histogram

Metric = TypeVar("Metric", Counter, Gauge, Histogram)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

records_consumed = Counter(
    "magpie_records_consumed_total", "Records that took effect or were passed over, by topic.", ["topic", "outcome"]
)
records_repeated = Counter(
    "magpie_records_repeated_total",
    "Records that had taken effect before and were skipped, by topic and by what recognised them: the partition's "
    "checkpoint (cursor) or the inbox.",
    ["topic", "known_by"],
)
consumer_lag = Gauge(
    "magpie_consumer_lag_records",
    "Records between position and end of the log, as last measured: see magpie_consumer_lag_age_seconds.",
    ["topic"],
)
consumer_lag_age = Gauge(
    "magpie_consumer_lag_age_seconds", "How long ago the lag was measured: a lag that grows old is not known."
)
consumer_paused = Gauge(
    "magpie_consumer_partitions_paused", "Partitions paused because every record of them fails unexpectedly.", ["topic"]
)
dead_letters = Counter("magpie_dead_letters_total", "Records refused and written to the dead-letter topic.", ["topic"])
batches_again = Counter("magpie_batches_decided_again_total", "Batches decided again, by cause.", ["cause"])
clock_ahead = Gauge(
    "magpie_clock_ahead_seconds", "How far this machine's clock is ahead of mongod's, as last measured."
)
commits = Histogram("magpie_commit_seconds", "One transaction, from its first write to its commit.", buckets=SECONDS)
commands_waiting = Gauge("magpie_commands_waiting", "Commands that wait for their commit now.")
http_requests = Counter(
    "magpie_http_requests_total", "HTTP requests, by route template and status.", ["route", "status"]
)
http_limited = Counter("magpie_http_rate_limited_total", "Requests answered 429: their org asks too much.")
quota_refused = Counter(
    "magpie_quota_refused_total", "Requests refused because a quota is reached, by the type of the problem.", ["quota"]
)
http_seconds = Histogram("magpie_http_request_seconds", "Time to answer an HTTP request.", ["route"], buckets=SECONDS)
relay_rows = Counter("magpie_relay_rows_total", "Outbox rows published and deleted.")
leases_lost = Counter("magpie_leases_lost_total", "Leases that ran out while they were held.", ["lease"])
relay_leading = Gauge("magpie_relay_leading", "1 while this replica relays the outbox of its database.")
relay_oldest = Gauge(
    "magpie_relay_oldest_row_seconds",
    "Age of the oldest outbox row, measured in MongoDB by every replica; 0 when empty.",
)
outbox_rows = Gauge("magpie_outbox_rows", "Rows that wait in the outbox, measured in MongoDB by every replica.")
relay_aside = Gauge("magpie_relay_topic_set_aside", "1 while a topic refuses records and its rows wait.", ["topic"])
jobs_done = Counter("magpie_jobs_total", "Job runs, by kind and outcome.", ["kind", "outcome"])
jobs_dead = Gauge(
    "magpie_jobs_dead",
    "Jobs that failed for the last time and wait for a person, read from MongoDB by every replica.",
    ["kind"],
)
job_seconds = Histogram("magpie_job_seconds", "The slow half of a job.", ["kind"], buckets=SECONDS)
dependency_up = Gauge("magpie_dependency_up", "1 while the server answers.", ["dependency"])


@cache
def series(metric: Metric, *labels: str | int) -> Metric:
    """The labelled series, cached: finding a series costs more than counting in it. Only for labels with few values,
    as nothing is ever evicted."""
    return metric.labels(*labels)
