"""What the routes of matching need beside the chassis."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.http import CommandRequest

from .domain.pair_score import Scorer
from .settings import MatchingSettings


@dataclass(frozen=True)
class Dependencies:
    """Built by the composition root."""

    settings: MatchingSettings
    scorer: Scorer


class Command(CommandRequest[Dependencies]):
    """A request that changes something."""


class OfficialCommand(CommandRequest[Dependencies]):
    """A request that changes something for everybody: organisers and operators do."""

    roles = frozenset({"organiser", "operator"})
