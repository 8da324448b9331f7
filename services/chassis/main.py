"""The start of a service's process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from . import rebuild, restate
from .ops import logs
from .service import Service

log = logs.logger(__name__)
COMMANDS = {"restate": restate.command, rebuild.WORD: rebuild.command}


def main(build: Callable[[], Service]) -> None:
    """Builds the service and runs it until SIGINT or SIGTERM, or runs an operator's command: `restate`, or
    what `python -m services.chassis.rebuild` was asked for.
    Exits with 1 where the settings do not allow a start, and says why in a line of the log."""
    # Before anything can fail: whatever reads the logs takes JSON only. `python -m services.profiles` runs the file
    # profiles/__main__.py.
    word = next(iter(sys.argv[1:2]), "")
    # What a command prints is its result; its log goes elsewhere.
    logs.configure(Path(sys.argv[0]).parent.name, "INFO", output=sys.stderr if word in COMMANDS else None)
    try:
        service = build()
    except ValueError as error:  # pydantic's ValidationError is one, too; its text has no values
        reason = f"The service does not start with these settings. {' '.join(str(error).split())}"
        log.error("does_not_start", reason=reason)
        sys.exit(1)
    if word in COMMANDS:
        COMMANDS[word](service, sys.argv[2:])
    else:
        service.run()
