"""Every metric of matching beside those of the chassis.

What happened is counted after the commit that it is part of, so nothing is counted twice."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from services.chassis.model import Doc
from services.chassis.ops import REASONS, TOO_LARGE

from .domain.linked_calendar import OWN_REASONS, READ, UNCHANGED

HOUR, DAY = 3600, 86_400
COUNTRIES = ("CN", "KR")
PAIRS = ("CN-CN", "CN-KR", "KR-KR")
OTHER = "other"
MATCH_STAGES = ("proposed", "accepted", "agreed", "declined", "expired", "withdrawn")
CALENDAR_OUTCOMES = (READ, UNCHANGED, *OWN_REASONS, *REASONS, TOO_LARGE)
MEETING_STAGES = ("requested", "booked", "held", "cancelled", "expired")

matches = Counter(
    "magpie_matches_total", "Matches that have reached a stage, by stage and countries.", ["stage", "countries"]
)
meetings = Counter(
    "magpie_meetings_total",
    "Meetings that have reached a stage, by stage and countries; held: booked until its end.",
    ["stage", "countries"],
)
first_proposal = Histogram(
    "magpie_first_proposal_seconds",
    "From the publication of a profile to its first match, by its country.",
    ["country"],
    buckets=(1, 2, 5, 10, 30, 60, 300, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY),
    unit="seconds",
)
booking = Histogram(
    "magpie_booking_seconds",
    "From a match to a meeting that is booked, by countries.",
    ["countries"],
    buckets=(60, 600, HOUR, 6 * HOUR, DAY, 2 * DAY, 4 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY),
    unit="seconds",
)
calendar_readings = Counter(
    "magpie_calendar_readings_total",
    "Readings of linked calendars, by outcome: read, unchanged, or why it failed (busy: its server asked for a pause).",
    ["outcome"],
)
index_profiles = Gauge("magpie_index_profiles", "Profiles in the index of this replica.")
index_lag = Gauge(
    "magpie_index_lag_seconds",
    "How far the index of this replica is behind the database; it grows while the index is loaded.",
    unit="seconds",
)
holiday_table = Gauge("magpie_holiday_table", "1 for the table of holidays that this replica sees.", ["version"])
holiday_table_revision = Gauge("magpie_holiday_table_revision", "How often a table of holidays was loaded.")
holidays_certain_until = Gauge(
    "magpie_holidays_certain_until_timestamp_seconds",
    "From when on, in Unix time, the working days of a country are not announced yet, as far as this replica knows.",
    unit="seconds",
)
for pair in PAIRS:
    for stage in MATCH_STAGES:
        matches.labels(stage, pair)
    for stage in MEETING_STAGES:
        meetings.labels(stage, pair)
    booking.labels(pair)
for country in COUNTRIES:
    first_proposal.labels(country)
for outcome in CALENDAR_OUTCOMES:
    calendar_readings.labels(outcome)


def country_of(country: str) -> str:
    """The label of a country."""
    return country if country in COUNTRIES else OTHER


def pair_of(countries: Iterable[str]) -> str:
    """The label of two countries, whichever comes first."""
    return "-".join(sorted(country_of(country) for country in countries))


def match_event(event_type: str, countries: str) -> None:
    """Counts what happened to a match, if it is a stage; `magpie.match.agreed` is `agreed`."""
    stage = event_type.rpartition(".")[2]
    if stage in MATCH_STAGES:
        matches.labels(stage, countries).inc()


def meeting_event(event_type: str, countries: str) -> None:
    """The same of a meeting."""
    stage = event_type.rpartition(".")[2]
    if stage in MEETING_STAGES:
        meetings.labels(stage, countries).inc()


def calendar_reading(outcome: str) -> None:
    """Counts a reading of a linked calendar."""
    calendar_readings.labels(outcome).inc()


def no_table() -> None:
    """Before it is known which table is loaded."""
    holiday_table.clear()
    holiday_table_revision.set(0)


def table_seen(id: str, doc: Doc | None) -> None:
    """The table as it is stored."""
    no_table()
    if doc is not None:
        holiday_table.labels(doc["version"]).set(1)
        holiday_table_revision.set(doc["revision"])
