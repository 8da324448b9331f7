"""Matching as a process that kills itself when a publication, or an offer, has come to a step: `python -m ...
"<step>"`."""

from __future__ import annotations

import sys

from services.chassis.ops import ChassisSettings
from services.matching.app import build
from services.matching.settings import MatchingSettings
from services.matching.usecases import publish_plan
from services.matching.usecases.offer_slots import OfferSlots
from services.matching.usecases.publish_plan import PublishPlan

from .round_victim import kill_after

STEPS = {
    "decided, not committed": ("book", 1),
    "one batch is booked, the next one decided": ("book", 2),
    "read, two are booked": ("read", 2),
    "said, not committed": ("say", 1),
}
"""The method that is called, and after which call of it the process ends."""
OFFER_STEPS = {
    "looked, not offered": ("look", 1),
    "offered, not committed": ("offer", 1),
}


def main() -> None:
    """Serves until the step."""
    vars(publish_plan)["BATCH"] = 4
    if sys.argv[1] in STEPS:
        kill_after(*STEPS[sys.argv[1]], of=PublishPlan)
    if sys.argv[1] in OFFER_STEPS:
        kill_after(*OFFER_STEPS[sys.argv[1]], of=OfferSlots)
    build(ChassisSettings(), MatchingSettings()).run()


if __name__ == "__main__":
    main()
