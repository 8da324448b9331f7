"""Runs the service, `python -m services.matching`, or one of its commands: `replay`, `restate`."""

import sys

from services.chassis.main import main
from services.chassis.ops import ChassisSettings

from . import replay
from .app import build
from .settings import MatchingSettings

if sys.argv[1:2] == ["replay"]:
    replay.command(sys.argv[2:])
else:
    main(lambda: build(ChassisSettings(), MatchingSettings()))
