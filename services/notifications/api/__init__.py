"""HTTP -> use case: the routes of notifications."""

from __future__ import annotations

from fastapi import APIRouter

from ..webhooks.api import router as webhooks_router
from . import confirm, inboxes, recipients, unsubscribe

router = APIRouter()
router.include_router(recipients.router)
router.include_router(inboxes.router)
router.include_router(unsubscribe.router)
router.include_router(confirm.router)
router.include_router(webhooks_router)
