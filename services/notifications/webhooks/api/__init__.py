"""HTTP -> use case: the routes of webhooks."""

from __future__ import annotations

from .webhooks import router

__all__ = ["router"]
