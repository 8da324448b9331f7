"""What differs between two plans of a forum."""

from __future__ import annotations

from dataclasses import dataclass

from .plan import ForumPlan, PlannedMeeting


@dataclass(frozen=True)
class Differences:
    """From one plan to another: meetings that are new, gone, or elsewhere (before and after)."""

    added: list[PlannedMeeting]
    removed: list[PlannedMeeting]
    moved: list[tuple[PlannedMeeting, PlannedMeeting]]
    same: int


def differences(before: ForumPlan, after: ForumPlan) -> Differences:
    """By match."""
    old = {one.match_id: one for one in before.meetings}
    new = {one.match_id: one for one in after.meetings}
    both = [(old[id], new[id]) for id in new if id in old]
    moved = [(one, other) for one, other in both if one != other]
    return Differences(
        added=[one for id, one in new.items() if id not in old],
        removed=[one for id, one in old.items() if id not in new],
        moved=moved,
        same=len(both) - len(moved),
    )
