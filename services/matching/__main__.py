"""Runs the service: `python -m services.matching`."""

from services.chassis.main import main
from services.chassis.ops import ChassisSettings

from .app import build
from .settings import MatchingSettings

main(lambda: build(ChassisSettings(), MatchingSettings()))
