"""What became of a match: the steps that its sides report, from the first meeting to an entity in the other country."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from schemas import outcomes as contract
from schemas.outcomes import LADDER
from services.chassis.model import Document, InvalidState

from ..match import Match

BY_MEETINGS = LADDER[:2]
"""Steps that follow from meetings that were held; sides may also report them, for meetings elsewhere."""


class Outcome(Document):
    """The steps that each side reports; the id is that of the match. The aggregate of the topic `outcomes`."""

    parties: list[str]
    countries: str = ""
    """Those of its match; private, for the report."""
    said: dict[str, dict[str, dt.datetime]] = {}
    """By side and step: since when it is said."""

    def sides_of(self, step: str) -> list[str]:
        """Who reports a step, sorted by id."""
        return sorted(side for side, steps in self.said.items() if step in steps)

    @property
    def highest(self) -> str | None:
        """The highest step that any side reports."""
        return next((step for step in reversed(LADDER) if self.sides_of(step)), None)

    @property
    def confirmed(self) -> str | None:
        """The highest step that both sides report."""
        return next((step for step in reversed(LADDER) if self.sides_of(step) == sorted(self.parties)), None)


def outcome_of(match: Match) -> Outcome:
    """Of a match about which no one has reported anything. Raises InvalidState for one that both sides never
    accepted."""
    if len(match.representatives) < len(match.parties):
        raise InvalidState("not-agreed", "Nothing can have come of a match that both sides did not accept.")
    return Outcome(id=match.id, parties=match.parties, countries=match.countries)


def reported(outcome: Outcome, *, side: str, steps: Iterable[str], now: dt.datetime) -> Outcome:
    """With what a side says now, as a whole: a step that it no longer names is taken back."""
    before = outcome.said.get(side, {})
    return _with(outcome, {side: {step: before.get(step, now) for step in LADDER if step in set(steps)}})


def after_meetings(outcome: Outcome, *, sides: Sequence[str], held: int, now: dt.datetime) -> Outcome:
    """After a meeting was held, the match's first or a later one: the sides that were there say so by having been
    there."""
    steps = dict.fromkeys(BY_MEETINGS[:held], now)
    return _with(outcome, {side: {**steps, **outcome.said.get(side, {})} for side in sides})


def _with(outcome: Outcome, said: Mapping[str, dict[str, dt.datetime]]) -> Outcome:
    return outcome.model_copy(update={"said": {**outcome.said, **said}})


def to_event(outcome: Outcome) -> contract.OutcomeReported:
    """The event for the topic."""
    steps = [step for step in LADDER if outcome.sides_of(step)]
    return contract.OutcomeReported(
        match_id=outcome.id,
        parties=outcome.parties,
        steps=[
            contract.Reported(step=step, reported_by=outcome.sides_of(step), since=_since(outcome, step))
            for step in steps
        ],
        highest=outcome.highest,
        confirmed=outcome.confirmed,
    )


def _since(outcome: Outcome, step: str) -> str:
    first = min(steps[step] for steps in outcome.said.values() if step in steps)
    return first.astimezone(dt.UTC).isoformat(timespec="milliseconds")
