"""Topic `outcomes`: what became of an agreed match, step by step, as its sides report it.

The key is the match: a contract is reported about two firms, long after their meetings, and is no state of any of them.
Records hold ids, steps and instants; no texts, and nothing about a person."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from .common import Instant, Part, ProfileId, known
from .envelope import Event

LADDER = ("met", "second_meeting", "nda", "pilot", "contract", "entity")
"""From the first meeting to an entity in the other country; `pilot` is a pilot or a memorandum of understanding."""
Step = Annotated[
    str,
    known(*LADDER),
    Field(description="Step of the ladder: met, second_meeting, nda, pilot (or MOU), contract or entity (set up)."),
]


class Reported(Part):
    """A step of the ladder, and who has reported it."""

    step: Step
    reported_by: Annotated[list[ProfileId], Field(description="The sides that say so, sorted by id.")]
    since: Annotated[Instant, Field(description="Instant of the first report, ISO 8601 UTC.")]


class OutcomeReported(Event):
    """A side has reported a step, or has taken one back; or a meeting of the match took place. It holds all steps that
    are reported now, in the order of the ladder."""

    topic: ClassVar[str] = "outcomes"
    event_type: ClassVar[str] = "magpie.outcome.reported"

    match_id: str
    parties: Annotated[list[ProfileId], Field(description="The two profiles of the match.")]
    steps: list[Reported]
    highest: Annotated[Step | None, Field(description="The highest step that any side reports.")] = None
    confirmed: Annotated[Step | None, Field(description="The highest step that both sides report.")] = None


STATES: tuple[type[OutcomeReported], ...] = (OutcomeReported,)
"""All events of the topic."""
