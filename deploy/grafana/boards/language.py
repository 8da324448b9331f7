"""Language: are texts there in the languages of their readers, and what did a check refuse?"""

from __future__ import annotations

from collections.abc import Iterator

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from ..panels import About, Series, bars, board, lines, numbers

RATE = "[$__rate_interval]"
MADE = 'outcome=~"translated|flagged"'
FIGURES = 'check=~"numbers|units|figures_unsure"'


def language() -> Dashboard:
    """The dashboard."""
    about = "Translations by engine and outcome, texts that were translated before, and checks that failed."
    return board("Language", about, (*_outcomes(), *_checks(), *_work()))


def _outcomes() -> Iterator[Builder[Panel]]:
    about = "Texts by engine and outcome, in the time that is shown. `nothing`: no word of the glossary is in the text."
    outcomes = "sum by (engine, outcome) (increase(magpie_translations_total[$__range]))"
    yield bars(About("Translations", "short", about), Series(outcomes, "{{engine}} {{outcome}}"))
    about = "Texts that came with profiles a second: hit, another profile had the text before; miss, it is new."
    cache = Series(f"sum by (cache) (rate(magpie_translation_texts_total{RATE}))", "{{cache}}")
    yield lines(About("Texts by cache", "cps", about), cache)
    about = "The part of the texts that was translated before, in the time that is shown."
    hits = 'sum(increase(magpie_translation_texts_total{cache="hit"}[$__range]))'
    share = f"{hits} / (sum(increase(magpie_translation_texts_total[$__range])) > 0)"
    yield numbers(About("Found in the cache", "percentunit", about), Series(share, "hits"), decimals=1)


def _checks() -> Iterator[Builder[Panel]]:
    about = "Translations a second, by engine and outcome."
    outcomes = Series(f"sum by (engine, outcome) (rate(magpie_translations_total{RATE})) > 0", "{{engine}} {{outcome}}")
    yield lines(About("Translations, rate", "cps", about), outcomes)
    about = "The part of the translations that a check refused; their readers see the original."
    flagged = 'sum by (engine) (increase(magpie_translations_total{outcome="flagged"}[$__range]))'
    all_ = f"sum by (engine) (increase(magpie_translations_total{{{MADE}}}[$__range]))"
    yield numbers(About("Flagged", "percentunit", about), Series(f"{flagged} / ({all_} > 0)", "{{engine}}"), decimals=1)
    about = (
        "Translations with wrong numbers or units, or with figures that could not be compared; and every other check."
    )
    figures = Series(f"sum(increase(magpie_translation_checks_failed_total{{{FIGURES}}}[$__range]))", "figures")
    others = "sum by (check) (increase(magpie_translation_checks_failed_total[$__range])) > 0"
    yield bars(About("Figures and other checks", "short", about), figures, Series(others, "{{check}}"))


def _work() -> Iterator[Builder[Panel]]:
    about = "Texts that wait for their translation."
    due = Series('max by (kind) (magpie_jobs_due{service="translation"})', "{{kind}}")
    yield lines(About("Texts that wait", "short", about), due)
    about = "How long an engine takes for a text, the 95th percentile; `translate` is the work of the engine."
    rate = f'sum by (le, kind) (rate(magpie_job_seconds_bucket{{service="translation"}}{RATE}))'
    yield lines(About("Engine, p95", "s", about), Series(f"histogram_quantile(0.95, {rate})", "{{kind}}"))
    about = "Translations that wait because their organisation has used its characters of the day."
    waits = Series(f"sum(rate(magpie_translation_quota_waits_total{RATE}))", "waits")
    yield lines(About("Over the quota of the day", "cps", about), waits)
