"""HTTP -> use case: the routes of translation."""

from __future__ import annotations

from fastapi import APIRouter

from . import glossary, texts

router = APIRouter()
router.include_router(texts.router)
router.include_router(glossary.router)
