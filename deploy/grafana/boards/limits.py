"""Limits: which quotas are reached, what waits for its turn, and what ages."""

from __future__ import annotations

from collections.abc import Iterator

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from ..panels import About, Series, bars, board, lines, numbers

RATE = "[$__rate_interval]"


def limits() -> Dashboard:
    """The dashboard."""
    about = "Quotas and rates that callers reach, jobs that wait, deliveries, and what ages."
    return board("Limits", about, (*_quotas(), *_jobs(), *_deliveries(), *_ageing()))


def _quotas() -> Iterator[Builder[Panel]]:
    about = "Requests refused because a quota is reached, in the time that is shown. README.md lists the quotas."
    quotas = Series("sum by (quota) (increase(magpie_quota_refused_total[$__range])) > 0", "{{quota}}")
    yield bars(About("Quotas reached", "short", about), quotas)
    about = "Requests a second that were refused because their organisation asks too fast (429)."
    limited = Series(f"sum by (service) (rate(magpie_http_rate_limited_total{RATE}))", "{{service}}")
    yield lines(About("Too fast", "reqps", about), limited)
    about = "Streams of inboxes that are open, and those that were refused, a second."
    opened = Series("sum(magpie_inbox_streams)", "open")
    refused = Series(f"sum by (quota) (rate(magpie_inbox_streams_refused_total{RATE}))", "refused: {{quota}}")
    yield lines(About("Inbox streams", "short", about), opened, refused)


def _jobs() -> Iterator[Builder[Panel]]:
    about = "Jobs that could run and wait, by kind."
    due = Series("max by (service, kind) (magpie_jobs_due) > 0", "{{service}} {{kind}}")
    yield lines(About("Jobs that wait", "short", about), due)
    about = "Since when the oldest job could run, by kind. Above 300 s replicas are missing, or a server is slow."
    oldest = Series("max by (service, kind) (magpie_jobs_oldest_due_seconds) > 0", "{{service}} {{kind}}")
    yield lines(About("Jobs, oldest", "s", about), oldest)
    about = "Runs a second, by kind and outcome; `later` is no try, `failed` is tried again."
    runs = Series(f"sum by (kind, outcome) (rate(magpie_jobs_total{RATE})) > 0", "{{kind}} {{outcome}}")
    yield lines(About("Jobs run", "cps", about), runs)
    about = "Jobs that replicas work on now, by kind."
    running = Series("sum by (service, kind) (magpie_jobs_running) > 0", "{{service}} {{kind}}")
    yield lines(About("Jobs under way", "short", about), running)
    about = "The slow half of a job, the 95th percentile by kind."
    rate = f"sum by (le, kind) (rate(magpie_job_seconds_bucket{RATE}))"
    yield lines(About("Jobs, p95", "s", about), Series(f"histogram_quantile(0.95, {rate}) > 0", "{{kind}}"))
    about = "Jobs that failed for the last time and wait for a person. Zero is good."
    yield numbers(About("Dead jobs", "short", about), Series("sum(service_kind:jobs_dead:max)", "dead"))


def _deliveries() -> Iterator[Builder[Panel]]:
    about = "What became of notices, a second, by channel and result."
    sent = Series(f"sum by (channel, result) (rate(magpie_deliveries_total{RATE})) > 0", "{{channel}} {{result}}")
    yield lines(About("Deliveries", "cps", about), sent)
    about = "Attempts to hand a mail to the server, in the time that is shown, by outcome. Empty where mail is off."
    mails = Series("sum by (outcome) (increase(magpie_mails_total[$__range])) > 0", "{{outcome}}")
    yield bars(About("Mails", "short", about), mails)
    about = "How long an attempt to hand over a mail took, the 95th percentile. Empty where mail is off."
    rate = f"sum by (le) (rate(magpie_mail_seconds_bucket{RATE}))"
    yield lines(About("Mail server, p95", "s", about), Series(f"histogram_quantile(0.95, {rate})", "mail"))
    about = "Readings of linked calendars, in the time that is shown, by outcome. `busy`: a server asked for a pause."
    readings = Series("sum by (outcome) (increase(magpie_calendar_readings_total[$__range])) > 0", "{{outcome}}")
    yield bars(About("Linked calendars", "short", about, width=24), readings)


def _ageing() -> Iterator[Builder[Panel]]:
    about = "Until a certificate ends, by address (MAGPIE_WATCH_CERTIFICATES). Below 21 days an alert fires."
    ends = "min by (address) (magpie_certificate_expiry_timestamp_seconds) - time()"
    yield numbers(About("Certificates", "s", about), Series(ends, "{{address}}"))
    about = "Until the working days of a country are not announced yet. Below 30 days an alert fires."
    holidays = "min(magpie_holidays_certain_until_timestamp_seconds) - time()"
    yield numbers(About("Announced working days", "s", about), Series(holidays, "left"))
    about = "How far the clocks of replicas are from MongoDB's. Above a minute tokens may be refused."
    clocks = Series("max by (service, instance) (abs(magpie_clock_ahead_seconds))", "{{service}} {{instance}}")
    yield lines(About("Clocks", "s", about), clocks)
