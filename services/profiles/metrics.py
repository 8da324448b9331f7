"""Metrics of profiles beside those of the chassis; `usecases/census.py` counts them.

Every replica counts the same database, so a query takes the maximum over the replicas, not the sum."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

profiles = Gauge("magpie_profiles", "Profiles there are now, by state and country.", ["state", "country"])
published = Counter("magpie_profiles_published_total", "Profiles that were made public, by country.", ["country"])
for country in ("CN", "KR"):
    published.labels(country)
identifiers_to_review = Gauge(
    "magpie_profiles_identifiers_to_review", "Business identifiers that fail their checksum and wait for a person."
)
