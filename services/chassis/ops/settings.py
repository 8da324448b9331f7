"""Settings that every service reads from its environment; a service's own settings are a class of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ..model.topic_names import TopicNames


class ChassisSettings(BaseSettings):
    """Environment variables with the prefix `MAGPIE_`. Frozen; read once, in the composition root."""

    model_config = SettingsConfigDict(env_prefix="MAGPIE_", frozen=True, extra="ignore")

    environment: Literal["development", "production"] = "development"
    """`production` refuses tokens signed with the development key."""
    kafka_bootstrap: str = "127.0.0.1:9092"
    mongo_uri: str = "mongodb://127.0.0.1:27017/?replicaSet=rs0"
    topic_prefix: str = "magpie"
    """Topics are `<prefix>.<aggregates>.v1`, groups `<prefix>.<service>`."""
    database_prefix: str = "magpie_"
    http_host: str = "127.0.0.1"
    http_port: int | None = None
    """Default: the port of the service."""
    replica: str | None = None
    """A name that is the same after a restart; with it the consumer is a static member of its group."""
    state_dir: Path = Path(".magpie")
    """Where development keeps its signing key."""

    jwks: str | None = None
    """File or URL of the keys (JWKS) that sign tokens. Default: the development key."""
    jwks_cooldown_seconds: float = 30.0
    token_issuer: str = "magpie"
    token_audience: str = "magpie"
    token_org_claim: str = "org"
    token_sub_claim: str = "sub"
    token_leeway_seconds: int = 60

    log_level: str = "INFO"
    batch_records: int = Field(default=1000, ge=1, le=1000)
    consumer_session_ms: int = 6000
    """Another replica reads a killed replica's partitions after this time. Kafka's default minimum."""
    relay_batch: int = Field(default=1000, ge=1, le=2000)
    relay_lease_seconds: float = 5.0
    relay_aside_seconds: float = 30.0
    job_lease_seconds: float = 8.0
    """Another replica runs a killed replica's jobs after this time. Renewed while the work goes on."""
    command_wait_seconds: float = 5.0
    max_body_bytes: int = 256 * 1024
    read_timeout_seconds: float = 30.0
    """A connection is closed if the head of a request has not arrived by then, or its body."""
    rate_per_second: float = Field(default=200.0, gt=0)
    """Requests per second that one organisation may send to one replica; more are answered 429."""
    rate_burst: int = Field(default=400, ge=1)
    """How many requests it may send at once after a pause."""

    @property
    def names(self) -> TopicNames:
        """How topics and groups are named in this installation."""
        return TopicNames(self.topic_prefix)
