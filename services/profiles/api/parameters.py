"""Parameters that several routes have."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from schemas.common import Kind

from ..store import SearchFilter

ProfileId = Annotated[str, Path(max_length=64)]
MemberId = Annotated[str, Path(max_length=64)]


class SearchQuery(BaseModel):
    """Query parameters of a search."""

    model_config = ConfigDict(hide_input_in_errors=True)

    country: Literal["KR", "CN"] | None = None
    kind: Kind | None = None
    topic: Annotated[str | None, Field(max_length=64)] = None
    q: Annotated[str | None, Field(max_length=200, description="Words or names, in any language.")] = None
    cursor: Annotated[str | None, Field(max_length=400)] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20

    def search_filter(self) -> SearchFilter:
        """The conditions, without the position in the list."""
        return SearchFilter(country=self.country, kind=self.kind, topic=self.topic, text=self.q)
