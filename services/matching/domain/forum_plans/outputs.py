"""What the scheduler answers, by match, place and pseudonym."""

from __future__ import annotations

from ..forums.setup import ForumSetup
from ..scheduling.helps import Help
from ..scheduling.plan import Placement
from ..scheduling.problem import NOWHERE
from ..scheduling.report import Use
from ..scheduling.schedule import Schedule
from ..scheduling.sentences import Lang, help_sentence
from .inputs import Asked, Names
from .plan import Helps, Left, PlannedMeeting, PlanReport, Used


def planned_meetings(asked: Asked, made: Schedule) -> list[PlannedMeeting]:
    """The meetings of a schedule, in order."""
    found = [_meeting(asked, at) for at in made.plan.placements]
    return sorted(found, key=lambda one: (one.start, one.place or "", one.match_id))


def plan_report(asked: Asked, made: Schedule) -> PlanReport:
    """What is said of it."""
    found, problem, names = made.report, asked.problem, asked.names
    return PlanReport(
        scheduled=found.scheduled,
        bound=found.bound.meetings,
        bound_by=found.bound.by,
        bounds={str(name): value for name, value in found.bound.all.items()},
        is_best=found.is_best,
        solver=made.solver,
        by_step=made.by_step,
        musts_missed=sum(wish.must for wish in problem.wishes) - found.quality.musts,
        targets_missed=-found.quality.short,
        without_meeting=-found.quality.lonely,
        gaps=-found.quality.gaps,
        hybrid=found.hybrid,
        online=sum(problem.needs_link(at.wish, at.interpreter) for at in made.plan.placements),
        score=round(found.quality.score / 1000, 3),
        tables={day: _used(use) for day, use in found.tables.items()},
        interpreters={names.interpreters[n]: _used(use) for n, use in found.interpreters.items()},
        left_out=[Left(match_id=names.matches[wish], cause=cause) for wish, cause in found.left_out.items()],
        helps=[_helps(names, help) for help in made.helps],
    )


def help_sentence_of(one: Helps, lang: Lang, setup: ForumSetup) -> str:
    """What would help, as a sentence."""
    names = next((hall.names for hall in setup.halls if hall.id == one.hall), None)
    said = (names.model_dump().get(code) for code in (lang, "en", "ko", "zh")) if names else iter(())
    hall = next(filter(None, said), one.hall)
    first, second = (*one.languages, "", "")[:2]
    help = Help(one.kind, one.more, one.date, 0, (first, second))  # type: ignore[arg-type]
    return help_sentence(help, lang, [hall])


def _meeting(asked: Asked, at: Placement) -> PlannedMeeting:
    names = asked.names
    return PlannedMeeting(
        match_id=names.matches[at.wish],
        sides=names.sides[at.wish],
        start=names.starts[at.slot],
        place=names.places[at.table] if at.table != NOWHERE else None,
        interpreter=names.interpreters[at.interpreter] if at.interpreter != NOWHERE else None,
        online=asked.problem.needs_link(at.wish, at.interpreter),
    )


def _used(use: Use) -> Used:
    return Used(used=use.used, of=use.of)


def _helps(names: Names, help: Help) -> Helps:
    hall = names.halls[help.hall] if help.kind == "table" else ""
    languages = [code for code in help.languages if code]
    return Helps(kind=help.kind, more=help.more, date=help.day, hall=hall, languages=languages)
