"""Parameters that several routes have."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from schemas.common import Kind
from services.chassis.model import Caller

from ..domain.slugs import slug_of
from ..store import SearchFilter

STATES = ("draft", "published", "withdrawn")
ProfileId = Annotated[str, Path(max_length=64)]
MemberId = Annotated[str, Path(max_length=64)]


def _topic(typed: str | None) -> str | None:
    return None if typed is None else slug_of(typed)


class SearchQuery(BaseModel):
    """Query parameters of a search."""

    model_config = ConfigDict(hide_input_in_errors=True)

    owner: Annotated[
        Literal["me"] | None, Field(description="Those of your own organisation, in every state; no one else's.")
    ] = None
    state: Annotated[
        Literal["draft", "published", "withdrawn"] | None, Field(description="Of your own ones: goes with owner=me.")
    ] = None
    country: Literal["KR", "CN"] | None = None
    kind: Kind | None = None
    topic: Annotated[
        str | None, Field(max_length=64, description="Case, width, spaces do not count."), AfterValidator(_topic)
    ] = None
    q: Annotated[str | None, Field(max_length=200, description="Words or names, in any language.")] = None
    cursor: Annotated[str | None, Field(max_length=400)] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20

    @field_validator("state")
    @classmethod
    def _of_ones_own(cls, state: str | None, info: ValidationInfo) -> str | None:
        if state not in (None, "published") and info.data.get("owner") is None:
            raise ValueError("goes with owner=me: of others only what is published is listed")
        return state

    def search_filter(self, caller: Caller, now: dt.datetime) -> SearchFilter:
        """The conditions, without the position in the list."""
        owner = caller.org if self.owner else None
        # A reader's token names an organisation too, and does not own its profiles.
        seen = STATES if owner is not None and caller.owns(owner) else ("published",)
        states = tuple(state for state in seen if self.state in (None, state))
        return SearchFilter(
            now=now, owner=owner, states=states, country=self.country, kind=self.kind, topic=self.topic, text=self.q
        )

    def scope(self, caller: Caller) -> tuple[str, ...]:
        """For whom and for which list a cursor is."""
        wanted = (self.country, self.kind, self.topic, self.q, self.owner, self.state)
        return ("profiles", caller.org, *(value or "" for value in wanted))
