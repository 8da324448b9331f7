"""Topic -> use case: the events that notifications listens to."""

from __future__ import annotations

from schemas import calendars, forums, matches, meetings, profiles, translations
from services.chassis.kafka_in import Projects, Subscription, on

from .store import FORUMS, HOLIDAYS, PROFILES, TRANSLATIONS
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
from .usecases.project_forum import forum_reads, project_forum
from .webhooks.usecases.offer import offering, with_webhooks

SUBSCRIPTIONS = (
    Subscription(
        "profiles",
        routes=(
            *on(*profiles.STATES, handle=offering(PROFILES, project_profile), reads=with_webhooks(profile_reads)),
            *on(profiles.ProfileErased, handle=offering(PROFILES, project_profile), reads=with_webhooks(profile_reads)),
        ),
        projects=Projects(PROFILES.name, living={"state": {"$ne": "erased"}}),
    ),
    Subscription("matches", routes=on(*matches.STATES, handle=notify_of_match, reads=match_reads)),
    Subscription("meetings", routes=on(*meetings.STATES, handle=notify_of_meeting, reads=meeting_reads)),
    Subscription(
        "calendars",
        routes=on(*calendars.STATES, handle=offering(HOLIDAYS, project_holidays), reads=with_webhooks(holiday_reads)),
    ),
    Subscription(
        "forums",
        routes=on(*forums.STATES, handle=offering(FORUMS, project_forum), reads=with_webhooks(forum_reads)),
    ),
    Subscription(
        "translations",
        routes=(
            *on(
                translations.TextTranslated,
                handle=offering(TRANSLATIONS, project_translation),
                reads=with_webhooks(translation_reads),
            ),
            *on(
                translations.TextErased,
                handle=offering(TRANSLATIONS, project_translation),
                reads=with_webhooks(translation_reads),
            ),
        ),
        projects=Projects(TRANSLATIONS.name, living={"made_by": {"$ne": ""}}),
    ),
)
