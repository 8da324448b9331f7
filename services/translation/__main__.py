"""Runs the service: `python -m services.translation`."""

from services.chassis.main import main
from services.chassis.ops import ChassisSettings

from .app import build
from .settings import TranslationSettings

main(lambda: build(ChassisSettings(), TranslationSettings()))
