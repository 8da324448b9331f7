"""Bodies of requests and answers about time: busy times, slots, holidays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from schemas.calendars import MAX_DAYS
from services.chassis.commit import Answer
from services.chassis.http import Input, Output
from services.chassis.model import public_text

from ..domain.agenda import Agenda, Busy
from ..domain.busy_entries import MAX_ENTRIES, Skipped
from ..domain.calendar import LENGTH, LIBRARY_VERSION, ZONES, HolidayTable, WorkCalendar
from ..domain.weekly import Hours, Weekday
from ..store import HOLIDAYS_ID

MAX_NAMED = 100
"""Entries that an answer names."""

Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:00"])]
MAX_HOURS = 50
"""Windows of a week, at most."""


class BusyIn(Input):
    """A half-open interval in which a member cannot meet: two instants with a zone, or two dates for whole days, of
    which the last is free again. Without an end a date is one day, and an instant takes no time."""

    start: dt.datetime | dt.date
    end: dt.datetime | dt.date | None = None


class HoursIn(Input):
    """From when until when, on which days of the week, as clocks show it."""

    days: Annotated[list[Weekday], Field(min_length=1, max_length=7)]
    start: Clock
    end: Clock

    def hours(self) -> Hours:
        """As the rule takes them."""
        return Hours(frozenset(self.days), dt.time.fromisoformat(self.start), dt.time.fromisoformat(self.end))


class BusyTimesIn(Input):
    """The complete list: every other time is free. Entries are read one by one (`read_entries`). With `weekly` you can
    meet in these hours alone: every other time of the next 92 days is busy too."""

    busy: Annotated[
        list[Any] | None, Field(max_length=MAX_ENTRIES, json_schema_extra={"items": BusyIn.model_json_schema()})
    ] = None
    weekly: Annotated[list[HoursIn] | None, Field(min_length=1, max_length=MAX_HOURS)] = None

    @model_validator(mode="after")
    def _says_something(self) -> BusyTimesIn:
        if self.busy is None and self.weekly is None:
            raise ValueError("send `busy`, `weekly` or both; an empty list says that you are free")
        return self


class SkippedOut(Output):
    """An entry that was left out, or of which a part was: its place in what was sent, counted from 0, and why."""

    index: int
    reason: str


class BusyTimesOut(Output):
    """The busy times of a member: in order; those that touch are one. `linked`: those of its linked calendar, which
    count too. `skipped`: entries that were left out now, or read in part."""

    member_id: str
    busy: list[Busy]
    linked: list[Busy] = []
    skipped: list[SkippedOut] = []


Year = Annotated[int, Field(ge=2000, le=2199)]


class HolidayIn(Input):
    """A day and whether a country works on it."""

    country: Literal["KR", "CN"]
    date: dt.date
    works: bool


Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"), AfterValidator(public_text)]
"""Events name it, so it is screened as any public text."""


class HolidayTableIn(Input):
    """The complete table, which corrects the calendars of the library. `announced`: years whose official notice it
    contains, so that their slots are not provisional any more. An empty one without a `version` takes it back."""

    version: Version | None
    days: Annotated[list[HolidayIn], Field(max_length=MAX_DAYS)] = []
    announced: dict[
        Literal["KR", "CN"], Annotated[list[Annotated[int, Field(ge=2000, le=2199)]], Field(max_length=50)]
    ] = {}

    @field_validator("days")
    @classmethod
    def _each_once(cls, days: list[HolidayIn]) -> list[HolidayIn]:
        if len({(day.country, day.date) for day in days}) != len(days):
            raise ValueError("names a day of a country twice")
        return days

    @model_validator(mode="after")
    def _is_named(self) -> HolidayTableIn:
        if self.version is None and (self.days or self.announced):
            raise ValueError("corrects something; name its version")
        return self

    def table(self) -> HolidayTable:
        """As it is stored."""
        days: dict[str, dict[str, bool]] = {}
        for day in self.days:
            days.setdefault(day.country, {})[day.date.isoformat()] = day.works
        announced = {str(country): sorted(set(years)) for country, years in self.announced.items()}
        return HolidayTable(id=HOLIDAYS_ID, version=self.version or "", days=days, announced=announced)


class HolidayTableOut(Output):
    """The table that is loaded. `library` is what it corrects."""

    version: str | None
    library: str
    days: list[HolidayIn]
    announced: dict[str, list[int]]


class SlotOut(Output):
    """A free slot, with its start in the local time of each country."""

    start: dt.datetime
    end: dt.datetime
    local: dict[str, str]
    provisional: bool
    """The official calendar of its year has not been published."""


class CalendarOut(Output):
    """By which official calendars slots were found: the library's, and the table of holidays that corrects it."""

    library: str = LIBRARY_VERSION
    version: str | None = None


class SlotPage(Output):
    """Free slots, in order; `next` is the cursor of the following ones."""

    items: list[SlotOut]
    calendar: CalendarOut
    next: str | None = None


def slot_out(start: dt.datetime, calendar: WorkCalendar) -> SlotOut:
    """A slot by its start."""
    local = {country: start.astimezone(zone).isoformat() for country, zone in ZONES.items()}
    provisional = calendar.is_provisional(start.astimezone(ZONES["KR"]).year)
    return SlotOut(start=start, end=start + LENGTH, local=local, provisional=provisional)


def busy_answer(member_id: str, agenda: Agenda, skipped: Sequence[Skipped]) -> Answer:
    """The answer to a change of busy times."""
    left_out = [SkippedOut(index=entry.index, reason=entry.reason) for entry in skipped[:MAX_NAMED]]
    body = BusyTimesOut(member_id=member_id, busy=agenda.busy, linked=agenda.linked, skipped=left_out)
    return Answer.of(body, subject=agenda.id, revision=agenda.revision)


def holiday_table_out(table: HolidayTable) -> HolidayTableOut:
    """The table that is loaded, by country and day."""
    days = [
        HolidayIn.model_validate({"country": country, "date": day, "works": works})
        for country, of in sorted(table.days.items())
        for day, works in sorted(of.items())
    ]
    return HolidayTableOut(version=table.version or None, library=LIBRARY_VERSION, days=days, announced=table.announced)


def holiday_table_answer(table: HolidayTable) -> Answer:
    """The answer to loading a table."""
    return Answer.of(holiday_table_out(table), subject=table.id, revision=table.revision)
