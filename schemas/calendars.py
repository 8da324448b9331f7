"""Topic `calendars`: tables of holidays that correct official calendars, as governments announce and change them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from .envelope import Event

HOLIDAYS_ID = "holidays"
"""The key of the only table that there is today."""
MAX_DAYS = 1_000
"""Days of a country in a table, so that a record stays far below the largest one that a topic takes."""
MAX_COUNTRIES = 20


def _must_be_a_date(text: str) -> str:
    dt.date.fromisoformat(text)
    return text


Date = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_must_be_a_date)]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Days = Annotated[dict[Date, bool], Field(max_length=MAX_DAYS)]
Years = Annotated[list[int], Field(max_length=MAX_DAYS)]


class CalendarUpdated(Event):
    """A table of holidays was loaded, whole: what it does not name is as the reader's own calendar says.

    A later table of the same key replaces it; one without days corrects nothing."""

    event_type: ClassVar[str] = "magpie.calendar.updated"
    topic: ClassVar[str] = "calendars"

    calendar_id: Annotated[str, Field(description="The key: `holidays`. A reader ignores keys that it does not know.")]
    version: Annotated[str, Field(max_length=40, description="The name that its loader gave it.")]
    days: Annotated[
        dict[Country, Days],
        Field(max_length=MAX_COUNTRIES, description="By country and date (ISO 8601): whether the day is worked."),
    ] = {}
    announced: Annotated[
        dict[Country, Years],
        Field(max_length=MAX_COUNTRIES, description="By country: years whose official notice the table contains."),
    ] = {}


STATES: tuple[type[CalendarUpdated], ...] = (CalendarUpdated,)
"""All events of the topic."""
