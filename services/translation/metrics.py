"""Every metric of translation, declared once."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Counter

translations = Counter(
    "magpie_translations_total",
    "Texts that an engine was asked to translate, by engine and outcome: translated, flagged (translated, and a check "
    "failed), nothing (it has none), dropped (no profile has the text any more; it was not asked), corrected by a "
    "person.",
    ["engine", "outcome"],
)
checks_failed = Counter(
    "magpie_translation_checks_failed_total",
    "Checks that translations of an engine have failed, by check: numbers, units and so on. One may fail several.",
    ["check"],
)
texts = Counter(
    "magpie_translation_texts_total",
    "Texts of profiles that came, by cache: hit, another profile had the text, so it is not translated again; miss.",
    ["cache"],
)
for cache in ("hit", "miss"):
    texts.labels(cache)
translations.labels("human", "corrected")
quotas = Counter(
    "magpie_translation_quota_waits_total",
    "Translations that wait because their organisation's quota of a day is used.",
)


def declare_engine(name: str, checks: Iterable[str]) -> None:
    """Makes the series of the engine that is used, and of the checks, exist at 0."""
    for check in checks:
        checks_failed.labels(check)
    for outcome in ("translated", "flagged", "nothing", "dropped"):
        translations.labels(name, outcome)
