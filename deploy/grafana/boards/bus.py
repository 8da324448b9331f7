"""Bus: do events arrive, how old are they, and what was set aside?"""

from __future__ import annotations

from collections.abc import Iterator

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from ..panels import About, Series, bars, board, lines, numbers, quantiles

RATE = "[$__rate_interval]"


def bus() -> Dashboard:
    """The dashboard."""
    about = (
        "Events on their way: outbox, relay, lag of the readers, age, dead letters, and what the guards turned away."
    )
    return board("Bus", about, (*_out(), *_in(), *_set_aside(), *_guards()))


def _out() -> Iterator[Builder[Panel]]:
    about = "Events that are committed and not sent yet. They grow while Kafka is away, and are sent then."
    yield lines(About("Outbox", "short", about), Series("max by (service) (magpie_outbox_rows)", "{{service}}"))
    about = "Age of the oldest event that is not sent. Above 60 s something stands still."
    yield lines(About("Outbox, oldest", "s", about), Series("service:outbox_oldest_seconds:max", "{{service}}"))
    about = "Events sent a second, by service."
    sent = Series(f"sum by (service) (rate(magpie_relay_rows_total{RATE}))", "{{service}}")
    yield lines(About("Events sent", "cps", about), sent)


def _in() -> Iterator[Builder[Panel]]:
    about = "Records that a group has not read yet, by topic, as the broker says."
    lag = Series("group_topic:consumer_lag_records:sum", "{{group}} {{topic}}")
    yield lines(About("Lag", "short", about), lag)
    about = "Age of events when their effect is committed, by service: the whole way, outbox included."
    yield lines(About("Event age", "s", about), *quantiles("magpie_event_age_seconds", "service"))
    about = "Events that took effect, a second, by type."
    taken = f'sum by (type) (rate(magpie_records_consumed_total{{outcome="done"}}{RATE})) > 0'
    yield lines(About("Events taken", "cps", about), Series(taken, "{{type}}"))
    about = "From the moment a record is in hand until its effect is committed, the 95th percentile by type."
    rate = f"sum by (le, type) (rate(magpie_record_seconds_bucket{RATE}))"
    slow = Series(f"histogram_quantile(0.95, {rate}) > 0", "{{type}}")
    yield lines(About("Handling, p95", "s", about), slow)
    about = "Since the lag was last asked for. One that grows: the panel of the lag is not to be trusted."
    asked = Series("min by (service) (magpie_consumer_lag_age_seconds)", "{{service}}")
    yield lines(About("Age of the lag", "s", about), asked)
    about = "Replicas that relay the outbox of their service: exactly one of each."
    leading = Series("sum by (service) (magpie_relay_leading)", "{{service}}")
    yield numbers(About("Relays", "short", about), leading)


def _set_aside() -> Iterator[Builder[Panel]]:
    about = "Records that could not be taken, in the time that is shown, by topic and why. Zero is good."
    letters = "sum by (service, topic, reason) (increase(magpie_dead_letters_total[$__range])) > 0"
    yield bars(About("Dead letters", "short", about), Series(letters, "{{service}} {{topic}} {{reason}}"))
    about = "Partitions that rest because every record of them fails, and topics that refuse events. Zero is good."
    paused = Series("sum by (service) (magpie_consumer_partitions_paused)", "{{service}} paused")
    aside = Series("sum by (service) (max by (service, topic) (magpie_relay_topic_set_aside))", "{{service}} set aside")
    yield lines(About("Paused and set aside", "short", about), paused, aside)
    about = "Dead letters a second, by service."
    rate = Series(f"sum by (service) (rate(magpie_dead_letters_total{RATE}))", "{{service}}")
    yield lines(About("Dead letters, rate", "cps", about), rate)


def _guards() -> Iterator[Builder[Panel]]:
    about = "Records that came again and were skipped, by what knew them. They grow when replicas start or stop."
    again = Series(
        f"sum by (service, known_by) (rate(magpie_records_repeated_total{RATE}))", "{{service}} {{known_by}}"
    )
    yield lines(About("Repeated records", "cps", about), again)
    about = "Batches that were decided again, by cause. Conflicts are normal where two write one document."
    batches = f"sum by (service, cause) (rate(magpie_batches_decided_again_total{RATE}))"
    yield lines(About("Decided again", "cps", about), Series(batches, "{{service}} {{cause}}"))
    about = "Leases that ran out while they were held: a replica stood still for seconds."
    leases = "sum by (service, lease) (increase(magpie_leases_lost_total[$__range]))"
    yield bars(About("Leases lost", "short", about), Series(leases, "{{service}} {{lease}}"))
