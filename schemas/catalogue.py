"""All events of the contract."""

from __future__ import annotations

from . import calendars, forums, matches, meetings, notifications, outcomes, profiles, translations
from .envelope import Event, Tombstone

_ALL: tuple[type[Event] | type[Tombstone], ...] = (
    *profiles.STATES,
    profiles.ProfileErased,
    *matches.STATES,
    *meetings.STATES,
    *outcomes.STATES,
    *calendars.STATES,
    *forums.STATES,
    translations.TextTranslated,
    translations.TextErased,
    *notifications.STATES,
)

EVENTS: dict[str, type[Event] | type[Tombstone]] = {event.event_type: event for event in _ALL}
"""Each event class by its name on the wire (`ce_type`)."""
