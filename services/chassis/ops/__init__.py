"""What every process needs to be operated: settings, logs, metrics, health, loops that survive errors."""

from .endpoint_settings import BearerKey, EndpointUrl, ModelName, Stripped
from .environment import EnvironmentSettings
from .health import Conditions, Health, Heartbeat
from .kafka_connection import KafkaConnection
from .logs import logger
from .loops import Backoff, Slices, retry, run_forever
from .metrics import SECONDS, series
from .outward import NOT_PUBLIC, REASONS, TOO_LARGE, NotSent, OutwardClient, OutwardOptions, Reply
from .sealing import Sealer, SecretLost
from .settings import ChassisSettings
from .traces import client_span

__all__ = [
    "SECONDS",
    "Backoff",
    "BearerKey",
    "ChassisSettings",
    "Conditions",
    "EndpointUrl",
    "EnvironmentSettings",
    "Health",
    "Heartbeat",
    "KafkaConnection",
    "NOT_PUBLIC",
    "REASONS",
    "TOO_LARGE",
    "NotSent",
    "OutwardClient",
    "OutwardOptions",
    "Reply",
    "Sealer",
    "SecretLost",
    "Slices",
    "client_span",
    "ModelName",
    "Stripped",
    "logger",
    "retry",
    "run_forever",
    "series",
]
