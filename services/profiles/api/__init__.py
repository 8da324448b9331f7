"""HTTP -> use case: the routes of profiles."""

from __future__ import annotations

from fastapi import APIRouter

from . import members, profiles

router = APIRouter()
router.include_router(profiles.router)
router.include_router(members.router)
