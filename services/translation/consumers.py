"""Topic -> use case: what translation listens to."""

from __future__ import annotations

from schemas import profiles
from services.chassis.records import Subscription

from .usecases.texts import keep_profile, reads

SUBSCRIPTIONS = (
    Subscription(
        "profiles",
        handlers={
            profiles.ProfileCreated: keep_profile,
            profiles.ProfilePublished: keep_profile,
            profiles.ProfileUpdated: keep_profile,
            profiles.ProfileWithdrawn: keep_profile,
            profiles.ProfileErased: keep_profile,
        },
        reads=reads,
    ),
)
