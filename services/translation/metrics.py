"""Every metric of translation, declared once."""

from __future__ import annotations

from prometheus_client import Counter

quotas = Counter(
    "magpie_translation_quota_waits_total",
    "Translations that wait because their organisation's quota of a day is used.",
)
