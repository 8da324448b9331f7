"""What every process needs to be operated: settings, logs, metrics, health, loops that survive errors."""

from .health import Health, Heartbeat
from .logs import logger
from .loops import Backoff, retry, run_forever
from .metrics import SECONDS, series
from .settings import ChassisSettings

__all__ = [
    "SECONDS",
    "Backoff",
    "ChassisSettings",
    "Health",
    "Heartbeat",
    "logger",
    "retry",
    "run_forever",
    "series",
]
