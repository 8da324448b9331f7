"""What the routes of matching need beside the chassis."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends

from services.chassis.http import CommandRequest, TokenBuckets, provided

from .domain.concepts import Concepts
from .domain.pair_score import Scorer
from .settings import MatchingSettings
from .usecases.advise import Advise


@dataclass(frozen=True)
class Dependencies:
    """Built by the composition root."""

    settings: MatchingSettings
    scorer: Scorer
    advise: Advise
    concepts: Concepts
    secret: bytes
    """Signs what only an installation can make: codes of tables."""
    wrong_links: TokenBuckets = field(default_factory=lambda: TokenBuckets(per_second=5.0, burst=50))
    """Wrong links to the board that this replica answers at once."""


DependenciesDep = Annotated[Dependencies, Depends(provided(Dependencies))]
"""For routes that only read."""


class Command(CommandRequest[Dependencies]):
    """A request that changes something."""


class OfficialCommand(CommandRequest[Dependencies]):
    """A request that changes something for everybody: organisers and operators do."""

    roles = frozenset({"organiser", "operator"})


class SharedCommand(CommandRequest[Dependencies]):
    """A request about a participant, by its own members or by an organiser."""

    roles = frozenset({"participant", "organiser"})


class OrganiserCommand(CommandRequest[Dependencies]):
    """A request that changes what is proposed to everybody: organisers do."""

    roles = frozenset({"organiser"})
