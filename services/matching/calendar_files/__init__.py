"""Calendars as people export them (RFC 5545): expanded in a process of its own, because a file decides how much work it
makes."""

from .reader import MAX_BYTES, read_calendar

__all__ = ["MAX_BYTES", "read_calendar"]
