"""Topic -> use case: what matching listens to."""

from __future__ import annotations

from schemas import profiles
from services.chassis.kafka_in import Projects, Subscription, on

from .store import PROFILES
from .usecases.project_profile import project_profile, reads

SUBSCRIPTIONS = (
    Subscription(
        "profiles",
        routes=(
            *on(*profiles.STATES, handle=project_profile, reads=reads),
            *on(profiles.ProfileErased, handle=project_profile, reads=reads),
        ),
        projects=Projects(PROFILES.name, living={"state": {"$ne": "erased"}}, remembers=("published_at",)),
    ),
)
