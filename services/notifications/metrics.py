"""All metrics of notifications."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

mails = Counter("magpie_mails_total", "Attempts to hand a mail to the SMTP server, by outcome.", ["outcome"])
streams = Gauge("magpie_inbox_streams", "Streams of inboxes that are open now.")
streams_refused = Counter(
    "magpie_inbox_streams_refused_total", "Streams answered 429, by the quota that was reached.", ["quota"]
)
for outcome in ("accepted", "refused", "no_address", "again", "slowed", "unsure"):
    mails.labels(outcome)  # from the start at 0: a rise is only seen from a value that was there before
for quota in ("member", "replica"):
    streams_refused.labels(quota)
