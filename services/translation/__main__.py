"""`python -m services.translation`"""

from services.chassis.ops import ChassisSettings

from .app import build
from .settings import TranslationSettings

build(ChassisSettings(), TranslationSettings()).run()
