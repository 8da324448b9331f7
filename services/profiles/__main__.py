"""`python -m services.profiles`"""

from services.chassis.ops import ChassisSettings

from .app import build
from .settings import ProfilesSettings

build(ChassisSettings(), ProfilesSettings()).run()
