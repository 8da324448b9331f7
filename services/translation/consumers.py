"""Topic -> use case: what translation listens to."""

from __future__ import annotations

from schemas import profiles
from services.chassis.kafka_in import Projects, Subscription, on

from .store import PROFILES
from .usecases.texts import project_erasure, project_profile, reads

SUBSCRIPTIONS = (
    Subscription(
        "profiles",
        routes=(
            *on(*profiles.STATES, handle=project_profile, reads=reads),
            *on(profiles.ProfileErased, handle=project_erasure, reads=reads),
        ),
        # An erased row keeps the owner that a record before the erasure has named.
        projects=Projects(PROFILES.name, living={"state": {"$ne": "erased"}}, remembers=("owner", "former_text_ids")),
    ),
)
