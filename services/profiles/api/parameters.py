"""Parameters that several routes have."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

ProfileId = Annotated[str, Path(max_length=64)]
MemberId = Annotated[str, Path(max_length=64)]
