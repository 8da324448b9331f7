"""The link of remote meetings: the board asks for it wherever a publication needs it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.matching.board import Place, Wish, forum_page, forum_view
from services.matching.domain.forum_plans.inputs import asked_for
from services.matching.domain.forum_plans.outputs import plan_report, planned_meetings
from services.matching.domain.forum_plans.plan import PlanReport
from services.matching.domain.forums.registration import Delegate, Registration
from services.matching.domain.forums.setup import ForumSetup
from services.matching.domain.scheduling.schedule import Effort, make_schedule
from tests.support.forums import forum_of_2027
from tests.unit.matching.test_board import NOW, ORGANISER, a_forum, a_plan, facts
from tests.unit.matching.test_forum_plans import registration, sources


def remote(id: str) -> Registration:
    return registration(id, delegates=[Delegate(member_id=f"rep-{id}", attendance="remote")])


def page_with(report: PlanReport, mode: str) -> str:
    """The organiser's page of a forum with one draft, read without its meetings."""
    of = facts(forum=a_forum(mode=mode), plans=[a_plan(report=report)])
    return forum_page(Place("en", "../", ORGANISER), forum_view(of, Wish("en"), NOW))


def test_a_plan_of_a_remote_forum_is_published_with_a_link() -> None:
    nowhere: dict[str, list[str]] = {"halls": [], "walks": [], "tables": [], "rooms": [], "talks": []}
    setup = ForumSetup.model_validate(forum_of_2027(mode="remote", **nowhere))
    asked = asked_for(replace(sources(), setup=setup, registrations=[remote("kr"), remote("cn"), remote("zh")]))
    made = make_schedule(asked.problem, seed=1, effort=Effort(steps=200, explain=False))
    report = plan_report(asked, made)
    assert report.online == sum(one.online for one in planned_meetings(asked, made)) == 2 and report.hybrid == 0
    page = page_with(report, "remote")
    assert 'name="link"' in page and "required" in page and '<label for="link-1"' in page


@pytest.mark.parametrize(
    ("online", "hybrid", "mode", "is_asked", "is_required"),
    [
        (0, 0, "hybrid", False, False),
        (2, 0, "hybrid", True, True),
        (None, 1, "onsite", True, True),
        (None, 0, "hybrid", True, False),
        (None, 0, "remote", True, False),
        (None, 0, "onsite", False, False),
    ],
)
def test_a_stored_report_does_not_say_it_so_the_forum_does(
    online: int | None, hybrid: int, mode: str, is_asked: bool, is_required: bool
) -> None:
    stored = (a_plan().report or pytest.fail()).model_dump(exclude={"online"})
    report = PlanReport.model_validate(stored | {"hybrid": hybrid} | ({} if online is None else {"online": online}))
    page = page_with(report, mode)
    assert ('name="link"' in page, "required" in page) == (is_asked, is_required)
