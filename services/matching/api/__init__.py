"""HTTP in -> use case."""

from __future__ import annotations

from fastapi import APIRouter

from . import (
    busy,
    forum_files,
    forums,
    matches,
    meetings,
    plans,
    policies,
    profiles,
    registrations,
    rounds,
    slots,
)

router = APIRouter()
router.include_router(matches.router)
router.include_router(slots.router)
router.include_router(meetings.router)
router.include_router(busy.router)
router.include_router(profiles.router)
router.include_router(rounds.router)
router.include_router(policies.router)
router.include_router(plans.router)
router.include_router(forums.router)
router.include_router(forum_files.router)
router.include_router(registrations.router)
