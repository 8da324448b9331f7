"""What the routes of profiles need from the composition root."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.http import CommandRequest

from .settings import ProfilesSettings


@dataclass(frozen=True)
class Dependencies:
    """Built once by `app.build`; a command finds it as `command.deps`."""

    settings: ProfilesSettings


class Command(CommandRequest[Dependencies]):
    """A request that changes something, in this service."""


class ErasureCommand(CommandRequest[Dependencies]):
    """A request that erases a person's data: operators may too, for a person that has no colleague left."""

    roles = frozenset({"participant", "operator"})
