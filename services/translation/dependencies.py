"""What the routes of translation need from the composition root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from services.chassis.http import CommandRequest, provided

from .usecases.glossary import GlossaryCache


@dataclass(frozen=True)
class Dependencies:
    """Built once by `app.build`; a command finds it as `command.deps`."""

    glossary: GlossaryCache


class Command(CommandRequest[Dependencies]):
    """A request that changes something, in this service: only organisers do."""

    roles = frozenset({"organiser"})


DependenciesDep = Annotated[Dependencies, Depends(provided(Dependencies))]
