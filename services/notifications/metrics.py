"""All metrics of notifications."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from services.chassis.ops import SECONDS

mails = Counter("magpie_mails_total", "Attempts to hand a mail to the SMTP server, by outcome.", ["outcome"])
mail_seconds = Histogram(
    "magpie_mail_seconds",
    "How long an attempt to hand a mail to the SMTP server took, its turn on the line included.",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60),
    unit="seconds",
)
deliveries = Counter(
    "magpie_deliveries_total",
    "What became of notices, by channel and result. A notice in an inbox is sent at once; a mail is queued, may be "
    "deferred, and ends as one of the other three.",
    ["channel", "result"],
)
notice_seconds = Histogram(
    "magpie_notice_seconds",
    "From an event until its notices are in the inboxes, by event type.",
    ["type"],
    buckets=(*SECONDS, 30, 60, 120, 300, 3600),
    unit="seconds",
)
streams = Gauge("magpie_inbox_streams", "Streams of inboxes that are open now.")
streams_refused = Counter(
    "magpie_inbox_streams_refused_total", "Streams answered 429, by the quota that was reached.", ["quota"]
)
webhook_deliveries = Counter(
    "magpie_webhook_deliveries_total",
    "Attempts to send an event to a webhook, by result: sent, refused (an answer that is no success), erased (its "
    "content was erased before), or why there was no answer.",
    ["result"],
)
webhook_seconds = Histogram(
    "magpie_webhook_seconds",
    "How long an attempt to send an event to a webhook took, from looking up its name to the end of the answer.",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    unit="seconds",
)
webhooks_disabled = Counter("magpie_webhooks_disabled_total", "Webhooks that were disabled, by the reason.", ["reason"])
for outcome in ("accepted", "refused", "no_address", "again", "slowed", "unsure"):
    mails.labels(outcome)  # from the start at 0: a rise is only seen from a value that was there before
for channel in ("inbox", "email"):
    for result in ("queued", "deferred", "sent", "failed", "suppressed"):
        deliveries.labels(channel, result)
for quota in ("member", "replica"):
    streams_refused.labels(quota)
for result in (
    *("sent", "refused", "erased", "secret_lost"),
    *("no_address", "not_public", "timeout", "tls", "connection"),
):
    webhook_deliveries.labels(result)
for reason in ("by_owner", "gone", "exhausted", "backlog_full", "secret_lost"):
    webhooks_disabled.labels(reason)


def declare_notices(event_types: Iterable[str]) -> None:
    """Makes the series of the events that make notices exist at 0."""
    for type_ in event_types:
        notice_seconds.labels(type_)
