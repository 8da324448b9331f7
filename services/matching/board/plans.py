"""Plans of a forum as the organiser sees them: each against its bound, and what of it could not be placed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ..domain.forum_plans.outputs import help_sentence_of
from ..domain.forum_plans.plan import ForumPlan, Publication
from ..domain.forums.setup import ForumSetup
from ..domain.schedule import Lang, day_name
from ..domain.scheduling.sentences import CAUSE_SENTENCES
from .counts import ForumFacts
from .words import WORDS

MAX_PLANS = 3


@dataclass(frozen=True)
class PlanView:
    """A plan. `percent` of its bound; `causes`: sentences, and for how many pairs; `helps`: what would
    place more; `said`: how far a publication is."""

    number: int
    state: str
    scheduled: int
    bound: int
    percent: int
    is_best: bool
    causes: Sequence[tuple[str, int]]
    helps: Sequence[str]
    said: str
    may_publish: bool
    asks_link: bool
    needs_link: bool
    """Else a link may be left out."""


def plan_views(facts: ForumFacts, lang: Lang) -> list[PlanView]:
    """The last plans, the newest first, and the published one."""
    newest = list(reversed(facts.plans))[:MAX_PLANS]
    published = [plan for plan in facts.plans if plan.state == "published" and plan not in newest][-1:]
    is_going_on = not facts.forum.is_closed and all(plan.state != "publishing" for plan in facts.plans)
    shown = [*newest, *published]
    return [_view(facts, plan, lang, is_going_on=is_going_on) for plan in shown]


def _view(facts: ForumFacts, plan: ForumPlan, lang: Lang, *, is_going_on: bool) -> PlanView:
    report = plan.report
    scheduled, bound = (report.scheduled, report.bound) if report else (plan.placed, plan.pairs)
    causes = report.causes if report else {}
    online = report.online if report else None
    needs_link = bool(report and (online or report.hybrid))
    return PlanView(
        number=plan.number,
        state=WORDS[f"plan_{plan.state}"][lang],
        scheduled=scheduled,
        bound=bound,
        percent=round(100 * scheduled / bound) if bound else 0,
        is_best=bool(report and report.is_best),
        causes=sorted(((_cause(name, lang), count) for name, count in causes.items()), key=lambda one: -one[1]),
        helps=helps_of(plan, facts.forum.setup, lang),
        said=_said(facts.publications.get(plan.id), lang),
        may_publish=plan.state == "draft" and is_going_on,
        asks_link=needs_link or (online is None and facts.forum.setup.takes("remote")),
        needs_link=needs_link,
    )


def helps_of(plan: ForumPlan, setup: ForumSetup, lang: Lang) -> list[str]:
    """What would place more meetings; each was tried."""
    helps = plan.report.helps if plan.report else []
    named = [one.model_copy(update={"date": _day(one.date, lang)}) for one in helps]
    return [help_sentence_of(one, lang, setup) for one in named]


def _day(date: str, lang: Lang) -> str:
    return day_name(dt.date.fromisoformat(date), lang) if date else ""


def _cause(name: str, lang: Lang) -> str:
    known: dict[str, str] = {cause: sentences[lang] for cause, sentences in CAUSE_SENTENCES.items()}
    return known.get(name, name)


def _said(publication: Publication | None, lang: Lang) -> str:
    if publication is None:
        return ""
    return WORDS["plan_said"][lang].format(publication.booked, len(publication.refused))
