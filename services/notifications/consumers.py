"""Topic -> use case: what notifications listens to."""

from __future__ import annotations

from schemas import matches, meetings, profiles, translations
from services.chassis.records import Handler, Subscription

from .usecases import telling


def _all(handler: Handler, *events: type) -> dict[type, Handler]:
    return dict.fromkeys(events, handler)


SUBSCRIPTIONS = (
    Subscription(
        "profiles",
        handlers=_all(
            telling.keep_profile,
            profiles.ProfileCreated,
            profiles.ProfilePublished,
            profiles.ProfileUpdated,
            profiles.ProfileWithdrawn,
            profiles.ProfileErased,
        ),
        reads=telling.reads_profile,
    ),
    Subscription(
        "matches",
        handlers=_all(
            telling.tell_of_match,
            matches.MatchProposed,
            matches.MatchUpdated,
            matches.MatchAccepted,
            matches.MatchAgreed,
            matches.MatchDeclined,
            matches.MatchExpired,
            matches.MatchWithdrawn,
        ),
        reads=telling.reads_match,
    ),
    Subscription(
        "meetings",
        handlers=_all(
            telling.tell_of_meeting,
            meetings.MeetingRequested,
            meetings.MeetingBooked,
            meetings.MeetingMoveRequested,
            meetings.MeetingRescheduled,
            meetings.MeetingMoveLapsed,
            meetings.MeetingCancelled,
            meetings.MeetingExpired,
            meetings.MeetingConflictDetected,
        ),
        reads=telling.reads_meeting,
    ),
    Subscription(
        "translations",
        handlers=_all(telling.keep_translation, translations.TextTranslated, translations.TextErased),
        reads=telling.reads_translation,
    ),
)
