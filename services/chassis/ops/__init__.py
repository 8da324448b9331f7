"""What every process needs to be operated: settings, logs, metrics, health, loops that survive errors."""

from .environment import EnvironmentSettings
from .health import Conditions, Health, Heartbeat
from .kafka_connection import KafkaConnection
from .logs import logger
from .loops import Backoff, retry, run_forever
from .metrics import SECONDS, series
from .settings import ChassisSettings
from .traces import client_span

__all__ = [
    "SECONDS",
    "Backoff",
    "ChassisSettings",
    "Conditions",
    "EnvironmentSettings",
    "Health",
    "Heartbeat",
    "KafkaConnection",
    "client_span",
    "logger",
    "retry",
    "run_forever",
    "series",
]
