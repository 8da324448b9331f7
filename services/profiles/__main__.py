"""Runs the service: `python -m services.profiles`."""

from services.chassis.main import main
from services.chassis.ops import ChassisSettings

from .app import build
from .settings import ProfilesSettings

main(lambda: build(ChassisSettings(), ProfilesSettings()))
