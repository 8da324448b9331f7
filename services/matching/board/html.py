"""The pages of the board: no script, no other host, one style sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..domain.calendar import ZONES
from ..domain.forums.forum import Forum
from ..domain.schedule import Lang, day_name
from .clock import both_times
from .day import DayView
from .forum import ForumView, Link, name_in
from .plan import PlanPageView
from .words import LANGUAGES, REFUSALS, WORDS

HERE = Path(__file__).parent
STYLE = (HERE / "static" / "board.css").read_text()
DECLINE_REASONS = ("not_relevant", "timing", "already_in_contact", "competitor", "other")
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Place:
    """Where a page stands, and who reads it: `root` is the way up to the board (`../`), `query` what the address asks
    for besides the language."""

    lang: Lang
    root: str = ""
    roles: frozenset[str] = frozenset()
    query: str = ""


def sign_in_page(place: Place, *, is_wrong: bool = False) -> str:
    """Where a token is pasted."""
    return _page("sign_in.html", place, "sign_in", is_wrong=is_wrong)


def enter_page(place: Place, code: str) -> str:
    """Where a link is used by a button: to look at the page uses nothing up."""
    return _page("enter.html", place, "enter", code=code)


def refused_page(place: Place, status: int, detail: str) -> str:
    """Why something was not done, and what to do."""
    if status == 401:
        return sign_in_page(place)
    words = REFUSALS.get(status) or REFUSALS[503 if status >= 500 else 422]
    return _page("refused.html", place, "refused", words=words[place.lang], detail=detail)


def forums_page(place: Place, forums: Sequence[Forum]) -> str:
    """The forums that an organiser may open."""
    shown = [
        (
            forum.id,
            name_in(forum.setup.names, place.lang) or WORDS["forum"][place.lang],
            day_name(dt.date.fromisoformat(forum.setup.days[0].date), place.lang),
            WORDS[forum.state][place.lang],
        )
        for forum in forums
    ]
    return _page("forums.html", place, "forums", forums=shown)


def forum_page(place: Place, view: ForumView, *, is_screen: bool = False) -> str:
    """The organiser's board of a forum."""
    return _page("forum.html", place, "forum", view=view, is_screen=is_screen)


def plan_page(place: Place, view: PlanPageView) -> str:
    """A plan with its meetings, for an organiser."""
    return _page("plan.html", place, "plan", view=view)


def day_page(place: Place, view: DayView) -> str:
    """The participant's board."""
    return _page("day.html", place, "my_day", view=view, reasons=DECLINE_REASONS)


@dataclass(frozen=True)
class MoveView:
    """A meeting to be moved, with whom, and to which starts it can be."""

    id: str
    revision: int
    who: str
    starts: Sequence[dt.datetime]
    country: Literal["KR", "CN"] = "KR"


def move_page(place: Place, view: MoveView) -> str:
    """Where another time is chosen."""
    times = [both_times(start, None, place.lang, ZONES[view.country]) for start in view.starts]
    return _page("move.html", place, "move", view=view, times=times)


def _page(template: str, place: Place, title: str, **values: Any) -> str:
    lang = place.lang
    words: Mapping[str, str] = {name: texts[lang] for name, texts in WORDS.items()}
    languages = [Link(code, name, code == lang) for code, name in LANGUAGES.items()]
    return TEMPLATES.get_template(template).render(
        place=place, lang=lang, root=place.root, title=words[title], w=words, languages=languages, **values
    )
