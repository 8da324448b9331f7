"""Runs the service: `python -m services.notifications`."""

from services.chassis.main import main
from services.chassis.ops import ChassisSettings

from .app import build
from .settings import NotificationsSettings

main(lambda: build(ChassisSettings(), NotificationsSettings()))
