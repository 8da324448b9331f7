"""Settings that every service reads from its environment; a service's own settings are a class of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from schemas.envelope import SCHEMA_BASE

from ..model.topic_names import TopicNames
from .environment import EnvironmentSettings
from .kafka_connection import KafkaConnection, Login, Mechanism, Protocol

DEVELOPMENT_SECRET = "magpie-development-secret-that-everyone-knows"


class ChassisSettings(EnvironmentSettings):
    """Environment variables with the prefix `MAGPIE_`. Frozen; read once, in the composition root."""

    model_config = SettingsConfigDict(env_prefix="MAGPIE_", frozen=True, extra="ignore", hide_input_in_errors=True)

    environment: Literal["development", "production"] = "development"
    """`production` refuses tokens signed with the development key."""
    kafka_bootstrap: str = "127.0.0.1:9092"
    kafka_protocol: Protocol = "PLAINTEXT"
    kafka_mechanism: Mechanism = "SCRAM-SHA-512"
    kafka_username: str | None = None
    """With a name the client logs in, by `kafka_mechanism`; for SASL_PLAINTEXT and SASL_SSL."""
    kafka_password: SecretStr | None = None
    kafka_ca_file: Path | None = None
    """Certificates to trust for SSL and SASL_SSL. Default: the system's own."""
    mongo_uri: str = "mongodb://127.0.0.1:27017/?replicaSet=rs0"
    topic_prefix: str = "magpie"
    """Topics are `<prefix>.<aggregates>.v1`, groups `<prefix>.<service>`."""
    schema_base: str = Field(default=SCHEMA_BASE, pattern=r"^https?://[^\s?#\"\\]+[^\s?#\"\\/]$")
    """Below this URI others find the schemas of the events (`ce_dataschema`, `$id`); the same for all services. Each
    service serves its own at `/schemas/`."""
    database_prefix: str = "magpie_"
    http_host: str = "127.0.0.1"
    http_port: int | None = Field(default=None, ge=0, le=65_535)
    """Default: the port of the service."""
    replica: str | None = None
    """A name that is the same after a restart; with it the consumer is a static member of its group."""
    state_dir: Path = Path(".magpie")
    """Where development keeps its signing key."""

    jwks: str | None = None
    """File or URL of the keys (JWKS) that sign tokens. Default: the development key."""
    jwks_cooldown_seconds: float = Field(default=30.0, ge=0.1, le=86_400)
    token_issuer: str = "magpie"
    token_audience: str = "magpie"
    token_org_claim: str = "org"
    token_sub_claim: str = "sub"
    token_leeway_seconds: int = Field(default=60, ge=0, le=600)

    secret_key: SecretStr | None = Field(default=None, min_length=32)
    """Seals page tokens and derives the ids that must not be guessed; the same for all replicas of a service.
    Production needs one of its own; development has a known one."""

    demo_clock: Path | None = None
    """For `make demo`: a file with the seconds by which this installation is ahead of the time of MongoDB. Meetings,
    deadlines and jobs go by that clock, and leases by MongoDB's own. Refused in production."""

    log_level: str = "INFO"
    otlp_endpoint: str | None = None
    """Base address of an OpenTelemetry collector (OTLP over HTTP), http://collector:4318 for example. Default: no
    spans."""
    batch_records: int = Field(default=1000, ge=1, le=1000)
    consumer_session_ms: int = Field(default=6000, ge=6000, le=1_800_000)
    """Another replica reads a killed replica's partitions after this time. Kafka's default minimum."""
    relay_batch: int = Field(default=1000, ge=1, le=2000)
    relay_lease_seconds: float = Field(default=5.0, ge=0.5, le=600)
    relay_aside_seconds: float = Field(default=30.0, ge=0.1, le=3600)
    job_lease_seconds: float = Field(default=8.0, ge=0.5, le=600)
    """Another replica runs a killed replica's jobs after this time. Renewed while the work goes on."""
    command_wait_seconds: float = Field(default=5.0, ge=0.1, le=600)
    max_body_bytes: int = Field(default=256 * 1024, ge=1024, le=64 * 1024 * 1024)
    read_timeout_seconds: float = Field(default=30.0, ge=0.1, le=3600)
    """A connection is closed if the head of a request has not arrived by then, or its body."""
    write_timeout_seconds: float = Field(default=30.0, ge=0.1, le=3600)
    """A connection is closed if its client has read nothing for this long while an answer waits."""
    keep_alive_seconds: int = Field(default=75, ge=1, le=3600)
    """An idle connection is kept open this long."""
    operations_port: int | None = Field(default=None, ge=0, le=65_535)
    """Where `/metrics` and `/docs` are served, and health and `/openapi.json` too. Default: the port of the API + 1000.
    The same port as the API's serves them there; 0 serves neither."""
    watch_certificates: str = ""
    """Addresses, `host:port` with commas between, whose certificates' ends the metrics show; the gateway's for
    example."""
    operations_host: str | None = None
    """Default: the host of the API."""
    rate_per_second: float = Field(default=50.0, ge=0.01, le=1_000_000)
    """Requests per second that one organisation may send to one replica; more are answered 429."""
    rate_burst: int = Field(default=100, ge=1, le=10_000_000)
    """How many requests it may send at once after a pause."""
    requests_per_day: int = Field(default=500_000, ge=1, le=10**12)
    """Requests that one organisation may send to one replica in a day; what is used comes back evenly over the day."""
    reads_at_once: int = Field(default=2, ge=1, le=10_000)
    """Reads of one organisation that a replica works on at the same time; more wait, as many as RATE_BURST."""

    @model_validator(mode="after")
    def _production_has_its_own_secrets(self) -> ChassisSettings:
        if self.environment == "development":
            return self
        needed = {
            "MAGPIE_JWKS is not set: production accepts no development key; name a JWKS file or URL.": self.jwks,
            "MAGPIE_SECRET_KEY is not set: production needs a secret of at least 32 characters.": self.secret_key,
        }
        if missing := [sentence for sentence, value in needed.items() if value is None]:
            raise ValueError(" ".join(missing))
        if self.secret_key and self.secret_key.get_secret_value() == DEVELOPMENT_SECRET:
            raise ValueError("MAGPIE_SECRET_KEY is the development secret, which everyone knows; use one of your own.")
        return self

    @model_validator(mode="after")
    def _production_has_the_true_time(self) -> ChassisSettings:
        if self.environment == "production" and self.demo_clock is not None:
            raise ValueError("MAGPIE_DEMO_CLOCK is set: production goes by the true time alone; take the setting away.")
        return self

    @model_validator(mode="after")
    def _logins_are_whole(self) -> ChassisSettings:
        login = self.kafka_username is not None and self.kafka_password is not None
        if self.kafka_protocol.startswith("SASL") != login:
            raise ValueError(
                "MAGPIE_KAFKA_PROTOCOL, MAGPIE_KAFKA_USERNAME and MAGPIE_KAFKA_PASSWORD belong together: the SASL "
                "protocols need name and password, and the others take none."
            )
        return self

    @property
    def kafka(self) -> KafkaConnection:
        """How Kafka is reached."""
        login = None
        if self.kafka_username is not None and self.kafka_password is not None:
            password = self.kafka_password.get_secret_value()
            login = Login(mechanism=self.kafka_mechanism, username=self.kafka_username, password=password)
        return KafkaConnection(self.kafka_bootstrap, self.kafka_protocol, login, self.kafka_ca_file)

    @property
    def secret(self) -> bytes:
        """The secret key; in development one that everyone knows."""
        return (self.secret_key.get_secret_value() if self.secret_key else DEVELOPMENT_SECRET).encode()

    @property
    def names(self) -> TopicNames:
        """How topics, groups and schemas are named in this installation."""
        return TopicNames(self.topic_prefix, self.schema_base)
