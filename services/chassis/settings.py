"""What every service is told by its environment; a service's own settings are a class of its own beside this."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ChassisSettings(BaseSettings):
    """Prefix `MAGPIE_`. Frozen; read once in the composition root."""

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
    """The service's own port where not given."""
    replica: str | None = None
    """A name that is stable over restarts makes the consumer a static member of its group."""
    state_dir: Path = Path(".magpie")
    """Where development keeps its signing key."""

    jwks: str | None = None
    """File or https URL of the keys that sign tokens; the development key where not given."""
    jwks_cooldown_seconds: float = 30.0
    token_issuer: str = "magpie"
    token_audience: str = "magpie"
    token_org_claim: str = "org"
    token_sub_claim: str = "sub"
    token_leeway_seconds: int = 60

    log_level: str = "INFO"
    batch_records: int = Field(default=1000, ge=1, le=1000)
    consumer_session_ms: int = 6000
    """A killed replica's partitions are read by another after this; Kafka allows no less without being told."""
    relay_batch: int = Field(default=1000, ge=1, le=2000)
    relay_lease_seconds: float = 5.0
    relay_aside_seconds: float = 30.0
    job_lease_seconds: float = 8.0
    """A killed replica's jobs go on after this; it is renewed while the work goes on."""
    command_wait_seconds: float = 5.0
    max_body_bytes: int = 256 * 1024
    read_timeout_seconds: float = 30.0
    """A request whose head has not arrived by then is closed, and so is one whose body has not."""
    rate_per_second: float = Field(default=200.0, gt=0)
    """Requests that one org may make of one replica, over time; more are answered 429."""
    rate_burst: int = Field(default=400, ge=1)
    """How many it may make at once after a pause."""

    def topic(self, aggregates: str) -> str:
        """The full name of a topic of the contract, e.g. `profiles` -> `magpie.profiles.v1`."""
        return f"{self.topic_prefix}.{aggregates}.v1"

    def dead_letters(self, service: str) -> str:
        return f"{self.topic_prefix}.dlq.{service}"

    def retries(self, service: str) -> str:
        return f"{self.topic_prefix}.retry.{service}"

    def group(self, service: str) -> str:
        return f"{self.topic_prefix}.{service}"
