"""Every event of the contract, by its name on the wire."""

from __future__ import annotations

from . import matches, meetings, notifications, profiles, translations
from .envelope import Event, Tombstone

_ALL: tuple[type[Event] | type[Tombstone], ...] = (
    profiles.ProfileCreated,
    profiles.ProfilePublished,
    profiles.ProfileUpdated,
    profiles.ProfileWithdrawn,
    profiles.ProfileErased,
    matches.MatchProposed,
    matches.MatchUpdated,
    matches.MatchAccepted,
    matches.MatchAgreed,
    matches.MatchDeclined,
    matches.MatchExpired,
    matches.MatchWithdrawn,
    meetings.MeetingRequested,
    meetings.MeetingBooked,
    meetings.MeetingMoveRequested,
    meetings.MeetingRescheduled,
    meetings.MeetingMoveLapsed,
    meetings.MeetingCancelled,
    meetings.MeetingExpired,
    meetings.MeetingConflictDetected,
    translations.TextTranslated,
    translations.TextErased,
    notifications.NotificationQueued,
    notifications.NotificationSent,
    notifications.NotificationDeferred,
    notifications.NotificationSuppressed,
    notifications.NotificationFailed,
)

EVENTS: dict[str, type[Event] | type[Tombstone]] = {event.event_type: event for event in _ALL}
