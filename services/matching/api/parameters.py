"""Parameters that several routes have."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import AfterValidator, Field

from services.chassis.model import opaque, public_text

Id = Annotated[str, Path(max_length=64)]
ProfileQuery = Annotated[str, Query(max_length=64, description="One of your own profiles.")]
ProfileId = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$"), AfterValidator(opaque)]
"""Of a profile that a caller names; exclusions and registrations keep it."""
Cursor = Annotated[str | None, Query(max_length=400)]
LangQuery = Annotated[Literal["ko", "zh", "en"] | None, Query(description="Your language; else one of your profile's.")]
Limit = Annotated[int, Query(ge=1, le=100)]
PolicyName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$"), AfterValidator(public_text)]
"""Events name it, so it is screened as any public text."""
