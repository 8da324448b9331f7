"""HTTP in -> use case."""

from __future__ import annotations

from fastapi import APIRouter

from . import (
    attendance,
    board_passes,
    board_plans,
    busy,
    day_changes,
    debriefs,
    forum_files,
    forum_reports,
    forums,
    linked_calendars,
    matches,
    meeting_tools,
    meetings,
    outcomes,
    plans,
    policies,
    profiles,
    registrations,
    rounds,
    schedules,
    slots,
)
from .board import PAGES
from .board import router as pages

__all__ = ["PAGES", "router"]

router = APIRouter()
router.include_router(pages)
router.include_router(board_plans.router)
router.include_router(board_passes.router)
router.include_router(board_passes.pages)
router.include_router(matches.router)
router.include_router(slots.router)
router.include_router(meetings.router)
router.include_router(meeting_tools.router)
router.include_router(attendance.router)
router.include_router(outcomes.router)
router.include_router(debriefs.router)
router.include_router(busy.router)
router.include_router(linked_calendars.router)
router.include_router(profiles.router)
router.include_router(rounds.router)
router.include_router(policies.router)
router.include_router(plans.router)
router.include_router(day_changes.router)
router.include_router(forums.router)
router.include_router(forum_files.router)
router.include_router(registrations.router)
router.include_router(schedules.router)
router.include_router(schedules.feeds)
router.include_router(forum_reports.router)
