"""Runs the service: `python -m services.notifications`."""

from services.chassis.ops import ChassisSettings

from .app import build
from .settings import NotificationsSettings

build(ChassisSettings(), NotificationsSettings()).run()
