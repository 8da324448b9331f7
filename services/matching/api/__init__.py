"""HTTP in -> use case."""

from __future__ import annotations

from fastapi import APIRouter

from . import matches, meetings, profiles

router = APIRouter()
router.include_router(matches.router)
router.include_router(meetings.router)
router.include_router(profiles.router)
