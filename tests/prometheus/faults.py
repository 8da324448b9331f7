"""For each alert: series in which its fault comes and goes. One value a minute, in Prometheus' notation for tests."""

from __future__ import annotations

from dataclasses import dataclass, field

WELL = 700
"""The minute by which all is well again, as the fault came at minute 10 and lasted for one hour."""


@dataclass(frozen=True)
class Fault:
    """`fires` and `clears` are minutes. `also`: alerts that rightly fire with it."""

    series: dict[str, str]
    fires: int = 30
    clears: int = WELL
    also: set[str] = field(default_factory=set)


def gauge(good: str, bad: str, *, minutes: int = 60) -> str:
    """Good, bad from minute 10 on for some minutes, and good again."""
    return f"{good}x9 {bad}x{minutes - 1} {good}x700"


def rising(start: float, by: float, minutes: int) -> str:
    return f"{start:g}+{by:g}x{minutes}"


def counter(normal: float, ill: float, *, minutes: int = 60) -> str:
    """Grows by so much a minute: normally, in the fault, and normally again."""
    first, second = 10 * normal, 10 * normal + minutes * ill
    return f"{rising(0, normal, 9)} {rising(first, ill, minutes - 1)} {rising(second, normal, 1500)}"


def requests(good: tuple[float, float], bad: tuple[float, float], *, minutes: int) -> dict[str, str]:
    name = "magpie_http_requests_total{service='matching', route='/v1/x', method='GET', status='%s'}"
    return {
        name % 200: counter(good[0], bad[0], minutes=minutes),
        name % 500: counter(good[1], bad[1], minutes=minutes),
    }


def histogram(name: str, labels: str, bound: str, *, late: float, minutes: int) -> dict[str, str]:
    """100 observations a minute, of which `late` are beyond the bound during the fault."""
    return {
        f"{name}_bucket{{{labels}, le='{bound}'}}": counter(100, 100 - late, minutes=minutes),
        f"{name}_count{{{labels}}}": counter(100, 100, minutes=minutes),
    }


SLOW = ("magpie_http_request_seconds", "service='profiles', route='/v1/x', method='GET'", "1.0")
NOTICES = ("magpie_notice_seconds", "service='notifications', type='magpie.match.proposed'", "60.0")
OTHERS = ("profiles", "matching", "translation")
UPS = {f"up{{job='magpie', service='{name}', instance='a'}}": "1+0x2000" for name in OTHERS}
LAG = "magpie_consumer_lag_records{group='magpie.matching', topic='magpie.profiles.v1', partition='3'}"
TAKEN = "magpie_records_consumed_total{service='matching', topic='magpie.profiles.v1', type='t', outcome='done'}"
DAY = 86_400

FAULTS: dict[str, Fault] = {
    "ApiErrorBudgetBurnsFast": Fault(
        requests((100, 0), (95, 5), minutes=60), fires=40, clears=200, also={"ApiErrorBudgetBurns"}
    ),
    "ApiErrorBudgetBurns": Fault(requests((100, 0), (99.2, 0.8), minutes=600), fires=500, clears=1100),
    "ApiLatencyBudgetBurnsFast": Fault(
        histogram(*SLOW, late=40, minutes=60), fires=50, clears=200, also={"ApiLatencyBudgetBurns"}
    ),
    "ApiLatencyBudgetBurns": Fault(histogram(*SLOW, late=9, minutes=600), fires=500, clears=1100),
    "MatchNoticesLateFast": Fault(
        histogram(*NOTICES, late=40, minutes=60), fires=50, clears=200, also={"MatchNoticesLate"}
    ),
    "MatchNoticesLate": Fault(histogram(*NOTICES, late=9, minutes=600), fires=500, clears=1100),
    "KafkaGone": Fault({"magpie_dependency_up{service='profiles', dependency='kafka'}": gauge("1+0", "0+0")}),
    "MongoDbGone": Fault({"magpie_dependency_up{service='profiles', dependency='mongodb'}": gauge("1+0", "0+0")}),
    "ReplicaGone": Fault({"up{job='magpie', service='notifications', instance='b'}": gauge("1+0", "0+0")}),
    "ServiceGone": Fault({"up{job='magpie', service='notifications', instance='b'}": "1+0x9 _x59 1+0x700"}),
    "ReplicaFrozen": Fault(
        {"magpie_loop_beat_age_seconds{service='matching', instance='a', loop='consumer'}": gauge("2+0", "70+0")}
    ),
    "PartDegraded": Fault(
        {"magpie_degraded{service='matching', instance='a', part='mirror of profiles'}": gauge("0+0", "1+0")}
    ),
    "ClockIsOff": Fault({"magpie_clock_ahead_seconds{service='matching', instance='a'}": gauge("0+0", "-90+0")}),
    "OutboxStuck": Fault({"magpie_relay_oldest_row_seconds{service='profiles'}": gauge("0+0", "90+0")}),
    "TopicSetAside": Fault({"magpie_relay_topic_set_aside{service='profiles', topic='t'}": gauge("0+0", "1+0")}),
    "ConsumerLagGrows": Fault({LAG: "0+0x9 2000+100x59 0+0x700", TAKEN: "0+10x1000"}),
    "ConsumerStandsStill": Fault({LAG: gauge("0+0", "5+0"), TAKEN: f"{rising(0, 5, 9)} 50+0x59 {rising(50, 5, 700)}"}),
    "ConsumerLagUnknown": Fault({"magpie_consumer_lag_age_seconds{service='profiles'}": gauge("5+0", "300+0")}),
    "EventsAreOld": Fault(
        {
            "magpie_event_age_seconds_bucket{service='matching', type='t', le='30.0'}": counter(100, 10),
            "magpie_event_age_seconds_bucket{service='matching', type='t', le='300.0'}": counter(100, 100),
            "magpie_event_age_seconds_bucket{service='matching', type='t', le='+Inf'}": counter(100, 100),
        }
    ),
    "PartitionPaused": Fault({"magpie_consumer_partitions_paused{service='matching', topic='t'}": gauge("0+0", "1+0")}),
    "RecordsLost": Fault(
        {"magpie_records_lost_total{service='matching', topic='t', reason='retention'}": counter(0, 1)}
    ),
    "DeadLetters": Fault({"magpie_dead_letters_total{service='matching', topic='t', reason='invalid'}": counter(0, 1)}),
    "JobsDead": Fault({"magpie_jobs_dead{service='matching', kind='embed'}": gauge("0+0", "2+0")}),
    "JobsLate": Fault({"magpie_jobs_oldest_due_seconds{service='matching', kind='embed'}": gauge("0+0", "400+0")}),
    "IndexBehind": Fault({"magpie_index_lag_seconds{service='matching', instance='a'}": gauge("0.4+0", "90+0")}),
    "MailsFail": Fault(
        {
            "magpie_deliveries_total{service='notifications', channel='email', result='sent'}": counter(10, 5),
            "magpie_deliveries_total{service='notifications', channel='email', result='failed'}": counter(0, 5),
        },
        fires=60,
    ),
    "WebhooksDisabled": Fault(
        {"magpie_webhooks_disabled_total{service='notifications', reason='exhausted'}": counter(0, 1)}
    ),
    "QuotaReached": Fault({"magpie_quota_refused_total{service='profiles', quota='q'}": counter(0.1, 10)}, fires=60),
    "TranslationQuotaReached": Fault({"magpie_translation_quota_waits_total": counter(0.1, 10)}, fires=60),
    "CertificateEnds": Fault(
        {
            "magpie_certificate_expiry_timestamp_seconds{address='gateway:8443'}": (
                f"{30 * DAY}+0x9 {20 * DAY}+0x200 {400 * DAY}+0x700"
            )
        },
        fires=120,
    ),
    "HolidayTableAgeing": Fault(
        {"magpie_holidays_certain_until_timestamp_seconds": f"{60 * DAY}+0x9 {20 * DAY}+0x200 {400 * DAY}+0x700"},
        fires=120,
    ),
}
