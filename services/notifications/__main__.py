"""`python -m services.notifications`"""

from services.chassis.settings import ChassisSettings

from .app import build
from .settings import NotificationsSettings

build(ChassisSettings(), NotificationsSettings()).run()
