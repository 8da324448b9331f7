"""A schedule as a page to read and to print. It needs no script and no other host."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..domain import schedule_words as words
from ..domain.schedule import Schedule

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class ShownZone:
    """A column of local times, and what stands above it."""

    info: ZoneInfo
    words: str


def schedule_page(schedule: Schedule, now: dt.datetime) -> str:
    """The HTML of a schedule."""
    lang = schedule.lang
    return TEMPLATES.get_template("schedule.html").render(
        lang=lang,
        title=title_of(schedule),
        made_at=made_at(schedule, now),
        days=list(schedule.days()),
        zones=shown_zones(schedule),
        who=words.WHO[lang],
        where=words.WHERE[lang],
        online=words.ONLINE[lang],
        nothing=words.NOTHING[lang],
    )


def title_of(schedule: Schedule) -> str:
    """What stands above a schedule."""
    if not schedule.of:
        return words.MY_SCHEDULE[schedule.lang]
    title = words.INTERPRETER_SCHEDULE if schedule.is_interpreters else words.TABLE_SCHEDULE
    return title[schedule.lang].format(schedule.of)


def made_at(schedule: Schedule, now: dt.datetime) -> str:
    """When it was made: a sheet of paper does not know of later changes."""
    city = words.CITIES[schedule.zone.key][schedule.lang]
    return words.MADE_AT[schedule.lang].format(f"{now.astimezone(schedule.zone):%Y-%m-%d %H:%M} ({city})")


def shown_zones(schedule: Schedule) -> list[ShownZone]:
    """Both columns of times, the reader's first."""
    lang = schedule.lang
    return [ShownZone(zone, words.LOCAL_TIME[lang].format(words.CITIES[zone.key][lang])) for zone in schedule.zones]
