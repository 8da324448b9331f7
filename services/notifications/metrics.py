"""All metrics of notifications."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

mails = Counter("magpie_mails_total", "Attempts to hand a mail to the SMTP server, by outcome.", ["outcome"])
streams = Gauge("magpie_inbox_streams", "Streams of inboxes that are open now.")
