"""Where people meet: halls with tables and rooms, and how long the walk is between two halls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from schemas.profiles import Names

MAX_HALLS, MAX_TABLES, MAX_ROOMS = 20, 500, 50
"""Of a forum. Tables and rooms are counted in all halls together."""
DEFAULT_WALK_MINUTES = 5
MAX_WALK_MINUTES = 120
PlaceId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,29}$")]
"""The number or the name of a table, a room or a hall as it stands on its sign: `A-12`."""


Moment = Annotated[dt.datetime, AfterValidator(lambda at: at.astimezone(dt.UTC))]
"""An instant, in UTC."""


class Part(BaseModel):
    """Base of the parts of a forum. Frozen."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Hall(Part):
    """A hall, with its name in up to three languages."""

    id: PlaceId
    names: Names = Names()


class Table(Part):
    """A table for one meeting at a time."""

    id: PlaceId
    hall: PlaceId


class Room(Part):
    """A closed room: for talks, and for one meeting at a time while there is no talk in it."""

    id: PlaceId
    hall: PlaceId


class Walk(Part):
    """How long the walk is from one hall to another, and back."""

    halls: tuple[PlaceId, PlaceId]
    minutes: Annotated[int, Field(ge=0, le=MAX_WALK_MINUTES)]


def walking_minutes(walks: Sequence[Walk], one: str, other: str) -> int:
    """Minutes from one hall to another: 0 within a hall, and DEFAULT_WALK_MINUTES where nothing was said."""
    if one == other:
        return 0
    said = (walk.minutes for walk in walks if set(walk.halls) == {one, other})
    return next(said, DEFAULT_WALK_MINUTES)
