"""Topic -> use case: the events that notifications listens to."""

from __future__ import annotations

from schemas import calendars, matches, meetings, profiles, translations
from services.chassis.kafka_in import Projects, Subscription, on

from .store import PROFILES, TRANSLATIONS
from .usecases.holiday_table import holiday_reads, project_holidays
from .usecases.notify import (
    match_reads,
    meeting_reads,
    notify_of_match,
    notify_of_meeting,
    profile_reads,
    project_profile,
    project_translation,
    translation_reads,
)

SUBSCRIPTIONS = (
    Subscription(
        "profiles",
        routes=(
            *on(*profiles.STATES, handle=project_profile, reads=profile_reads),
            *on(profiles.ProfileErased, handle=project_profile, reads=profile_reads),
        ),
        projects=Projects(PROFILES.name, living={"state": {"$ne": "erased"}}),
    ),
    Subscription("matches", routes=on(*matches.STATES, handle=notify_of_match, reads=match_reads)),
    Subscription("meetings", routes=on(*meetings.STATES, handle=notify_of_meeting, reads=meeting_reads)),
    Subscription("calendars", routes=on(*calendars.STATES, handle=project_holidays, reads=holiday_reads)),
    Subscription(
        "translations",
        routes=(
            *on(translations.TextTranslated, handle=project_translation, reads=translation_reads),
            *on(translations.TextErased, handle=project_translation, reads=translation_reads),
        ),
        projects=Projects(TRANSLATIONS.name, living={"made_by": {"$ne": ""}}),
    ),
)
