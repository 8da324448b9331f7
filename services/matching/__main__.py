"""`python -m services.matching`"""

from services.chassis.ops import ChassisSettings

from .app import build
from .settings import MatchingSettings

build(ChassisSettings(), MatchingSettings()).run()
