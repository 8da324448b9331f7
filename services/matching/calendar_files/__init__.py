"""Calendars as people export them (RFC 5545): expanded in a process of its own, because a file decides how much work it
makes."""

from .reader import MAX_BYTES, TooSlow, read_calendar

__all__ = ["MAX_BYTES", "TooSlow", "read_calendar"]
