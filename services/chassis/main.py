"""The start of a service's process."""

from __future__ import annotations

import sys
from collections.abc import Callable

from . import restate
from .service import Service


def main(build: Callable[[], Service]) -> None:
    """Builds the service and runs it until SIGINT or SIGTERM, or runs the operator's command `restate`. Exits with 1
    where the settings do not allow a start."""
    try:
        service = build()
    except ValueError as error:  # pydantic's ValidationError is one, too
        sys.exit(f"The service does not start with these settings.\n{error}")
    if sys.argv[1:2] == ["restate"]:
        restate.command(service, sys.argv[2:])
    else:
        service.run()
