"""HTTP in -> use case."""

from __future__ import annotations

from fastapi import APIRouter

from . import inboxes, recipients, unsubscribing

router = APIRouter()
router.include_router(recipients.router)
router.include_router(inboxes.router)
router.include_router(unsubscribing.router)
