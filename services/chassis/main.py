"""The start of a service's process."""

from __future__ import annotations

import sys
from collections.abc import Callable

from .service import Service


def main(build: Callable[[], Service]) -> None:
    """Builds the service and runs it until SIGINT or SIGTERM. Exits with 1 where the settings do not allow a start."""
    try:
        service = build()
    except ValueError as error:  # pydantic's ValidationError is one, too
        sys.exit(f"The service does not start with these settings.\n{error}")
    service.run()
