"""A forum's report as a page to print, and as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..domain.after import report_words as words
from ..domain.after.forum_report import COUNTRIES, ForumReport
from .page import TEMPLATES

HIDDEN = "–"
BOM = "\ufeff"
"""So that spreadsheets read Korean and Chinese."""


@dataclass(frozen=True)
class ShownTable:
    """A table of the page: its title, what stands above its columns, its rows."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def report_page(report: ForumReport, *, name: str, lang: str) -> str:
    """The HTML of a report, in one language."""
    return TEMPLATES.get_template("report.html").render(
        lang=lang,
        title=words.TITLE[lang].format(name or words.FORUM[lang]),
        privacy=words.PRIVACY[lang].format(report.k),
        tables=list(_tables(report, lang)),
    )


def report_csv(report: ForumReport, *, lang: str) -> str:
    """The same tables, one below the other."""
    target = io.StringIO()
    writer = csv.writer(target)
    for table in _tables(report, lang):
        writer.writerows([[table.title], table.head, *table.rows, []])
    return BOM + target.getvalue()


def _tables(report: ForumReport, lang: str) -> Iterator[ShownTable]:
    names = [words.COUNTRIES[country][lang] for country in COUNTRIES]
    yield ShownTable(
        words.FUNNEL[lang],
        [words.STAGE[lang], words.PAIRS[lang], words.PARTICIPANTS[lang], *names],
        [
            [
                words.STAGES[stage.name][lang],
                "" if stage.name == "registered" else _shown(stage.pairs),
                _shown(stage.participants),
                *(_shown(stage.by_country[country]) for country in COUNTRIES),
            ]
            for stage in report.funnel
        ],
    )
    yield ShownTable(
        words.OUTCOMES[lang],
        [words.STAGE[lang], words.REPORTED[lang], words.CONFIRMED[lang]],
        [[words.STEPS[one.step][lang], _shown(one.reported), _shown(one.confirmed)] for one in report.outcomes],
    )
    yield ShownTable(words.FIGURES[lang], ["", ""], list(_figures(report, lang)))
    if report.tables:
        head = [words.DAY[lang], words.USED[lang], words.OF[lang]]
        yield ShownTable(words.TABLES[lang], head, [[day.date, _shown(day.used), str(day.of)] for day in report.tables])


def _figures(report: ForumReport, lang: str) -> Iterator[tuple[str, str]]:
    yield words.PARITY[lang], _shown(report.parity)
    for country in COUNTRIES:
        yield words.MET_SHARE[lang].format(words.COUNTRIES[country][lang]), _percent(report.met_share[country])
    yield words.EACH[lang], _shown(report.meetings_each)
    yield words.GINI[lang], _shown(report.exposure_gini)
    yield words.NO_SHOWS[lang], _shown(report.no_shows)
    yield words.RELEASED[lang], _shown(report.released)
    yield words.UNKNOWN[lang], _shown(report.unknown)
    yield words.RATINGS[lang], _shown(report.ratings)
    yield words.MEAN[lang], _shown(report.mean_rating)
    yield words.AGAIN[lang], _percent(report.would_meet_again)


def _shown(value: float | None) -> str:
    return HIDDEN if value is None else f"{value:g}"


def _percent(share: float | None) -> str:
    return HIDDEN if share is None else f"{100 * share:.0f} %"
