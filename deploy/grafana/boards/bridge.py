"""Bridge: do organisations of the two countries find each other, and how long does it take?"""

from __future__ import annotations

from collections.abc import Iterator

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from services.matching.metrics import MATCH_STAGES, MEETING_STAGES

from ..panels import About, Series, bars, board, lines, numbers, quantiles

ACROSS = 'countries="CN-KR"'
PER_HOUR = 3600


def bridge() -> Dashboard:
    """The dashboard."""
    about = "The way from a profile to a meeting, for both countries. Counts are of the time that is shown."
    return board("Bridge", about, (*_funnel(), *_countries(), *_times()))


def _stages(metric: str, stages: tuple[str, ...]) -> Iterator[Series]:
    for stage in stages:
        yield Series(f'sum(increase({metric}{{stage="{stage}"}}[$__range]))', stage)


def _per_hour(metric: str, by: str, where: str = "") -> Series:
    expr = f"sum by ({by}) (rate({metric}{{{where}}}[$__rate_interval])) * {PER_HOUR}"
    return Series(expr, f"{{{{{by}}}}}")


def _funnel() -> Iterator[Builder[Panel]]:
    published = Series("sum(increase(magpie_profiles_published_total[$__range]))", "published")
    matches = _stages("magpie_matches_total", MATCH_STAGES[:3])
    meetings = _stages("magpie_meetings_total", MEETING_STAGES[:3])
    about = (
        "Profiles published, then matches proposed, accepted by one side and agreed by both, then meetings. A request "
        "by name is accepted from the start, so more can be agreed than accepted."
    )
    yield bars(About("From profile to meeting", "short", about), published, *matches, *meetings)
    about = (
        "How much goes on from each step to the next. A step that falls while others stay is where people leave. A "
        "forum books without a request, so bookings are compared with what is agreed."
    )
    yield bars(About("Goes on to the next step", "percentunit", about), *_conversions(), decimals=1)
    lost_matches = _stages("magpie_matches_total", MATCH_STAGES[3:])
    lost_meetings = (Series(s.expr, f"meeting {s.name}") for s in _stages("magpie_meetings_total", MEETING_STAGES[3:]))
    about = "Matches that were declined, expired or withdrawn, and meetings that were cancelled or not answered."
    yield bars(About("Lost on the way", "short", about), *lost_matches, *lost_meetings)


def _conversions() -> Iterator[Series]:
    steps = (
        ("proposed to agreed", "matches", "agreed", "matches", "proposed"),
        ("agreed to booked", "meetings", "booked", "matches", "agreed"),
        ("booked to held", "meetings", "held", "meetings", "booked"),
    )
    for name, above, reached, below, before in steps:
        share = f'sum(increase(magpie_{above}_total{{stage="{reached}"}}[$__range]))'
        base = f'sum(increase(magpie_{below}_total{{stage="{before}"}}[$__range]))'
        yield Series(f"{share} / ({base} > 0)", name)


def _countries() -> Iterator[Builder[Panel]]:
    about = "Profiles that are public now, by country. The bridge needs both."
    public = Series('max by (country) (magpie_profiles{state="published"})', "{{country}}")
    yield numbers(About("Public profiles", "short", about, width=6), public)
    about = "Profiles made public in an hour, by country."
    yield lines(About("Publications", "short", about, width=6), _per_hour("magpie_profiles_published_total", "country"))
    about = "Matches proposed in an hour, by the countries of the two sides; CN-KR crosses the border."
    proposed = _per_hour("magpie_matches_total", "countries", 'stage="proposed"')
    yield lines(About("Proposals by countries", "short", about, width=6), proposed)
    about = "Meetings booked in an hour, by the countries of the two sides."
    booked = _per_hour("magpie_meetings_total", "countries", 'stage="booked"')
    yield lines(About("Bookings by countries", "short", about, width=6), booked)
    about = "Matches across the border that reached a stage, in an hour."
    yield lines(
        About("Matches across the border", "short", about, width=12), _per_hour("magpie_matches_total", "stage", ACROSS)
    )
    about = "Meetings across the border that reached a stage, in an hour."
    across = _per_hour("magpie_meetings_total", "stage", ACROSS)
    yield lines(About("Meetings across the border", "short", about, width=12), across)


def _times() -> Iterator[Builder[Panel]]:
    about = "From the publication of a profile to its first match, by its country. Seconds, unless no partner is there."
    first = quantiles("magpie_first_proposal_seconds", "country")
    yield lines(About("Time to the first proposal", "s", about), *first)
    about = (
        "From a match to a meeting that is booked, by countries. People take this time, so hours or days are normal."
    )
    yield lines(About("Time to a meeting", "s", about), *quantiles("magpie_booking_seconds", "countries"))
    about = "The part of the events about matches whose notices came later than 60 s; 1 % may."
    hour = Series("magpie:match_notices_late:ratio_rate1h", "last hour")
    now = Series("magpie:match_notices_late:ratio_rate5m", "last 5 minutes")
    yield lines(About("Notices of matches that are late", "percentunit", about), hour, now)
