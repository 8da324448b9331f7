"""Every metric of the chassis, declared once. A service's own metrics are in its `metrics.py`; docs/metrics.md lists
all of them, and `make metrics` writes it."""

from __future__ import annotations

from functools import cache
from typing import TypeVar

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

# A second series for each counter and histogram, which no rule needs.
disable_created_metrics()  # type: ignore[no-untyped-call]

Metric = TypeVar("Metric", Counter, Gauge, Histogram)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
WORK_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)
"""For work that waits for somebody else's server."""
AGE_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)
"""For events: their path takes some hundredths of a second, and hours after an outage."""
NO_TYPE = "(other)"
"""The label of records without a known event type."""

spans_sent = Counter("magpie_spans_sent_total", "Spans that the collector of MAGPIE_OTLP_ENDPOINT took.")
spans_lost = Counter("magpie_spans_lost_total", "Spans that were dropped: the collector is away, or too slow.")
build_info = Gauge("magpie_build_info", "1, with what runs here.", ["service", "version", "revision"])
loop_beat = Gauge(
    "magpie_loop_beat_age_seconds",
    "Since a loop has last made progress; 0 while it waits for work.",
    ["loop"],
    unit="seconds",
)
records_consumed = Counter(
    "magpie_records_consumed_total",
    "Records that took effect or were passed over, by topic and event type.",
    ["topic", "type", "outcome"],
)
record_seconds = Histogram(
    "magpie_record_seconds",
    "From the moment a record is in hand until its effect is committed, by event type.",
    ["type"],
    buckets=SECONDS,
    unit="seconds",
)
event_age = Histogram(
    "magpie_event_age_seconds",
    "Age of an event when its effect is committed, by event type.",
    ["type"],
    buckets=AGE_SECONDS,
    unit="seconds",
)
records_repeated = Counter(
    "magpie_records_repeated_total",
    "Records that had taken effect before and were skipped, by topic and by what recognised them: the partition's "
    "checkpoint (cursor) or the inbox.",
    ["topic", "known_by"],
)
records_lost = Counter(
    "magpie_records_lost_total",
    "Offsets that were removed from a topic before they were read (retention), or were deleted with it (deleted), "
    "markers of transactions included, by topic and reason; `services.operate gaps list` shows where.",
    ["topic", "reason"],
)
consumer_lag = Gauge(
    "magpie_consumer_lag_records",
    "Records that a group has not read yet, as the broker says; every process asks for all groups that it may see, so "
    "take the maximum.",
    ["group", "topic", "partition"],
    unit="records",
)
consumer_lag_age = Gauge(
    "magpie_consumer_lag_age_seconds",
    "Since the broker was last asked for the lag: one that grows old is not known.",
    unit="seconds",
)
consumer_paused = Gauge(
    "magpie_consumer_partitions_paused", "Partitions paused because every record of them fails unexpectedly.", ["topic"]
)
dead_letters = Counter(
    "magpie_dead_letters_total",
    "Records refused and written to the dead-letter topic, by topic and by why: unreadable, invalid, refused by a "
    "rule, rejected by MongoDB, unexpected.",
    ["topic", "reason"],
)
batches_again = Counter("magpie_batches_decided_again_total", "Batches decided again, by cause.", ["cause"])
clock_ahead = Gauge(
    "magpie_clock_ahead_seconds", "How far this machine's clock is ahead of mongod's, as last measured.", unit="seconds"
)
commits = Histogram(
    "magpie_commit_seconds", "One transaction, from its first write to its commit.", buckets=SECONDS, unit="seconds"
)
commands_waiting = Gauge("magpie_commands_waiting", "Commands that wait for their commit now.")
http_requests = Counter(
    "magpie_http_requests_total",
    "HTTP requests, by route template, method and status. A request refused before its route was found has the route "
    "(none), one whose client hung up the status 0.",
    ["route", "method", "status"],
)
http_probes = Counter(
    "magpie_http_probes_total",
    "Requests for health, metrics and documentation on the port of the API.",
    ["route", "status"],
)
http_limited = Counter("magpie_http_rate_limited_total", "Requests answered 429: their org asks too much.")
quota_refused = Counter(
    "magpie_quota_refused_total", "Requests refused because a quota is reached, by the type of the problem.", ["quota"]
)
http_seconds = Histogram(
    "magpie_http_request_seconds",
    "Time until the answer to an HTTP request began, by route template and method.",
    ["route", "method"],
    buckets=SECONDS,
    unit="seconds",
)
relay_rows = Counter("magpie_relay_rows_total", "Outbox rows published and deleted.")
leases_lost = Counter("magpie_leases_lost_total", "Leases that ran out while they were held.", ["lease"])
relay_leading = Gauge("magpie_relay_leading", "1 while this replica relays the outbox of its database.")
relay_oldest = Gauge(
    "magpie_relay_oldest_row_seconds",
    "Age of the oldest outbox row, measured in MongoDB by every replica; 0 when empty.",
    unit="seconds",
)
outbox_rows = Gauge(
    "magpie_outbox_rows", "Rows that wait in the outbox, measured in MongoDB by every replica.", unit="rows"
)
relay_aside = Gauge("magpie_relay_topic_set_aside", "1 while a topic refuses records and its rows wait.", ["topic"])
jobs_done = Counter(
    "magpie_jobs_total",
    "Job runs, by kind and outcome: done, superseded by another process, later (not a try), outside (what it needs is "
    "away; not a try), failed and to be tried again, dead.",
    ["kind", "outcome"],
)
jobs_running = Gauge("magpie_jobs_running", "Jobs that this replica works on now.", ["kind"])
jobs_due = Gauge(
    "magpie_jobs_due",
    "Jobs that could run and wait, read from MongoDB by every replica; counted up to 10,000.",
    ["kind"],
)
jobs_oldest_due = Gauge(
    "magpie_jobs_oldest_due_seconds",
    "Since when the job that has waited longest could run, read from MongoDB by every replica; 0 when none waits.",
    ["kind"],
    unit="seconds",
)
jobs_dead = Gauge(
    "magpie_jobs_dead",
    "Jobs that failed for the last time and wait for a person, read from MongoDB by every replica.",
    ["kind"],
)
job_seconds = Histogram("magpie_job_seconds", "The slow half of a job.", ["kind"], buckets=WORK_SECONDS, unit="seconds")
dependency_up = Gauge("magpie_dependency_up", "1 while the server answers.", ["dependency"])
degraded = Gauge(
    "magpie_degraded",
    "1 while a part does not do its work, as the body of /readyz says; by the name of the part.",
    ["part"],
)
certificate_ends = Gauge(
    "magpie_certificate_expiry_timestamp_seconds",
    "When the certificate that an address of MAGPIE_WATCH_CERTIFICATES shows stops being valid, in Unix time.",
    ["address"],
    unit="seconds",
)


@cache
def series(metric: Metric, *labels: str | int) -> Metric:
    """The labelled series, cached: finding a series costs more than counting in it. Only for labels with few values,
    as nothing is ever evicted."""
    return metric.labels(*labels)
