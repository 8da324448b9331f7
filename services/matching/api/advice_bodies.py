"""The answer with the advice to a profile's owner."""

from __future__ import annotations

import datetime as dt

from services.chassis.http import Output

from ..domain.advice import Finding
from ..domain.advice_sentences import Lang, count_sentence, first_language, sentence
from ..domain.calendar import ZONES
from ..domain.profile_row import EntryRow
from ..usecases.advise import Advice


class SaidOut(Output):
    """A statement of an offer or a need: its characters in the text, and what they are."""

    start: int
    end: int
    text: str


class FindingOut(Output):
    """One thing that keeps the profile from being found, as a code and as a sentence. `reason`: why a statement weighs
    nothing: introduction, award, negated, ended, wish."""

    code: str
    text: str
    entry_id: str | None = None
    statement: SaidOut | None = None
    reason: str | None = None
    until: dt.datetime | None = None


class CountOut(Output):
    """How many others there are: this many or more, in steps of five up to 50. 0: fewer than five."""

    at_least: int
    text: str


class AdviceOut(Output):
    """What keeps a profile from being found. `fitting`: others that have the minimum score; `near`: that are just below
    it. Neither is there while the profile is not published, or its latest revision is still being read."""

    profile_id: str
    lang: Lang
    findings: list[FindingOut]
    fitting: CountOut | None = None
    near: CountOut | None = None


def advice_out(found: Advice, lang: Lang | None) -> AdviceOut:
    """The advice in a language; without one, in the first of the profile's languages that there is."""
    chosen = lang or first_language(found.row.languages)
    entries = {entry.id: entry for entry in found.row.all_entries()}
    zone = ZONES.get(found.row.country, dt.UTC)
    return AdviceOut(
        profile_id=found.row.id,
        lang=chosen,
        findings=[_finding_out(finding, entries.get(finding.entry or ""), chosen, zone) for finding in found.findings],
        fitting=_count_out("fitting", found.fitting, chosen),
        near=_count_out("near", found.near, chosen),
    )


def _finding_out(finding: Finding, entry: EntryRow | None, lang: Lang, zone: dt.tzinfo) -> FindingOut:
    said = None
    if entry is not None and finding.span is not None:
        start, end = finding.span
        said = SaidOut(start=start, end=end, text=entry.text.text[start:end])
    return FindingOut(
        code=finding.code,
        text=sentence(finding, lang, zone),
        entry_id=finding.entry,
        statement=said,
        reason=finding.reason,
        until=finding.until,
    )


def _count_out(what: str, at_least: int | None, lang: Lang) -> CountOut | None:
    if at_least is None:
        return None
    return CountOut(at_least=at_least, text=count_sentence(what, at_least, lang))
